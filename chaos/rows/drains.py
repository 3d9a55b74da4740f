"""Row 3: lines that are asked to stop in the middle of calls."""

import asyncio
import random
import signal
import time

from app.calls.state import CallStatus
from chaos.campaign import Begun, begin, ended, finish
from chaos.progress import spread
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.witness import LISTENS, Numbers, Report, entries, judge, mixed, outcomes

MESSAGE = "नमस्ते। यो एउटा अलि लामो सन्देश हो, कृपया अन्त्यसम्म सुन्नुहोस्।"
_ROOM_S = 5.0
_RING_S = 5.0
_QUICK_S = 5.0


async def drains(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 3: SIGTERM lets calls end and starts none; a second one hangs up."""
    report = Report()
    run = await begin(rig, numbers.take(scale.calls, mixed()), message=MESSAGE)
    longest = 0.0
    codes: list[int] = []
    async for _ in spread(rig, run, scale.times(50, 1)):
        taken, code = await _stop(rig, random.choice(rig.lines), run, once=True)
        longest = max(longest, taken)
        codes.append(code)
    await finish(rig, run)
    report.figures.update({"SIGTERM": len(codes), "s longest drain": round(longest, 1)})
    await judge(rig, run.run_id, run.numbers, report)
    whole = await heard_whole(rig, run, report)
    report.must(set(codes) == {0}, f"exit codes of drained lines: {sorted(set(codes))}")
    report.must(report.figures["interrupted"] == 0, "a drain interrupted calls")
    report.must(
        longest <= whole + _RING_S + _ROOM_S, f"a drain took {longest:.1f} s, the longest call {whole:.1f} s"
    )
    await _second_signals(rig, numbers, scale, report)
    return report


async def _stop(rig: Rig, name: str, run: Begun, *, once: bool) -> tuple[float, int]:
    """Ask a line with calls in progress to stop, twice unless `once`; seconds and exit code."""
    pid = rig.parts[name].process.pid

    async def talking() -> bool:
        rows = await rig.fetch(
            "SELECT 1 FROM calls JOIN lines ON lines.id = line_id WHERE pid = $1 AND lines.state = 0 AND status = $2",
            rig.parts[name].process.pid,
            int(CallStatus.ANSWERED),
        )
        return bool(rows) or await ended(rig, run)

    await rig.until(talking, f"a call in progress on {name}")
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


async def heard_whole(rig: Rig, run: Begun, report: Report) -> float:
    """Every phone that listens heard the whole message; its length in seconds."""
    rows = await rig.fetch("SELECT max(audio_ms) AS ms FROM calls WHERE run_id = $1", run.run_id)
    wanted = {f"+977{number}" for number in run.numbers if number.endswith(f"{LISTENS:02d}")}
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
    run = await begin(rig, numbers.take(scale.times(2_000, 60), [LISTENS]), message=MESSAGE * 4)
    for _ in range(times):
        taken, _ = await _stop(rig, random.choice(rig.lines), run, once=False)
        longest = max(longest, taken)
        report.must(taken <= _QUICK_S, f"an end asked for twice took {taken:.1f} s")
    # What is left of the run need not be heard; nothing may be left of it by now.
    await (await rig.logged_in()).post(f"/api/system/campaigns/{run.campaign_id}/stop/")
    await finish(rig, run)
    report.figures.update({"second SIGTERM": times, "s longest quick end": round(longest, 1)})
    second = Report()
    await judge(rig, run.run_id, run.numbers, second)
    report.broken += second.broken
    said = await outcomes(rig, run.run_id)
    lost = [number for number, attempts in said.items() if attempts[-1][1] == "interrupted"]
    report.must(not lost, f"interrupted instead of hung up: {lost[:5]}")
