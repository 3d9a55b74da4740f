"""Any sample rate to 8 kHz without aliasing."""

from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin, kaiserord, upfirdn

from app.carriers.carrier import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

# The telephone band ends at 3,400 Hz and folding starts at 4,000 Hz: the filter falls between the two.
_PASS_HZ: Final = 3_400
_STOP_HZ: Final = 4_000
_STOP_DB: Final = 70.0
# Rates such as 44,101 Hz have no small ratio to 8,000; the nearest one with this denominator is less than one part
# in a million off, which nobody hears and which moves the end of ten minutes by under a millisecond.
_FINEST_RATIO: Final = 1_000


@lru_cache(maxsize=32)
def _plan(rate: int) -> tuple[int, int, Samples]:
    """Up factor, down factor and low-pass of odd length, designed at `rate` times up."""
    ratio = Fraction(SAMPLE_RATE, rate).limit_denominator(_FINEST_RATIO)
    up, down = ratio.numerator, ratio.denominator
    inner = rate * up / 2
    top = min(_STOP_HZ, rate / 2)
    width = top * (1 - _PASS_HZ / _STOP_HZ)
    taps, beta = kaiserord(_STOP_DB, width / inner)
    # Odd and centred on a multiple of `down`, so that its delay is a whole number of output samples.
    half = ceil(taps / 2 / down) * down
    kernel = firwin(2 * half + 1, (top - width / 2) / inner, window=("kaiser", beta)) * up
    return up, down, kernel.astype(np.float32)


class Resampler:
    """Resamples a stream block by block; what comes out does not depend on how it was cut."""

    def __init__(self, rate: int) -> None:
        """Args: rate: of the input, Hz."""
        self._up, self._down, self._kernel = _plan(rate)
        half = len(self._kernel) // 2
        # Input samples that the filter looks at on either side, in whole steps of `down` so that blocks line up.
        self._reach = ceil(ceil(half / self._up) / self._down) * self._down
        self._held: Samples = np.zeros(self._reach, dtype=np.float32)
        self._taken = 0
        self._given = 0

    def push(self, block: Samples) -> Samples:
        """Take more input, give the output that is settled by now (possibly none)."""
        self._taken += len(block)
        held = np.concatenate((self._held, block))
        steps = (len(held) - 2 * self._reach) // self._down
        if steps <= 0:
            self._held = held
            return np.zeros(0, dtype=np.float32)
        self._held = held[steps * self._down :]
        output = self._filter(held[: steps * self._down + 2 * self._reach], steps * self._up)
        self._given += len(output)
        return output

    def finish(self) -> Samples:
        """The rest; the whole output is then input length times 8,000 over the rate, rounded up."""
        wanted = ceil(self._taken * self._up / self._down) - self._given
        if wanted <= 0:
            return np.zeros(0, dtype=np.float32)
        tail = np.zeros(2 * self._reach + self._down, dtype=np.float32)
        return self._filter(np.concatenate((self._held, tail)), wanted)

    def _filter(self, block: Samples, count: int) -> Samples:
        """`count` output samples; the first lies at input sample `reach` of `block`."""
        start = (self._reach * self._up + len(self._kernel) // 2) // self._down
        filtered = upfirdn(self._kernel, block, self._up, self._down)
        return np.asarray(filtered[start : start + count], dtype=np.float32)


def resample(samples: Samples, rate: int) -> Samples:
    """`samples` (mono, full scale 1.0) at `rate` Hz as 8 kHz; unchanged when they are that already."""
    if rate == SAMPLE_RATE:
        return samples
    resampler = Resampler(rate)
    return np.concatenate((resampler.push(samples), resampler.finish()))
