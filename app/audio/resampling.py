"""Any sample rate to 8 kHz without aliasing.

Written on numpy alone: importing scipy's signal package takes 1.5 s, in each decoding process and each speech process.
"""

from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from app.carriers.carrier import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

# The telephone band ends at 3,400 Hz and folding starts at 4,000 Hz: the filter falls between the two.
_PASS_HZ: Final = 3_400
_STOP_HZ: Final = 4_000
_STOP_DB: Final = 70.0
_BETA: Final = 0.1102 * (_STOP_DB - 8.7)  # Kaiser's formulas: shape and length for a given stop band
# Rates such as 44,101 Hz have no small ratio to 8,000; the nearest one with this denominator is some parts in a
# million off, which nobody hears and which moves the end of ten minutes by a few milliseconds.
_FINEST_RATIO: Final = 1_000
# Output samples of one matrix product; each alone took five times as long.
_TOGETHER: Final = 32
_NOTHING: Final = np.zeros(0, dtype=np.float32)


class _Group(NamedTuple):
    """Neighbouring output samples as one matrix product: they share most of the input that they are made of."""

    outputs: slice
    first: int
    kernels: Samples


class _Plan(NamedTuple):
    """A step takes `down` input samples and gives `up`; `reach` more on either side take part."""

    up: int
    down: int
    reach: int
    groups: tuple[_Group, ...]


@lru_cache(maxsize=16)
def _plan(rate: int) -> _Plan:
    ratio = Fraction(SAMPLE_RATE, rate).limit_denominator(_FINEST_RATIO)
    up, down = ratio.numerator, ratio.denominator
    kernel = _low_pass(rate, up)
    half = len(kernel) // 2
    # A step is longer than the input of any product, so that no two windows of one product overlap: a matrix product
    # takes such windows where they lie, and overlapping ones only after they are copied.
    longest = len(kernel) // up + _TOGETHER * down // up + 2
    times = ceil(max(_TOGETHER / up, longest / down))
    groups: list[_Group] = []
    for start in range(0, up * times, _TOGETHER):
        outputs = range(start, min(start + _TOGETHER, up * times))
        firsts = [-((half - output * down) // up) for output in outputs]
        lasts = [(half + output * down) // up for output in outputs]
        kernels = np.zeros((lasts[-1] + 1 - firsts[0], len(outputs)), dtype=np.float32)
        for column, (output, first, last) in enumerate(zip(outputs, firsts, lasts, strict=True)):
            taps = kernel[half + output * down - np.arange(first, last + 1) * up]
            kernels[first - firsts[0] : last + 1 - firsts[0], column] = taps
        groups.append(_Group(slice(outputs.start, outputs.stop), firsts[0], kernels))
    return _Plan(up * times, down * times, half // up + 1, tuple(groups))


def _low_pass(rate: int, up: int) -> npt.NDArray[np.float64]:
    """The filter at `up` times the input's rate, symmetrical about its middle tap."""
    top = min(_STOP_HZ, rate / 2)
    width = top * (1 - _PASS_HZ / _STOP_HZ)
    inner = rate * up
    half = ceil((_STOP_DB - 7.95) / (2.285 * 2 * np.pi * width / inner) / 2)
    cut = 2 * (top - width / 2) / inner
    kernel = np.sinc(cut * np.arange(-half, half + 1)) * np.kaiser(2 * half + 1, _BETA)
    return np.asarray(kernel * (up / kernel.sum()), dtype=np.float64)


class Resampler:
    """Resamples a stream block by block; what comes out does not depend on how it was cut."""

    def __init__(self, rate: int) -> None:
        """Args: rate: of the input, Hz."""
        self._plan = _plan(rate)
        self._held: Samples = np.zeros(self._plan.reach, dtype=np.float32)
        self._taken = 0
        self._given = 0

    def push(self, block: Samples) -> Samples:
        """Take more input, give the output that is settled by now (possibly none)."""
        self._taken += len(block)
        self._held = np.concatenate((self._held, block))
        return self._settled()

    def finish(self, block: Samples = _NOTHING) -> Samples:
        """Take the last of the input, give the rest.

        The whole output is then the input's length times 8,000 over its rate, rounded up.
        """
        self._taken += len(block)
        wanted = ceil(self._taken * self._plan.up / self._plan.down) - self._given
        tail = np.zeros(2 * self._plan.reach + self._plan.down, dtype=np.float32)
        self._held = np.concatenate((self._held, block, tail))
        return self._settled()[:wanted]

    def _settled(self) -> Samples:
        up, down, reach, groups = self._plan
        steps = (len(self._held) - 2 * reach) // down
        if steps <= 0:
            return _NOTHING
        output = np.empty((steps, up), dtype=np.float32)
        for outputs, first, kernels in groups:
            windows = np.lib.stride_tricks.sliding_window_view(self._held, len(kernels))[
                reach + first :: down
            ]
            np.matmul(windows[:steps], kernels, out=output[:, outputs])
        self._held = self._held[steps * down :]
        self._given += steps * up
        return output.reshape(-1)


def resample(samples: Samples, rate: int) -> Samples:
    """`samples` (mono, full scale 1.0) at `rate` Hz as 8 kHz; unchanged when they are that already."""
    return samples if rate == SAMPLE_RATE else Resampler(rate).finish(samples)
