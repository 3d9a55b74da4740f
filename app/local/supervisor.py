"""Keeps a set of processes running: starts again what dies, stops all in order."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.local.errors import LocalError
from app.local.logs import LogFollower
from app.local.process import Process

_LOOK_EVERY_S = 0.1
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_SETTLED_S = 60.0
_SETTINGS_EXIT = 2
_TRIES_BEFORE_READY = 4
_LONGEST_WORDS = 300

Say = Callable[[str, str], None]
"""Takes the name of a part and a sentence about it."""


@dataclass(slots=True)
class _Part:
    name: str
    launch: Callable[[], Process]
    process: Process
    log: LogFollower
    started: float
    deaths: int = 0
    due: float | None = field(default=None)


def pause_after(deaths: int) -> float:
    """Seconds before the next start of a part that died `deaths` times in a row: doubled each time, 0.5 to 15."""
    return float(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(deaths - 1, 10)))


class Supervisor:
    """Parts in the order of their start; they stop in the order of `stop_order`, the rest in reverse after it."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._parts: dict[str, _Part] = {}
        self._ready = False

    def add(self, name: str, launch: Callable[[], Process], process: Process | None = None) -> None:
        """Start a part, or adopt one that was started as `process`. From the main thread (see `Process`)."""
        running = process or launch()
        log = LogFollower(running.program.log, lambda text: self._say(name, text))
        self._parts[name] = _Part(name, launch, running, log, time.monotonic())

    def pids(self) -> dict[str, int]:
        """Process id of each part, by name."""
        return {name: part.process.pid for name, part in self._parts.items()}

    def settled(self) -> None:
        """From now on a part that dies is started again for ever; before, a few deaths end the start."""
        self._ready = True

    async def watch(self) -> None:
        """Look after the parts until cancelled; LocalError when one cannot even start."""
        while True:
            now = time.monotonic()
            for part in self._parts.values():
                part.log.look()
                if part.due is not None:
                    if now >= part.due:
                        self._start_again(part, now)
                elif part.process.exit_code is not None:
                    self._died(part, now)
            await asyncio.sleep(_LOOK_EVERY_S)

    def _died(self, part: _Part, now: float) -> None:
        part.process.sweep()
        part.deaths = 1 if now - part.started > _SETTLED_S else part.deaths + 1
        code = part.process.exit_code
        how = (
            f"was ended by signal {-code}"
            if code is not None and code < 0
            else f"ended with exit code {code}"
        )
        if not self._ready and (code == _SETTINGS_EXIT or part.deaths >= _TRIES_BEFORE_READY):
            msg = f"{part.name} {how}; its log {part.process.program.log} ends:\n{part.process.last_words()}"
            raise LocalError(msg)
        pause = pause_after(part.deaths)
        part.due = now + pause
        words = part.process.last_words(1).strip()[:_LONGEST_WORDS]
        self._say(part.name, f"{how}, its last words: {words or 'none'}")
        self._say(part.name, f"started again in {pause:g} s; the whole log is {part.process.program.log}")

    def _start_again(self, part: _Part, now: float) -> None:
        part.due = None
        part.started = now
        try:
            part.process = part.launch()
        except LocalError as error:
            part.deaths += 1
            part.due = now + pause_after(part.deaths)
            self._say(part.name, str(error))

    async def stop(self, first: tuple[str, ...] = ()) -> None:
        """Stop the parts named in `first`, in that order, then the others in the reverse order of their start."""
        others = [name for name in reversed(self._parts) if name not in first]
        for name in (*[name for name in first if name in self._parts], *others):
            part = self._parts[name]
            in_time = await asyncio.to_thread(part.process.stop)
            del self._parts[name]
            part.log.look()
            if not in_time:
                self._say(name, "did not stop in time and was killed")

    def hurry(self, name: str) -> None:
        """Send one part its stop signal once more; harmless when it is gone."""
        if name in self._parts:
            self._parts[name].process.ask_to_stop()

    def kill(self) -> None:
        """End every part now, without asking."""
        for part in list(self._parts.values()):
            part.process.sweep()
