"""Lines of messages that die while they send: the witness is the trial message centre's own record.

``python -m chaos.sms`` runs the full row, a hundred kills over five thousand messages.
"""

import asyncio
import contextlib
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from app.calls.state import TERMINAL, CallStatus
from app.core import faults
from app.local import ports
from app.local.process import Process, Program
from chaos.campaign import Begun, finish
from chaos.progress import spread
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.witness import Numbers, Report, entries, outcomes

_POINTS = (faults.DIALING_COMMITTED, faults.INVITE_SENT, faults.BEFORE_RESULT)
# Of ten numbers six get their receipt after half a second, one before the response, one twice, one is throttled once,
# one is late.
_ENDINGS = (0, 1, 97, 2, 96, 3, 95, 4, 5, 93)
_RATE = "25"
# Long enough that what a dead session left unacknowledged comes again before anything expires.
_VALIDITY_S = "300"


class SmsRig(Rig):
    """A rig whose lines send messages."""

    def __init__(self, folder: Path, *, lines: int = 3) -> None:
        super().__init__(
            folder, lines=0, settings={"TINGTING_SMS_VALIDITY_S": _VALIDITY_S, "TINGTING_SMS_RATE": _RATE}
        )
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
    kills = scale.times(100, 8)
    run = await begin_messages(rig, numbers.take(scale.times(5000, 250), _ENDINGS))
    async for nth in spread(rig, run, kills):
        name = random.choice(rig.lines)
        if nth % 3 == 2:
            rig.arm(name, f"{random.choice(_POINTS)}:{random.randint(1, 20)}")
        rig.signal(name, signal.SIGKILL)
    await finish(rig, run)
    report.figures.update({"kills": kills, "lines that died": sum(g.name in rig.lines for g in rig.graves)})
    await judge_messages(rig, run, report)
    return report


async def judge_messages(rig: SmsRig, run: Begun, report: Report) -> None:
    """Hold what we say of each message against what the centre says of it."""
    said = await outcomes(rig, run.run_id)
    wanted = {f"977{number}": number for number in run.numbers}
    log = [entry for entry in entries(rig.centre_log) if entry["number"] in wanted]
    sent = Counter(wanted[entry["number"]] for entry in log if entry["event"] == "submitted")
    told = {wanted[entry["number"]] for entry in log if entry["event"] == "receipt"}
    ends = {number: said[number][-1] if said.get(number) else (None, None) for number in run.numbers}
    twice = [number for number, times in sent.items() if times > 1]
    forgotten = [number for number, (status, _) in ends.items() if status not in TERMINAL]
    completed = {number for number, (status, _) in ends.items() if status is CallStatus.COMPLETED}
    interrupted = {number for number, (_, why) in ends.items() if why == "interrupted"}
    unsent = [n for n in run.numbers if not sent[n] and n not in interrupted]
    report.figures.update(
        {
            "messages": len(run.numbers),
            "submitted": len(sent),
            "sent twice": len(twice),
            "forgotten": len(forgotten) + len(unsent),
            "completed": len(completed),
            "interrupted": len(interrupted),
            "receipts lost": len(told - completed - interrupted),
        }
    )
    report.must(not twice, f"sent twice: {twice[:5]}")
    report.must(not forgotten, f"without an end: {forgotten[:5]}")
    report.must(not unsent, f"never sent: {unsent[:5]}")
    report.must(completed <= told, f"completed without a receipt: {sorted(completed - told)[:5]}")
    report.must(
        told <= completed | interrupted, f"receipts lost: {sorted(told - completed - interrupted)[:5]}"
    )
    report.must(
        completed | interrupted == set(run.numbers),
        f"ended otherwise: {[(n, ends[n]) for n in run.numbers if n not in completed | interrupted][:5]}",
    )


@asynccontextmanager
async def sms_rig() -> AsyncIterator[SmsRig]:
    """A started rig in a folder of its own, which is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tingting-chaos-sms-"))
    folder.chmod(0o711)
    made = SmsRig(folder)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _main() -> int:
    percent = float(sys.argv[1]) if len(sys.argv) > 1 else 100.0
    async with sms_rig() as rig:
        report = await killed_lines(rig, Numbers(), Scale(percent=percent))
    sys.stdout.write(f"{report.line}\n" + "".join(f"BROKEN: {promise}\n" for promise in report.broken))
    return 1 if report.broken else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(_main()))
