"""Sounds and sound files made on the spot."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FORMATS = {
    "mp3": ("mp3", "libmp3lame", 44_100, "s16p"),
    "wav": ("wav", "pcm_s16le", 44_100, "s16"),
    "ogg": ("ogg", "libopus", 48_000, "s16"),
    "flac": ("flac", "flac", 48_000, "s16"),
    "m4a": ("mp4", "aac", 44_100, "fltp"),
    "amr": ("amr", "libopencore_amrnb", 8_000, "s16"),
}


def melody(seconds: float, rate: int, pitch: float = 440.0) -> np.ndarray:
    """A tone that swells and fades four times a second, as speech does; int16."""
    time = np.arange(int(seconds * rate)) / rate
    return (9000 * np.sin(2 * np.pi * pitch * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))).astype(
        np.int16
    )


def encoded(kind: str, samples: np.ndarray, layout: str = "mono", rate: int | None = None) -> bytes:
    """`samples` (frames, channels) or (frames,) as a file of `kind`."""
    container_format, codec, usual, sample_format = FORMATS[kind]
    rate = rate or usual
    planes = samples.reshape(len(samples), -1)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        converter = av.AudioResampler(format=stream.codec_context.format or sample_format)
        for start in range(0, len(planes), 4_096):
            part = np.ascontiguousarray(planes[start : start + 4_096].reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            for converted in converter.resample(frame):
                container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
