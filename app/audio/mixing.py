"""Many channels to one."""

from typing import Final

import numpy as np

from app.audio.resampling import Samples

_OPPOSED: Final = -0.2
"""Correlation with the loudest channel below which one counts as inverted."""


def mono(channels: list[Samples]) -> Samples:
    """The mean of channels of one length, after turning over those that would cancel the loudest one.

    Some recorders store the two sides of a balanced line as left and right: added up they are silence.
    """
    if len(channels) == 1:
        return channels[0]
    energies = [float(np.dot(channel, channel)) for channel in channels]
    loudest = channels[int(np.argmax(energies))]
    loudest_energy = max(energies)
    total = np.zeros_like(loudest)
    for channel, energy in zip(channels, energies, strict=True):
        bound = np.sqrt(energy * loudest_energy)
        opposed = bound > 0 and float(np.dot(channel, loudest)) < _OPPOSED * bound
        total += -channel if opposed else channel
    return np.asarray(total / len(channels), dtype=np.float32)
