"""Row 10: clocks that jump, and a run whose time comes while nothing runs."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

from chaos.campaign import Begun, begin, ended, finish
from chaos.progress import pause_of_dialling, spread
from chaos.rig import Rig
from chaos.rows.doorbell import RECOVERY_S
from chaos.scale import Scale
from chaos.witness import LISTENS, Numbers, Report, entries, judge, mixed

_JUMPS = ("+3600", "-3600", "+0")
_ABOUT_S = 60.0
_AHEAD_S, _DOWN_LONGER_S = 8.0, 4.0


async def jumps(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 10, first half: the wall clock of all our processes jumps by an hour, and back.

    By libfaketime. The servers' clocks stay, so that ours and the database's differ by an hour meanwhile: harsher
    than a machine whose clock jumps as a whole.
    """
    report = Report()
    libraries = [str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
    if not libraries:
        report.must(False, "libfaketime is not installed (apt-get install faketime): the clock cannot jump")
        return report
    offset = rig.folder / "offset"
    offset.write_text("+0\n")
    preload = _faketime(libraries[0], offset)
    await rig.restart(*rig.parts, **preload)
    graves, longest = len(rig.graves), 0.0
    run = await begin(rig, numbers.take(scale.calls, mixed()))
    times = scale.times(12, 3)
    async for nth in spread(rig, run, times):
        jump = _JUMPS[nth % len(_JUMPS)]
        offset.write_text(jump + "\n")
        await rig.until(partial(_is_ahead, rig, int(jump)), "a jump of the API's clock", 60.0)
        longest = max(longest, await pause_of_dialling(rig, run))
    offset.write_text("+0\n")
    await finish(rig, run)
    report.figures.update({"jumps": times, "s longest pause": round(longest, 1)})
    await judge(rig, run.run_id, run.numbers, report)
    report.must(len(rig.graves) == graves, f"parts that died: {rig.graves[graves:][:5]}")
    report.must(report.figures["interrupted"] == 0, "a jump of the clock had calls declared lost")
    report.must(longest <= RECOVERY_S, f"dialling paused for {longest:.1f} s")
    for name in preload:
        rig.settings.pop(name)
    if not scale.quick:
        await rig.restart(*rig.parts)
    return report


def _faketime(library: str, offset: Path) -> dict[str, str]:
    return {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_RESET": "1",
        "DONT_FAKE_MONOTONIC": "1",
        # Or a thread that waits for Python's lock by the monotonic clock never sleeps, and its process spins.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }


async def _is_ahead(rig: Rig, seconds: int) -> bool:
    """Whether the API's clock is so far ahead of ours, by the date of its answers."""
    date = parsedate_to_datetime((await rig.http.get("/health/live")).headers["Date"])
    return abs((date - datetime.now(UTC)).total_seconds() - seconds) < _ABOUT_S


async def down_at_its_time(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 10, second half: everything is down when a run is due; it starts once, as late as that at the most."""
    report = Report()
    times, latest = scale.times(3, 1), 0.0
    for _ in range(times):
        due = datetime.now(UTC) + timedelta(seconds=_AHEAD_S)
        run = await begin(rig, numbers.take(scale.times(200, 20), [LISTENS]), schedule_date=due.isoformat())
        up_again = await _down_past(rig, due)
        await finish(rig, run)
        part = Report()
        await judge(rig, run.run_id, run.numbers, part)
        report.broken += part.broken
        started = await _first_invite(rig, run)
        latest = max(latest, (started - up_again).total_seconds())
        report.must(started >= due, "a run started before its time")
    report.figures.update({"scheduled runs": times, "s from service back to first call": round(latest, 1)})
    report.must(latest <= RECOVERY_S, f"a run started {latest:.1f} s after the service was back")
    return report


async def _down_past(rig: Rig, due: datetime) -> datetime:
    """Everything of ours and both servers down, until some seconds after `due`; when the service was back."""
    await rig.hold_down(*rig.parts)
    await asyncio.to_thread(rig.valkey.stop)
    await asyncio.to_thread(rig.postgres.stop)
    await asyncio.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()) + _DOWN_LONGER_S)
    await asyncio.to_thread(rig.postgres.start)
    await asyncio.to_thread(rig.valkey.start)
    rig.let_up(*rig.parts)
    await rig.until(rig.is_ready, "a ready service")
    return datetime.now(UTC)


async def _first_invite(rig: Rig, run: Begun) -> datetime:
    wanted = {f"+977{number}" for number in run.numbers}
    assert await ended(rig, run)
    return min(
        datetime.fromisoformat(e["time"])
        for e in entries(Path(rig.phones_log))
        if e["event"] == "invite" and e["number"] in wanted
    )
