"""Lines of messages that die, are stopped, or lose their centre while they send.

The witness is the trial message centre's own record.
"""

import asyncio
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from app.calls.state import CallStatus
from app.core import faults
from app.local import ports
from app.local.process import Process, Program
from chaos.campaign import Begun, ended, finish
from chaos.progress import spread
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.sms_witness import judge_messages
from chaos.witness import Numbers, Report, entries, outcomes

_POINTS = (faults.DIALING_COMMITTED, faults.INVITE_SENT, faults.BEFORE_RESULT)
# Of fifty numbers one is throttled once; of the others some get their receipt before the response, twice, or late.
_ENDINGS = (*(0, 1, 97, 2, 96, 3, 5, 4, 5, 93) * 4, 0, 1, 97, 2, 96, 3, 95, 4, 5, 93)
_RATE = "25"
_MOST_TRIES = 16
"""Of a message whose pauses grow from a twentieth to a tenth of its validity: twelve, and some more by chance."""


class SmsRig(Rig):
    """A rig whose lines send messages."""

    def __init__(self, folder: Path, *, lines: int = 3) -> None:
        super().__init__(folder, lines=0, settings={"TINGTING_SMS_RATE": _RATE})
        self.lines = [f"sms-{nth}" for nth in range(1, lines + 1)]
        self.centre_log = folder / "messages.jsonl"
        self._centre_port = ports.free_port()
        self._centre: Process | None = None

    async def stop(self) -> None:
        """End everything, at once."""
        await super().stop()
        if self._centre is not None:
            self._centre.kill()

    def _start_phones(self) -> Process:
        options = ("--port", str(self._centre_port), "--log", str(self.centre_log))
        phones = super()._start_phones()
        self._centre = Process.start(self._program("centre", {}, *options))
        return phones

    def _variables(self) -> dict[str, str]:
        return {**super()._variables(), "TINGTING_SMS_CENTRE": f"smpp://{ports.LOOPBACK}:{self._centre_port}"}

    def _program(self, name: str, extra: Mapping[str, str], *options: str) -> Program:
        program = super()._program(name, extra, *options)
        if not name.startswith("sms-"):
            return program
        return replace(program, argv=(sys.executable, "-m", "app.cli", "line", "--kind", "smpp"))

    async def living(self) -> list[str]:
        """The lines that run."""
        return [name for name in self.lines if self.parts[name].process.exit_code is None]

    async def open_lines(self) -> list[str]:
        """The lines that run and take messages."""
        return [name for name in self.lines if await self.all_up(name)]

    async def away(self, seconds: float) -> None:
        """Kill the message centre and start it again after so long; it has forgotten which receipts it owes."""
        if self._centre is not None:
            self._centre.kill()
        await asyncio.sleep(seconds)
        options = ("--port", str(self._centre_port), "--log", str(self.centre_log))
        self._centre = Process.start(self._program("centre", {}, *options))


async def begin_messages(rig: Rig, numbers: list[str]) -> Begun:
    """An SMS campaign with these numbers, begun."""
    client = await rig.logged_in()
    csv = "phone\n" + "\n".join(numbers) + "\n"
    headers = {"Idempotency-Key": uuid4().hex}
    added = await rig.patiently(
        lambda: client.post(
            "/api/system/campaigns/",
            data={"name": "Chaos", "services": "SMS", "message": "नमस्ते"},
            files={"send_to_number_file": ("numbers.csv", csv.encode(), "text/csv")},
            headers=headers,
        )
    )
    campaign_id = int(added.json()["data"]["details"][0]["id"])
    path = f"/api/system/campaigns/{campaign_id}/begin/"
    begun = await rig.patiently(lambda: client.post(path, json={}))
    return Begun(campaign_id, int(begun.json()["data"]["run"]["id"]), numbers)


async def killed_lines(rig: SmsRig, numbers: Numbers, scale: Scale) -> Report:
    """SIGKILL to lines of messages, every third at a named point; nobody gets a message twice, none is forgotten."""
    report = Report()
    kills = scale.times(50, 8)
    run = await begin_messages(rig, numbers.take(scale.times(2500, 250), _ENDINGS))
    async for nth in spread(rig, run, kills):
        # One that is still starting holds no message, and could be killed for minutes without ever sending one.
        name = random.choice(await rig.until(rig.open_lines, "a line to kill"))
        if nth % 3 == 2:
            rig.arm(name, f"{random.choice(_POINTS)}:{random.randint(1, 20)}")
        rig.signal(name, signal.SIGKILL)
    await finish(rig, run)
    report.figures.update({"kills": kills, "lines that died": sum(g.name in rig.lines for g in rig.graves)})
    await judge_messages(rig, rig.centre_log, run, report)
    return report


async def drained_lines(rig: SmsRig, numbers: Numbers, scale: Scale) -> Report:
    """SIGTERM to lines of messages: what is under way gets its response, and the rest goes by another line."""
    report = Report()
    times = scale.times(20, 4)
    run = await begin_messages(rig, numbers.take(scale.times(2000, 200), _ENDINGS))
    told: set[int] = set()

    async def untold() -> list[str]:
        """Lines that were not yet asked to stop: a second signal would ask for a quick end."""
        return [name for name in await rig.living() if rig.parts[name].process.pid not in told]

    async for _ in spread(rig, run, times):
        name = random.choice(await rig.until(untold, "a line to stop"))
        await rig.until(partial(rig.all_up, name), "its start")
        told.add(rig.signal(name, signal.SIGTERM))
    await finish(rig, run)
    report.figures["SIGTERMs"] = times
    await judge_messages(rig, rig.centre_log, run, report)
    interrupted = report.figures["interrupted"]
    report.must(interrupted == 0, f"{interrupted} messages interrupted by an orderly stop")
    return report


async def absent_centre(rig: SmsRig, numbers: Numbers, scale: Scale) -> Report:
    """The message centre dies and comes back: what it had not answered is interrupted, the rest waits for it."""
    report = Report()
    times = scale.times(10, 2)
    run = await begin_messages(rig, numbers.take(scale.times(2000, 200), _ENDINGS))
    async for _ in spread(rig, run, times):
        await rig.away(2.0)
    await finish(rig, run)
    report.figures["centre restarts"] = times
    await judge_messages(rig, rig.centre_log, run, report, owed=True)
    return report


async def full_inboxes(rig: SmsRig, numbers: Numbers, scale: Scale) -> Report:
    """Inboxes that stay full, begun first, and lines killed: others pass, and what waits ends with its validity.

    Of the others one in ten has an inbox that is full once.
    """
    report = Report()
    kills = scale.times(10, 2)
    full = await begin_messages(rig, numbers.take(scale.times(400, 40), (82,)))
    run = await begin_messages(rig, numbers.take(scale.times(2000, 120), (*range(9), 81)))
    async for _ in spread(rig, run, kills):
        name = random.choice(await rig.until(rig.open_lines, "a line to kill"))
        rig.signal(name, signal.SIGKILL)
    await finish(rig, run)
    report.must(not await ended(rig, full), "the full inboxes ended before the others had passed")
    await finish(rig, full)
    report.figures["kills"] = kills
    await judge_messages(rig, rig.centre_log, run, report)
    said = await outcomes(rig, full.run_id)
    ends = Counter(said[number][-1] for number in full.numbers)
    interrupted = ends.pop((CallStatus.FAILED, "interrupted"), 0)
    put_off = ends.pop((CallStatus.FAILED, "put_off"), 0)
    wanted = {f"977{number}" for number in full.numbers}
    refused = [entry["number"] for entry in entries(rig.centre_log) if entry["event"] == "refused"]
    tries = Counter(number for number in refused if number in wanted)
    report.figures.update(
        {
            "full inboxes": len(full.numbers),
            "of these put off to the end": put_off,
            "of these interrupted": interrupted,
            "most tries of one": max(tries.values()),
        }
    )
    report.must(not ends, f"full inboxes ended otherwise: {dict(ends)}")
    report.must(put_off > 0, "no full inbox was put off to its end")
    report.must(max(tries.values()) <= _MOST_TRIES, f"tried too often: {tries.most_common(3)}")
    untried = wanted - tries.keys()
    report.must(len(untried) <= interrupted, f"never tried: {sorted(untried)[:5]}")
    return report


@asynccontextmanager
async def sms_rig(**settings: str) -> AsyncIterator[SmsRig]:
    """A started rig in a folder of its own, which is removed at the end; `settings` as ``TINGTING_…`` variables."""
    folder = Path(tempfile.mkdtemp(prefix="tingting-chaos-sms-"))
    folder.chmod(0o711)
    made = SmsRig(folder)
    made.settings.update(settings)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
        shutil.rmtree(folder, ignore_errors=True)


PATIENT = {"TINGTING_SMS_VALIDITY_S": "300"}
"""Long enough that what a dead session left unacknowledged comes again before anything expires."""
FULL = {"TINGTING_SMS_VALIDITY_S": "90"}
"""Longer than the others take to pass, kills and leases included."""
BRIEF = {"TINGTING_SMS_VALIDITY_S": "10"}
"""For receipts that never come."""


async def killed(scale: Scale) -> Report:
    """`killed_lines` on a rig of its own."""
    async with sms_rig(**PATIENT) as rig:
        return await killed_lines(rig, Numbers(), scale)


async def drained(scale: Scale) -> Report:
    """`drained_lines` on a rig of its own."""
    async with sms_rig(**PATIENT) as rig:
        return await drained_lines(rig, Numbers(), scale)


async def absent(scale: Scale) -> Report:
    """`absent_centre` on a rig of its own."""
    async with sms_rig(**BRIEF) as rig:
        return await absent_centre(rig, Numbers(), scale)


async def full(scale: Scale) -> Report:
    """`full_inboxes` on a rig of its own."""
    async with sms_rig(**FULL) as rig:
        return await full_inboxes(rig, Numbers(), scale)
