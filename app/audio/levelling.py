"""Loudness, peaks and the silences at both ends."""

from math import log10
from typing import Final

import numpy as np

from app.audio.loudness import loudness
from app.audio.resampling import Samples
from app.carriers.carrier import SAMPLE_RATE

TARGET_LUFS: Final = -16.0
"""Loudness of all that is played, by ITU-R BS.1770-4."""
SILENT_LUFS: Final = -55.0
"""Quieter than this, a recording holds nothing to hear: raising it would only raise its noise."""

_CEILING: Final = np.float32(10 ** (-1.0 / 20))  # -1 dBFS; G.711's 13 bits would make any clipping worse
_STEP: Final = 8  # samples, 1 ms
_LOOK_AHEAD: Final = 8  # steps; a power of two
_PASSES: Final = 5
_CLOSE_ENOUGH_LU: Final = 0.2
# What the limiter may take of the energy, dB, unmeasured: loudness weights no frequency more than 4 dB (2.5 times)
# above the others, so this is never more than `_CLOSE_ENOUGH_LU`, and a second measurement costs as much as the first.
_LITTLE_LOST_DB: Final = 0.08
_FRAME: Final = SAMPLE_RATE // 100  # 10 ms
_QUIET_BELOW_PEAK: Final = 10 ** (-45 / 20)
_FADE: Final = SAMPLE_RATE * 4 // 1000
_RAMP: Final = np.arange(_STEP, dtype=np.float32) / np.float32(_STEP)


def level(samples: Samples) -> Samples:
    """The sound at `TARGET_LUFS`, peaks at most -1 dBFS; silence stays silence.

    Limiting peaks takes loudness away, so gain and limiter are found together; sounds that are nothing but
    peaks (clicks) end below the target rather than clipped.
    """
    gain_db = TARGET_LUFS - loudness(samples)
    if not np.isfinite(gain_db):
        return _limited(samples)
    raised = _raised(samples, gain_db)
    result = _limited(raised)
    if _lost_db(raised, result) <= _LITTLE_LOST_DB:
        return result
    for _ in range(_PASSES):
        miss = TARGET_LUFS - loudness(result)
        if abs(miss) <= _CLOSE_ENOUGH_LU:
            break
        gain_db += miss
        result = _limited(_raised(samples, gain_db))
    return result


def peak(samples: Samples) -> float:
    """The greatest magnitude; 0 when there are no samples."""
    return float(max(samples.max(), -samples.min())) if len(samples) else 0.0


def _raised(samples: Samples, gain_db: float) -> Samples:
    return samples * np.float32(10 ** (gain_db / 20))


def _lost_db(before: Samples, after: Samples) -> float:
    """How much less energy the second has, dB."""
    return 10 * log10(float(np.dot(before, before)) / float(np.dot(after, after)))


def _limited(samples: Samples) -> Samples:
    """Peaks held under the ceiling by a gain that moves over 8 ms, so that it is not heard as distortion."""
    if peak(samples) <= _CEILING:
        return samples
    whole = np.pad(samples, (0, -len(samples) % _STEP))
    seams = _gains(_loudest(whole))
    gain = (seams[:-1, None] + np.diff(seams)[:, None] * _RAMP).reshape(-1)
    return np.asarray((whole * gain)[: len(samples)], dtype=np.float32)


def _loudest(samples: Samples) -> Samples:
    """The greatest magnitude in each step."""
    peaks = np.abs(samples)
    reached = 1
    while reached < _STEP:
        peaks = np.maximum(peaks[::2], peaks[1::2])
        reached *= 2
    return peaks


def _gains(peaks: Samples) -> Samples:
    """Gains at the seams of steps with these peaks, between which they may be drawn straight.

    Each is the mean of minima that all take in the steps on both sides of the seam, so nothing passes the ceiling.
    """
    needed = _CEILING / np.maximum(peaks, _CEILING)
    around = _LOOK_AHEAD + _LOOK_AHEAD // 2
    held = _over(np.pad(needed, (around, around - 1), mode="edge"), 2 * _LOOK_AHEAD, np.minimum)
    return np.asarray(_over(held, _LOOK_AHEAD, np.add) / np.float32(_LOOK_AHEAD), dtype=np.float32)


def _over(values: Samples, width: int, combine: np.ufunc) -> Samples:
    """`combine` over every `width` neighbours, a power of two, by doubling: a few passes instead of running sums."""
    reached = 1
    while reached < width:
        values = combine(values[:-reached], values[reached:])
        reached *= 2
    return values


def sounding(samples: Samples) -> slice:
    """From the first to the last 10 ms frame that is within 45 dB of the loudest; empty for silence."""
    frames = len(samples) // _FRAME
    whole = samples[: frames * _FRAME].reshape(frames, _FRAME)
    energy = np.einsum("ij,ij->i", whole, whole)
    if not frames or not float(energy.max()):
        return slice(0, len(samples) if peak(samples) else 0)
    heard = np.flatnonzero(energy > energy.max() * _QUIET_BELOW_PEAK**2)
    end = len(samples) if heard[-1] == frames - 1 else (int(heard[-1]) + 1) * _FRAME
    return slice(int(heard[0]) * _FRAME, end)


def with_silent_ends(samples: Samples, ms: int) -> Samples:
    """The sounding part, faded over 4 ms, with exactly `ms` milliseconds of digital zero at both ends."""
    body = samples[sounding(samples)]
    silent = SAMPLE_RATE * ms // 1000
    result = np.zeros(len(body) + 2 * silent, dtype=np.float32)
    result[silent : silent + len(body)] = body
    fade = min(_FADE, len(body) // 2)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        result[silent : silent + fade] *= ramp
        result[silent + len(body) - fade : silent + len(body)] *= ramp[::-1]
    return result


def without_long_ends(samples: Samples, keep_ms: int) -> Samples:
    """The sounding part with what was recorded around it, at most `keep_ms` milliseconds on either side."""
    part = sounding(samples)
    keep = SAMPLE_RATE * keep_ms // 1000
    return samples[max(0, part.start - keep) : part.stop + keep]


def to_pcm(samples: Samples) -> bytes:
    """Full scale 1.0 to signed 16 bits, little endian."""
    scaled = samples * np.float32(32767.0)
    np.rint(scaled, out=scaled)
    np.clip(scaled, -32768, 32767, out=scaled)
    return scaled.astype("<i2").tobytes()


def from_pcm(pcm: bytes) -> Samples:
    """Signed 16 bits, little endian, to full scale 1.0."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    samples *= np.float32(1 / 32767.0)
    return samples
