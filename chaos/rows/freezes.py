"""Row 7: a line that stands still for longer than its lease, and wakes."""

import asyncio
import random
import signal
from datetime import datetime
from pathlib import Path

from app.calls.state import LineState
from app.core import faults
from chaos.rig import Rig
from chaos.runs import Runs
from chaos.scale import Scale
from chaos.witness import Numbers, Report, entries

_POINTS = (faults.INVITE_DUE, faults.DIALING_COMMITTED)


async def freezes(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 7: SIGSTOP, and SIGCONT when the calls were taken away; half of them just before an INVITE leaves.

    Every second one of that half comes after the last look at whether it may, where nothing of ours can ask again.
    """
    report = Report()
    runs = Runs(rig, numbers, scale.calls)
    times, graves = scale.times(20, 2), len(rig.graves)
    for nth in range((times + 1) // 2):
        await runs.under_way()
        one, other = random.sample(rig.lines, 2)
        point, next_point = _POINTS[nth % 2], _POINTS[(nth + 1) % 2]
        await asyncio.gather(
            _freeze_at_point(rig, one, point, runs),
            # The short form has one round for both points.
            _freeze_at_point(rig, other, next_point, runs) if scale.quick else _freeze(rig, other),
        )
    await rig.until(lambda: rig.all_up(*rig.lines), "lines that take calls again")
    await runs.judge(report)
    report.figures.update(
        {
            "freezes": (times + 1) // 2 * 2,
            "lines that found themselves buried": _ended_with(rig, graves, 1),
            "ended as they woke": _ended_with(rig, graves, -signal.SIGALRM),
        }
    )
    late = await _sent_after_the_end(rig)
    report.figures["sent after being taken"] = len(late)
    report.must(not late, f"INVITEs for calls that were taken: {late[:5]}")
    return report


async def _freeze(rig: Rig, name: str) -> None:
    await rig.until(lambda: rig.all_up(name), f"{name} open")
    await _until_buried_and_woken(rig, name, rig.signal(name, signal.SIGSTOP))


async def _freeze_at_point(rig: Rig, name: str, point: str, runs: Runs) -> None:
    rig.arm(name, f"{point}:{random.randint(1, 20)}:freeze")
    await _until_gone(rig, rig.signal(name, signal.SIGKILL))

    async def stands_still() -> bool:
        await runs.under_way()
        return _is_stopped(rig.parts[name].process.pid)

    await rig.until(stands_still, f"{name} frozen before an INVITE")
    await _until_buried_and_woken(rig, name, rig.parts[name].process.pid)


async def _until_buried_and_woken(rig: Rig, name: str, pid: int) -> None:
    async def buried() -> bool:
        rows = await rig.fetch("SELECT state FROM lines WHERE pid = $1 ORDER BY id DESC LIMIT 1", pid)
        return bool(rows) and rows[0]["state"] == LineState.GONE

    await rig.until(buried, f"the burial of {name}")
    rig.signal(name, signal.SIGCONT)
    await _until_gone(rig, pid)


def _is_stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


async def _until_gone(rig: Rig, pid: int) -> None:
    """To be asked right after what ends the process: ids of earlier ones come again."""
    before = len(rig.graves)

    async def gone() -> bool:
        return any(grave.pid == pid for grave in rig.graves[before:])

    await rig.until(gone, f"the end of process {pid}")


def _ended_with(rig: Rig, since: int, code: int) -> int:
    """Lines that ended with this code: 1 is said by one that finds itself declared gone."""
    return sum(grave.code == code for grave in rig.graves[since:])


async def _sent_after_the_end(rig: Rig) -> list[str]:
    """Numbers that got an INVITE after their call had been ended for its line."""
    rows = await rig.fetch(
        "SELECT r.number, c.ended_at FROM calls c JOIN recipients r ON r.id = c.recipient_id "
        "WHERE c.reason = 'interrupted'"
    )
    taken: dict[str, datetime] = {row["number"]: row["ended_at"] for row in rows}
    sent = [
        (e["number"], datetime.fromisoformat(e["time"]))
        for e in entries(rig.phones_log)
        if e["event"] == "invite"
    ]
    return [number for number, at in sent if number in taken and at > taken[number]]
