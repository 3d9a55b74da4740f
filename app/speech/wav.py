"""A WAV answer of a speech server as mono 16-bit samples.

Servers that stream write no lengths, or 0xFFFFFFFF; the standard library's reader takes those literally.
"""

import struct
from typing import Final

import numpy as np

_PCM: Final = 1
_EXTENSIBLE: Final = 0xFFFE
_RATES: Final = range(8_000, 192_001)
_MOST_CHANNELS: Final = 8


def mono_pcm(data: bytes) -> tuple[bytes, int]:
    """Signed 16-bit mono little-endian PCM and its rate in Hz.

    Raises:
        ValueError: not a WAV of 16-bit PCM.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        message = "this is no WAV file"
        raise ValueError(message)
    channels = rate = 0
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        place += 8
        if name == b"fmt " and place + 16 <= len(data):
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, place)
            if kind not in {_PCM, _EXTENSIBLE} or bits != 16:
                break
        elif name == b"data":
            return _mixed(data[place : place + size], channels, rate), rate
        place += size + size % 2
    message = "this WAV file holds no 16-bit PCM"
    raise ValueError(message)


def _mixed(body: bytes, channels: int, rate: int) -> bytes:
    if not 1 <= channels <= _MOST_CHANNELS or rate not in _RATES:
        message = f"{channels} channels at {rate} Hz are not read"
        raise ValueError(message)
    whole = body[: len(body) // (2 * channels) * 2 * channels]
    if channels == 1:
        return whole
    samples = np.frombuffer(whole, dtype="<i2").reshape(-1, channels)
    return np.asarray(np.rint(samples.mean(axis=1)), dtype="<i2").tobytes()
