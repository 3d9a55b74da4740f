"""Feeding audio to calls: one task for all of them, each kept more than a second ahead."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from baresip import AudioNotActive, AudioRestarted, AudioStats

from app.carriers.carrier import SAMPLE_RATE
from app.core.logging import get_logger

BYTES_PER_SECOND = SAMPLE_RATE * 2
AHEAD_BYTES = BYTES_PER_SECOND * 8 // 5
"""1.6 s of audio: a line that is kept from its work for 1.4 s still has sound to send. The stack's buffer holds two."""
TICK_S = 0.2
FRAME_S = 0.02

_log = get_logger(__name__)


class Audio(Protocol):
    """The part of the stack's audio that playing needs."""

    def stats(self) -> AudioStats: ...

    def write(self, pcm: memoryview) -> int: ...

    def flush_tx(self) -> None: ...


class Playback:
    """One call's way through its audio.

    The audio itself is shared: identical messages are one object, and only a view of it is held here.
    """

    def __init__(self, audio: Audio, pcm: memoryview) -> None:
        self._audio = audio
        self._pcm = pcm
        self._fed = 0
        self._buffered = 0
        self._deepest = 0
        self._looked_at = 0.0
        self._dry = 0
        self._stopped_at: int | None = None
        self.moved_at = 0.0
        """When audio was last seen to leave, by the clock given to `feed`."""
        self.starved_frames = 0
        """Frames that left without their sound, or with a part of it, because it was fed too late."""

    def feed(self, now: float) -> float | None:
        """Top the call's buffer up.

        Returns:
            seconds until all of the audio has left, as far as is known (0: it has), or None while there is more
            to feed or the call has no media.
        """
        try:
            self._look(now)
            window = self._pcm[self._fed : self._fed + AHEAD_BYTES - self._buffered]
            if window:
                taken = self._audio.write(window)
                self._fed += taken
                self._buffered += taken
                self._deepest = max(self._deepest, self._buffered)
        except (AudioNotActive, AudioRestarted):
            # Before media is up, between two streams, or after the end: the next look tells which.
            return None
        if self._fed < len(self._pcm):
            return None
        return self._buffered / BYTES_PER_SECOND + (FRAME_S if self._buffered else 0.0)

    def _look(self, now: float) -> None:
        stats = self._audio.stats()
        if stats.tx_high_water < self._deepest:
            # A high-water mark only falls when a re-INVITE brought a new stream. What the old one still held is
            # gone and is fed again, less what must have left since the last look.
            self._fed -= max(0, self._buffered - self._since_look(now))
            self._deepest = self._buffered = 0
        if stats.tx_buffered < self._buffered or not self.moved_at:
            self.moved_at = now
        dry = _dry_frames(stats)
        if 0 < self._fed < len(self._pcm) and not stats.tx_buffered:
            # What the stack counts before the first sound, it may add only after it; after the last there is nothing to
            # say. As long as something is left of what was written at the last look, nothing was missing.
            self.starved_frames += max(0, dry - self._dry)
        self._dry = dry
        self._buffered = stats.tx_buffered
        self._deepest = max(self._deepest, stats.tx_high_water)
        self._looked_at = now

    def _since_look(self, now: float) -> int:
        elapsed = max(0.0, now - self._looked_at)
        return min(self._buffered, int(elapsed * SAMPLE_RATE) * 2)

    def stop(self, now: float) -> None:
        """Fall silent at once. A line hangs up some 35 calls a second; none of them need hear more meanwhile."""
        if self._stopped_at is None:
            self._stopped_at = self.played_bytes(now)
            with contextlib.suppress(AudioNotActive, AudioRestarted):
                self._audio.flush_tx()

    def played_bytes(self, now: float) -> int:
        """What has left on RTP by `now`: known at the last look, and reckoned from the clock since then."""
        if self._stopped_at is not None:
            return self._stopped_at
        return self._fed - self._buffered + self._since_look(now)


def _dry_frames(stats: AudioStats) -> int:
    return int(stats.tx_silence_frames + stats.tx_starved_frames)


class Feeder:
    """Ticks every playing call. A task per call would wake the loop 200 times as often for the same work."""

    def __init__(self) -> None:
        self._ticks: dict[Callable[[float], None], Callable[[], None]] = {}
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin ticking; needs a running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="sip-feeder")

    def add(self, tick: Callable[[float], None], broken: Callable[[], None]) -> None:
        """Call `tick` with the loop's time every `TICK_S` seconds; `broken` once, should it raise."""
        self._ticks[tick] = broken
        self._wanted.set()

    def discard(self, tick: Callable[[float], None]) -> None:
        """Stop calling `tick`."""
        self._ticks.pop(tick, None)

    async def close(self) -> None:
        """Stop ticking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._ticks:
                self._wanted.clear()
                await self._wanted.wait()
            now = loop.time()
            for tick, broken in tuple(self._ticks.items()):
                try:
                    tick(now)
                except Exception:  # noqa: BLE001 -- one call's fault must not silence the others of the line
                    _log.exception("playback_broke")
                    self.discard(tick)
                    broken()
            await asyncio.sleep(TICK_S)
