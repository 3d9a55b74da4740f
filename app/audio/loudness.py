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
    blocks = np.convolve(_energies(samples), np.full(_HOPS_A_BLOCK, 1 / _HOPS_A_BLOCK), mode="valid")
    heard = blocks[blocks > _power(_ABSOLUTE_GATE)]
    if not len(heard):
        return float("-inf")
    loud = heard[heard > heard.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return _OFFSET + 10 * log10(float(loud.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _energies(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Mean square of every 100 ms behind both filters, from its own spectrum (Parseval's theorem).

    Filtering the whole took five times as long. Each hop counts as if it went on repeating: speech and tones differ by
    less than 0.01 LU from the filtered whole, tones near 38 Hz, which no telephone carries, by half an LU.
    """
    hops = len(samples) // _HOP
    spectra = np.fft.rfft(samples[: hops * _HOP].reshape(hops, _HOP), axis=1).view(np.float32)
    return np.asarray(np.square(spectra, out=spectra) @ _weights(), dtype=np.float64)


@lru_cache(maxsize=1)
def _weights() -> npt.NDArray[np.float32]:
    """What the squares of a hop's spectrum, real and imaginary parts by turns, add to its mean square."""
    weights = np.abs(_response()) ** 2 * (2 / _HOP**2)
    weights[[0, -1]] /= 2  # the frequencies between them stand for their negative ones as well
    return np.repeat(weights, 2).astype(np.float32)


def _response() -> npt.NDArray[np.complex128]:
    """Of the two filters in series, at the frequencies of a real transform of one hop."""
    back = np.exp(-2j * pi * np.arange(_HOP // 2 + 1) / _HOP)  # one sample of delay
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
    return np.asarray(shelf * high_pass, dtype=np.complex128)


def _biquad(
    back: npt.NDArray[np.complex128],
    forward: tuple[float, float, float],
    feedback: tuple[float, float, float],
) -> npt.NDArray[np.complex128]:
    above = forward[0] + forward[1] * back + forward[2] * back**2
    below = feedback[0] + feedback[1] * back + feedback[2] * back**2
    return np.asarray(above / below, dtype=np.complex128)
