"""Row 7: a line that stands still for longer than its lease, and wakes."""

import asyncio
import random
import signal
from datetime import datetime
from pathlib import Path

from app.core import faults
from chaos.campaign import Begun, begin, finish
from chaos.progress import spread
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.witness import Numbers, Report, entries, judge, mixed

_LONGER_THAN_LEASE_S = 18.0


async def freezes(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 7: SIGSTOP, and SIGCONT when the calls were taken away; half of them just before an INVITE leaves."""
    report = Report()
    run = await begin(rig, numbers.take(scale.calls, mixed()))
    times, graves = scale.times(20, 2), len(rig.graves)
    frozen = 0
    async for _ in spread(rig, run, (times + 1) // 2):
        at_random, at_point = random.sample(rig.lines, 2)
        await asyncio.gather(_freeze(rig, at_random, run), _freeze_at_point(rig, at_point, run))
        frozen += 2
    await rig.until(lambda: rig.all_up(*rig.lines), "lines that take calls again")
    await finish(rig, run)
    report.figures.update({"freezes": frozen, "lines that found themselves buried": _buried(rig, graves)})
    await judge(rig, run.run_id, run.numbers, report)
    late = await _sent_after_the_end(rig, run)
    report.figures["sent after being taken"] = len(late)
    report.must(not late, f"INVITEs for calls that were taken: {late[:5]}")
    return report


async def _freeze(rig: Rig, name: str, run: Begun) -> None:
    await rig.until(lambda: rig.all_up(name), f"{name} open")
    pid = rig.signal(name, signal.SIGSTOP)
    await _until_buried(rig, pid, run)
    rig.signal(name, signal.SIGCONT)
    await _until_gone(rig, pid)


async def _freeze_at_point(rig: Rig, name: str, run: Begun) -> None:
    rig.arm(name, f"{faults.DIALING_COMMITTED}:{random.randint(1, 20)}:freeze")
    pid = rig.signal(name, signal.SIGKILL)
    await _until_gone(rig, pid)

    async def stands_still() -> bool:
        return _is_stopped(rig.parts[name].process.pid) or await _over(rig, run)

    await rig.until(stands_still, f"{name} frozen before an INVITE")
    pid = rig.parts[name].process.pid
    if not _is_stopped(pid):
        return
    await _until_buried(rig, pid, run)
    rig.signal(name, signal.SIGCONT)
    await _until_gone(rig, pid)


def _is_stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


async def _until_buried(rig: Rig, pid: int, run: Begun) -> None:
    async def buried() -> bool:
        rows = await rig.fetch("SELECT state FROM lines WHERE pid = $1 ORDER BY id DESC LIMIT 1", pid)
        return bool(rows) and rows[0]["state"] == 2

    del run
    await asyncio.sleep(_LONGER_THAN_LEASE_S)
    await rig.until(buried, f"the burial of process {pid}")


async def _until_gone(rig: Rig, pid: int) -> None:
    async def gone() -> bool:
        return any(grave.pid == pid for grave in rig.graves)

    await rig.until(gone, f"the end of process {pid}")


async def _over(rig: Rig, run: Begun) -> bool:
    rows = await rig.fetch("SELECT count(*) AS n FROM calls WHERE run_id = $1 AND status < 5", run.run_id)
    return bool(rows[0]["n"] == 0)


def _buried(rig: Rig, since: int) -> int:
    """Lines that ended by themselves, as one does that was declared gone."""
    return sum(grave.code == 1 for grave in rig.graves[since:])


async def _sent_after_the_end(rig: Rig, run: Begun) -> list[str]:
    """Numbers that got an INVITE after their call had been ended for its line."""
    rows = await rig.fetch(
        "SELECT r.number, c.ended_at FROM calls c JOIN recipients r ON r.id = c.recipient_id "
        "WHERE c.run_id = $1 AND c.reason = 'interrupted'",
        run.run_id,
    )
    taken: dict[str, datetime] = {row["number"]: row["ended_at"] for row in rows}
    sent = [
        (e["number"], datetime.fromisoformat(e["time"]))
        for e in entries(rig.phones_log)
        if e["event"] == "invite"
    ]
    return [number for number, at in sent if number in taken and at > taken[number]]
