"""Rows 1 and 2: processes killed at random, and at the points where it would hurt most."""

import asyncio
import random
import signal

from app.core import faults
from chaos.campaign import begin, finish
from chaos.progress import InProgress, spread
from chaos.rig import Rig
from chaos.runs import Runs
from chaos.scale import Scale
from chaos.witness import Numbers, Report, judge, mixed

_LOOK_S = 1.0


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
    runs = Runs(rig, numbers, scale.times(2_500, 60))
    async with InProgress(rig) as in_progress:
        for point in faults.POINTS:
            names = rig.controls if point == faults.CLAIMED else rig.lines
            report.figures[f"kills {point}"] = await _kill_at(rig, point, names, scale, runs)
        await runs.judge(report)
    _interrupted_in_progress_alone(report, await in_progress.calls())
    return report


async def _kill_at(rig: Rig, point: str, names: list[str], scale: Scale, runs: Runs) -> int:
    """Let processes of `names` die at `point`, with a run under way all the time; how many did."""
    wanted, first = scale.times(50, 1), len(rig.graves)
    for name in names:
        rig.arm(name, _fault(point))
        rig.signal(name, signal.SIGKILL)
    while (died := len(rig.graves) - first - len(names)) < wanted:
        await runs.under_way()
        for name in names:
            if not rig.parts[name].extra:
                rig.arm(name, _fault(point))
        await asyncio.sleep(_LOOK_S)
    for name in names:
        rig.parts[name].extra.clear()
        rig.signal(name, signal.SIGKILL)
    await asyncio.sleep(_LOOK_S)
    await rig.until(lambda: rig.all_up(*names), "processes without a fault")
    return died


def _fault(point: str) -> str:
    return f"{point}:{random.randint(1, 3 if point == faults.CLAIMED else 25)}"


def _interrupted_in_progress_alone(report: Report, in_progress: int) -> None:
    report.figures["in progress at the kills"] = in_progress
    interrupted = int(str(report.figures["interrupted"]))
    report.must(
        interrupted <= in_progress, f"{interrupted} interrupted, but {in_progress} in progress at the kills"
    )
