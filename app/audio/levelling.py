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

_CEILING: Final = 10 ** (-1.0 / 20)  # -1 dBFS; G.711's 13 bits would make any clipping worse
_LOOK_AHEAD: Final = 64  # samples, 8 ms; a power of two
_PASSES: Final = 5
_CLOSE_ENOUGH_LU: Final = 0.2
# What the limiter may take of the energy, dB, unmeasured: loudness weights no frequency more than 4 dB (2.5 times)
# above the others, so this is never more than `_CLOSE_ENOUGH_LU`, and a second measurement costs as much as the first.
_LITTLE_LOST_DB: Final = 0.08
_FRAME: Final = SAMPLE_RATE // 100  # 10 ms
_QUIET_BELOW_PEAK: Final = 10 ** (-45 / 20)
_FADE: Final = SAMPLE_RATE * 4 // 1000


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


def _raised(samples: Samples, gain_db: float) -> Samples:
    return samples * np.float32(10 ** (gain_db / 20))


def _lost_db(before: Samples, after: Samples) -> float:
    """How much less energy the second has, dB."""
    return 10 * log10(float(np.dot(before, before)) / float(np.dot(after, after)))


def _limited(samples: Samples) -> Samples:
    """Peaks held under the ceiling by a gain that moves over 8 ms, so that it is not heard as distortion."""
    peaks = np.abs(samples)
    if not len(samples) or float(peaks.max()) <= _CEILING:
        return samples
    needed = np.minimum(1.0, _CEILING / np.maximum(peaks, _CEILING))
    held = _over(np.pad(needed, (_LOOK_AHEAD, _LOOK_AHEAD - 1), mode="edge"), 2 * _LOOK_AHEAD, np.minimum)
    summed = _over(np.pad(held, (_LOOK_AHEAD // 2, _LOOK_AHEAD // 2 - 1), mode="edge"), _LOOK_AHEAD, np.add)
    return np.asarray(samples * np.minimum(summed / np.float32(_LOOK_AHEAD), needed), dtype=np.float32)


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
    power = np.sqrt(np.mean(np.square(whole), axis=1)) if frames else np.zeros(0)
    if not frames or not float(power.max()):
        return slice(0, len(samples) if len(samples) and float(np.abs(samples).max()) else 0)
    heard = np.flatnonzero(power > power.max() * _QUIET_BELOW_PEAK)
    end = len(samples) if heard[-1] == frames - 1 else (int(heard[-1]) + 1) * _FRAME
    return slice(int(heard[0]) * _FRAME, end)


def with_silent_ends(samples: Samples, ms: int) -> Samples:
    """The sounding part, faded over 4 ms, with exactly `ms` milliseconds of digital zero at both ends."""
    body = samples[sounding(samples)].copy()
    fade = min(_FADE, len(body) // 2)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        body[:fade] *= ramp
        body[-fade:] *= ramp[::-1]
    pause = np.zeros(SAMPLE_RATE * ms // 1000, dtype=np.float32)
    return np.concatenate((pause, body, pause))


def without_long_ends(samples: Samples, keep_ms: int) -> Samples:
    """The sounding part with what was recorded around it, at most `keep_ms` milliseconds on either side."""
    part = sounding(samples)
    keep = SAMPLE_RATE * keep_ms // 1000
    return samples[max(0, part.start - keep) : part.stop + keep]


def to_pcm(samples: Samples) -> bytes:
    """Full scale 1.0 to signed 16 bits, little endian."""
    whole = np.asarray(np.clip(np.rint(samples * 32767.0), -32768, 32767), dtype="<i2")
    return whole.tobytes()


def from_pcm(pcm: bytes) -> Samples:
    """Signed 16 bits, little endian, to full scale 1.0."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    samples *= np.float32(1 / 32767.0)
    return samples
