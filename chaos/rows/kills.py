"""Rows 1 and 2: processes killed at random, and at the points where it would hurt most."""

import asyncio
import random
import signal
from collections import Counter

from app.core import faults
from chaos.campaign import begin, finish
from chaos.parts import Grave
from chaos.progress import InProgress, spread
from chaos.rig import Rig
from chaos.runs import Runs
from chaos.scale import Scale
from chaos.witness import Numbers, Report, judge, mixed

_LOOK_S = 1.0
_ON_LINES = (faults.DIALING_COMMITTED, faults.INVITE_SENT, faults.BEFORE_RESULT)


async def random_kills(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 1: SIGKILL to a random process of ours, again and again."""
    report = Report()
    run = await begin(rig, numbers.take(scale.calls, mixed()))
    kills = 0
    async with InProgress(rig) as in_progress:
        async for _ in spread(rig, run, scale.times(200, 6)):
            name = random.choice([name for name, part in rig.parts.items() if part.process.exit_code is None])
            rig.signal(name, signal.SIGKILL)
            kills += 1
        await finish(rig, run)
    report.figures["kills"] = kills
    await judge(rig, run.run_id, run.numbers, report)
    _interrupted_in_progress_alone(report, await in_progress.calls())
    return report


async def kills_at_points(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 2: processes that end themselves at the named points, some calls into their life."""
    report = Report()
    runs = Runs(rig, numbers, scale.calls)
    async with InProgress(rig) as in_progress:
        points = _Points(rig, scale.times(50, 1))
        while not points.done:
            await runs.under_way()
            await asyncio.sleep(_LOOK_S)
        await points.disarm()
        await runs.judge(report)
    report.figures.update({f"kills {point}": n for point, n in points.deaths.items()})
    _interrupted_in_progress_alone(report, await in_progress.calls())
    return report


class _Points:
    """Keeps every worker armed with a point at which it has not died often enough.

    Attributes:
        deaths: how many processes died at each point.
    """

    def __init__(self, rig: Rig, wanted: int) -> None:
        self._rig = rig
        self._wanted = wanted
        self._running: dict[str, str | None] = {}
        self._next: dict[str, str | None] = {}
        self.deaths = Counter(dict.fromkeys((faults.CLAIMED, *_ON_LINES), 0))
        rig.mourners.append(self._died)
        for name in (*rig.controls, *rig.lines):
            self._arm(name)
            rig.signal(name, signal.SIGKILL)

    @property
    def done(self) -> bool:
        """Whether enough processes died at each point."""
        return all(n >= self._wanted for n in self.deaths.values())

    async def disarm(self) -> None:
        """Start processes without a fault."""
        self._rig.mourners.remove(self._died)
        await asyncio.sleep(0)  # what the last death set going arms once more
        for name in self._next:
            self._rig.parts[name].extra.clear()
            self._rig.signal(name, signal.SIGKILL)
        await asyncio.sleep(_LOOK_S)
        await self._rig.until(lambda: self._rig.all_up(*self._next), "processes without a fault")

    def _arm(self, name: str) -> None:
        ours = (faults.CLAIMED,) if name in self._rig.controls else _ON_LINES
        lacking = [point for point in ours if self.deaths[point] < self._wanted]
        if not lacking:
            self._next[name] = None
            self._rig.parts[name].extra.clear()
            return
        point = min(
            lacking, key=lambda point: self.deaths[point] + 0.5 * list(self._next.values()).count(point)
        )
        self._next[name] = point
        self._rig.arm(name, f"{point}:{random.randint(1, 3 if point == faults.CLAIMED else 25)}")

    def _died(self, grave: Grave) -> None:
        """Count, and arm the process after the one that starts now."""
        if grave.name not in self._next:
            return
        point = self._running.get(grave.name)
        if point is not None and grave.code == -signal.SIGKILL:
            self.deaths[point] += 1
        self._running[grave.name] = self._next[grave.name]
        asyncio.get_running_loop().call_soon(self._arm, grave.name)


def _interrupted_in_progress_alone(report: Report, in_progress: int) -> None:
    report.figures["in progress at the kills"] = in_progress
    interrupted = int(str(report.figures["interrupted"]))
    report.must(
        interrupted <= in_progress, f"{interrupted} interrupted, but {in_progress} in progress at the kills"
    )
