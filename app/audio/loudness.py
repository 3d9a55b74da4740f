"""Loudness as ITU-R BS.1770-4 defines it, for mono sound at 8 kHz."""

from functools import lru_cache
from math import log10, pi
from typing import Final

import numpy as np
import numpy.typing as npt

from app.carriers.carrier import SAMPLE_RATE

_HOP: Final = SAMPLE_RATE // 10  # blocks of 400 ms that overlap by three quarters
_HOPS_A_BLOCK: Final = 4
_SHORTEST: Final = SAMPLE_RATE // 2
_ABSOLUTE_GATE: Final = -70.0  # LUFS
_RELATIVE_GATE: Final = -10.0  # LU
_OFFSET: Final = -0.691
_RINGING: Final = 4_096  # samples after which the filters' answer to the last sample has died away
_PIECE: Final = (
    16_384  # least time a sample: longer transforms leave the cache, shorter ones are mostly overlap
)
# The filters of Annex 1 as frequency (Hz), quality and gain (dB): the head's shelf and the high-pass. The standard
# prints coefficients for 48 kHz only; these are the analogue prototypes they came from (De Man, 2014).
_SHELF: Final = (1681.974450955533, 0.7071752369554196, 3.999843853973347)
_HIGH_PASS: Final = (38.13547087602444, 0.5003270373238773)


def loudness(samples: npt.NDArray[np.float32]) -> float:
    """Integrated loudness in LUFS of samples with full scale 1.0; -inf for silence.

    Sounds shorter than half a second, which the standard cannot measure, are taken as if they went on repeating.
    """
    if not len(samples):
        return float("-inf")
    if len(samples) < _SHORTEST:
        samples = np.tile(samples, -(-_SHORTEST // len(samples)))
    weighted = _weighted(samples)
    hops = len(weighted) // _HOP
    energy = np.square(weighted[: hops * _HOP].reshape(hops, _HOP)).mean(axis=1, dtype=np.float64)
    blocks = np.convolve(energy, np.full(_HOPS_A_BLOCK, 1 / _HOPS_A_BLOCK), mode="valid")
    heard = blocks[blocks > _power(_ABSOLUTE_GATE)]
    if not len(heard):
        return float("-inf")
    loud = heard[heard > heard.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return _OFFSET + 10 * log10(float(loud.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _weighted(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Both filters at once, through the spectrum, in pieces that overlap by the time the filters ring.

    One transform of ten minutes took 0.6 s and half a gigabyte; pieces take a tenth of both. Single precision, which
    halves them again, is off by less than 0.001 LU.
    """
    size = min(_PIECE, 1 << (len(samples) + _RINGING - 1).bit_length())
    step = size - _RINGING
    count = -(-len(samples) // step)
    padded = np.pad(samples, (_RINGING, count * step - len(samples)))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, size)[::step]
    weighted = np.fft.irfft(np.fft.rfft(pieces, axis=1) * _response(size), size, axis=1)
    return np.asarray(weighted[:, _RINGING:].reshape(-1)[: len(samples)], dtype=np.float32)


@lru_cache(maxsize=4)
def _response(size: int) -> npt.NDArray[np.complex64]:
    """Of the two filters in series, at the frequencies of a real transform of `size` points."""
    back = np.exp(-2j * pi * np.arange(size // 2 + 1) / size)  # one sample of delay
    frequency, quality, gain = _SHELF
    tangent = float(np.tan(pi * frequency / SAMPLE_RATE))
    damping, square = tangent / quality, tangent**2
    top = 10 ** (gain / 20)
    middle = top**0.4996667741545416 * damping
    shelf = _biquad(
        back,
        (top + middle + square, 2 * (square - top), top - middle + square),
        (1 + damping + square, 2 * (square - 1), 1 - damping + square),
    )
    frequency, quality = _HIGH_PASS
    tangent = float(np.tan(pi * frequency / SAMPLE_RATE))
    damping, square = tangent / quality, tangent**2
    lead = 1 + damping + square
    high_pass = _biquad(back, (1.0, -2.0, 1.0), (1.0, 2 * (square - 1) / lead, (1 - damping + square) / lead))
    return np.asarray(shelf * high_pass, dtype=np.complex64)


def _biquad(
    back: npt.NDArray[np.complex128],
    forward: tuple[float, float, float],
    feedback: tuple[float, float, float],
) -> npt.NDArray[np.complex128]:
    above = forward[0] + forward[1] * back + forward[2] * back**2
    below = feedback[0] + feedback[1] * back + feedback[2] * back**2
    return np.asarray(above / below, dtype=np.complex128)
