"""Row 3: lines that are asked to stop in the middle of calls."""

import asyncio
import random
import signal
import time

from app.calls.state import CallStatus
from chaos.campaign import Begun
from chaos.rig import Rig
from chaos.runs import Runs
from chaos.scale import Scale
from chaos.witness import LISTENS, Numbers, Report, entries

MESSAGE = "नमस्ते। यो एउटा अलि लामो सन्देश हो, कृपया अन्त्यसम्म सुन्नुहोस्।"
_ROOM_S = 5.0
_RING_S = 5.0
_QUICK_S = 5.0
_AT_ONCE = 2
"""Lines that drain at the same time; the third takes calls meanwhile."""


async def drains(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 3: SIGTERM lets calls end and starts none; a second one hangs up."""
    report = Report()
    runs = Runs(rig, numbers, scale.calls, message=MESSAGE)
    longest = 0.0
    codes: list[int] = []
    while (left := scale.times(50, 1) - len(codes)) > 0:
        for taken, code in await _stop(rig, runs, min(left, _AT_ONCE), once=True):
            longest = max(longest, taken)
            codes.append(code)
    await runs.judge(report)
    report.figures.update({"SIGTERM": len(codes), "s longest drain": round(longest, 1)})
    whole = await heard_whole(rig, report, *runs.begun)
    report.must(set(codes) == {0}, f"exit codes of drained lines: {sorted(set(codes))}")
    report.must(report.figures["interrupted"] == 0, "a drain interrupted calls")
    report.must(
        longest <= whole + _RING_S + _ROOM_S, f"a drain took {longest:.1f} s, the longest call {whole:.1f} s"
    )
    await _second_signals(rig, numbers, scale, report)
    return report


async def _stop(rig: Rig, runs: Runs, lines: int, *, once: bool) -> list[tuple[float, int]]:
    """Ask lines with calls in progress to stop, twice unless `once`; seconds and exit code of each."""

    async def talking() -> list[str]:
        await runs.under_way()
        pids = {rig.parts[name].process.pid: name for name in rig.lines}
        rows = await rig.fetch(
            "SELECT DISTINCT pid FROM calls JOIN lines ON lines.id = line_id "
            "WHERE pid = ANY($1::bigint[]) AND lines.state = 0 AND status = $2",
            list(pids),
            int(CallStatus.ANSWERED),
        )
        return [pids[row["pid"]] for row in rows] if len(rows) >= lines else []

    names = random.sample(await rig.until(talking, "calls in progress"), lines)
    return await asyncio.gather(*(_stop_one(rig, name, once=once) for name in names))


async def _stop_one(rig: Rig, name: str, *, once: bool) -> tuple[float, int]:
    before = len(rig.graves)  # hundreds have died by now, and the system gives their ids out again
    pid = rig.signal(name, signal.SIGTERM)
    started = time.monotonic()
    if not once:
        await asyncio.sleep(0.3)
        started = time.monotonic()
        rig.signal(name, signal.SIGTERM)

    async def codes() -> list[int]:
        return [grave.code for grave in rig.graves[before:] if grave.pid == pid]

    code = (await rig.until(codes, f"the end of {name}", 90.0))[0]
    return time.monotonic() - started, code


async def heard_whole(rig: Rig, report: Report, *runs: Begun) -> float:
    """Every phone that listens heard the whole message; its length in seconds."""
    rows = await rig.fetch(
        "SELECT max(audio_ms) AS ms FROM calls WHERE run_id = ANY($1::bigint[])", [run.run_id for run in runs]
    )
    numbers = [number for run in runs for number in run.numbers]
    wanted = {f"+977{number}" for number in numbers if number.endswith(f"{LISTENS:02d}")}
    heard = {
        e["number"]: e["heard_ms"]
        for e in entries(rig.phones_log)
        if e["event"] == "ended" and e["number"] in wanted
    }
    cut = [number for number in wanted if heard.get(number, 0) < rows[0]["ms"] - 400]
    report.figures["messages cut short"] = len(cut)
    report.must(not cut, f"cut short: {[(number, heard.get(number)) for number in cut[:5]]}")
    return float(rows[0]["ms"]) / 1000


async def _second_signals(rig: Rig, numbers: Numbers, scale: Scale, report: Report) -> None:
    times, longest = scale.times(10, 1), 0.0
    runs = Runs(rig, numbers, scale.times(2_000, 60), message=MESSAGE * 4, endings=[LISTENS])
    for _ in range(times):
        ((taken, _),) = await _stop(rig, runs, 1, once=False)
        longest = max(longest, taken)
        report.must(taken <= _QUICK_S, f"an end asked for twice took {taken:.1f} s")
    # What is left need not be heard; nothing may be left of it by now.
    await (await rig.logged_in()).post(f"/api/system/campaigns/{runs.begun[-1].campaign_id}/stop/")
    second = Report()
    await runs.judge(second)
    report.figures.update({"second SIGTERM": times, "s longest quick end": round(longest, 1)})
    report.broken += second.broken
    report.must(second.figures["interrupted"] == 0, "calls were interrupted instead of hung up")
