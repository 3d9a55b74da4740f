"""From the bytes of a sound file to levelled mono samples at 8 kHz. Runs in the decoding process only."""

import io
from collections.abc import Iterator
from typing import Any, Final

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from app.audio.containers import breaks_off, looks_like_audio, promised_seconds
from app.audio.levelling import SILENT_LUFS, level, without_long_ends
from app.audio.loudness import loudness
from app.audio.mixing import mono
from app.audio.resampling import Resampler, Samples
from app.carriers.carrier import SAMPLE_RATE

_FORMAT_NAMES: Final = frozenset(
    {"mp3", "wav", "ogg", "flac", "mov,mp4,m4a,3gp,3g2,mj2", "aac", "amr", "amrnb", "amrwb"}
)
_FORMATS: Final = ",".join(_FORMAT_NAMES)
# Nothing but the bytes in hand: without protocols, a file cannot make the decoder open another one or a URL.
_OPTIONS: Final = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
_RATES: Final = range(4_000, 192_001)
_MOST_CHANNELS: Final = 8
_KEPT_SILENCE_MS: Final = 200
_BAD_PACKETS: Final = 3
_BAD_SHARE: Final = 0.05
_LEAST_OF_PROMISED: Final = 0.95
_BLOCK_SECONDS: Final = 2
_AMR_DECODERS: Final = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}


class UnreadableError(Exception):
    """The sound cannot be taken.

    Attributes:
        code: one of those that `app.audio.decoding` has a sentence for.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def read_sound(file: io.BytesIO, longest_seconds: int) -> Samples:
    """The sound in `file`, without long silence at its ends, at the loudness of speech.

    Raises:
        UnreadableError: not audio, damaged, broken off, silent, or longer than `longest_seconds`.
    """
    av.logging.set_level(av.logging.PANIC)
    data = file.getvalue()
    if looks_like_audio(data) and breaks_off(data):
        raise UnreadableError("broken_audio")
    channels = _decoded(file, longest_seconds)
    seconds = len(channels[0]) / SAMPLE_RATE
    promised = promised_seconds(data)
    if not seconds or (promised and seconds < promised * _LEAST_OF_PROMISED - 0.1):
        raise UnreadableError("broken_audio")
    sound = mono(channels)
    sound = np.asarray(sound - sound.mean(), dtype=np.float32)
    if loudness(sound) < SILENT_LUFS:
        raise UnreadableError("silent_audio")
    return level(without_long_ends(sound, _KEPT_SILENCE_MS))


def _decoded(file: io.BytesIO, longest_seconds: int) -> list[Samples]:
    """Every channel at 8 kHz."""
    unreadable = "broken_audio" if looks_like_audio(file.getvalue()) else "unsupported_audio"
    try:
        with av.open(file, options=_OPTIONS) as container:
            if container.format.name not in _FORMAT_NAMES:
                raise UnreadableError("unsupported_audio")
            stream = next(iter(container.streams.audio), None)
            if stream is None or stream.codec_context is None:
                raise UnreadableError("unsupported_audio")
            return _resampled(_frames(container, stream), longest_seconds)
    except FFmpegError as error:
        raise UnreadableError(unreadable) from error


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """The stream's frames as planar floats; a few damaged packets are passed over, many are an error."""
    converter = AudioResampler(format="fltp")
    decoder = _decoder(stream)
    bad = 0
    for packets, packet in enumerate(container.demux(stream), start=1):
        try:
            for frame in decoder.decode(packet if packet.size else None):
                yield from converter.resample(frame)
        except FFmpegError as error:
            bad += 1
            if bad > max(_BAD_PACKETS, packets * _BAD_SHARE):
                raise UnreadableError("broken_audio") from error


def _decoder(stream: Any) -> Any:
    """The stream's decoder; for AMR the one that knows the pauses that phones send as "no data"."""
    name = stream.codec_context.codec.name
    if name not in _AMR_DECODERS:
        return stream.codec_context
    decoder: Any = av.CodecContext.create(_AMR_DECODERS[name], "r")
    decoder.sample_rate, decoder.layout = stream.codec_context.sample_rate, stream.codec_context.layout
    return decoder


def _resampled(frames: Iterator[Any], longest_seconds: int) -> list[Samples]:
    first = next(frames, None)
    if first is None:
        raise UnreadableError("broken_audio")
    rate, count = first.sample_rate, first.layout.nb_channels
    if rate not in _RATES or not 1 <= count <= _MOST_CHANNELS:
        raise UnreadableError("unsupported_audio")
    resamplers = [Resampler(rate) for _ in range(count)]
    done: list[list[Samples]] = [[] for _ in range(count)]
    total = 0
    for block in _blocks(first, frames, rate * _BLOCK_SECONDS):
        if len(block) != count:
            raise UnreadableError("broken_audio")
        total += block.shape[1]
        if total > longest_seconds * rate:
            raise UnreadableError("audio_too_long")
        for channel, resampler in enumerate(resamplers):
            done[channel].append(resampler.push(block[channel]))
    for channel, resampler in enumerate(resamplers):
        done[channel].append(resampler.finish())
    return [np.concatenate(parts) for parts in done]


def _blocks(first: Any, frames: Iterator[Any], size: int) -> Iterator[Any]:
    """Frames gathered to arrays of (channels, at least `size` samples); the last may be shorter."""
    gathered = [first.to_ndarray()]
    length = gathered[0].shape[1]
    for frame in frames:
        if frame.sample_rate != first.sample_rate or frame.layout.nb_channels != first.layout.nb_channels:
            raise UnreadableError("broken_audio")
        gathered.append(frame.to_ndarray())
        length += frame.samples
        if length >= size:
            yield np.concatenate(gathered, axis=1)
            gathered, length = [], 0
    if gathered:
        yield np.concatenate(gathered, axis=1)
