"""Sound as the calls carry it: signed 16-bit mono little-endian PCM at 8,000 Hz."""

import io
import wave

import av
import numpy as np

from app.carriers.carrier import SAMPLE_RATE

BYTES_PER_SAMPLE = 2
_BYTES_PER_MS = SAMPLE_RATE * BYTES_PER_SAMPLE // 1000
_MP3_BIT_RATE = 32_000  # bits/s; at 8 kHz mono nothing more is heard


def duration_ms(pcm: bytes) -> int:
    """Length of `pcm`, whole milliseconds rounded to nearest."""
    return bytes_ms(len(pcm))


def bytes_ms(size: int) -> int:
    """How long so many bytes of it play, whole milliseconds rounded to nearest."""
    return round(size / _BYTES_PER_MS)


def silence(ms: int) -> bytes:
    """`ms` milliseconds of digital zero."""
    return bytes(ms * _BYTES_PER_MS)


def join(first: bytes, second: bytes, gap_ms: int = 400) -> bytes:
    """`first`, `gap_ms` of silence, `second`; without the gap when either is empty."""
    if not first or not second:
        return first or second
    return b"".join((first, silence(gap_ms), second))


def wav_bytes(pcm: bytes) -> bytes:
    """`pcm` as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(BYTES_PER_SAMPLE)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm)
    return buffer.getvalue()


def mp3_bytes(pcm: bytes) -> bytes:
    """`pcm` as an MP3 file, 8 kHz mono. Takes some 3 ms for each second of sound: use a thread."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="mono", format="s16p")
        stream.bit_rate = _MP3_BIT_RATE
        samples = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16p", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return buffer.getvalue()
