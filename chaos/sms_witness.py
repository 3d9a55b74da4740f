"""What we say of messages, held against what the trial message centre says of them."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from app.calls.state import TERMINAL, CallStatus
from chaos.campaign import Begun
from chaos.rig import Rig
from chaos.witness import Report, entries, outcomes

Ends = Mapping[str, tuple[CallStatus | None, str | None]]
"""Status and reason of each message, by national number."""

_WITNESS_S = 2.0


async def judge_messages(
    rig: Rig, centre_log: Path, run: Begun, report: Report, *, owed: bool = False
) -> None:
    """Hold what we say of each message against what the centre says of it.

    Args:
        rig: to ask the database.
        centre_log: the centre's record.
        run: the run that is over.
        report: where to say how it went.
        owed: receipts may never have come, and the centre may have put a message off until its validity ended.
    """
    # The centre writes a receipt down when our acknowledgement has reached it, a moment after we have it.
    await asyncio.sleep(_WITNESS_S)
    said = await outcomes(rig, run.run_id)
    wanted = {f"977{number}": number for number in run.numbers}
    log = [entry for entry in entries(centre_log) if entry["number"] in wanted]
    sent = Counter(wanted[entry["number"]] for entry in log if entry["event"] == "submitted")
    told = {wanted[entry["number"]] for entry in log if entry["event"] == "receipt"}
    ends = {number: said[number][-1] if said.get(number) else (None, None) for number in run.numbers}
    _judge_sent(report, ends, sent, owed=owed)
    _judge_receipts(report, ends, told, owed=owed)


def _judge_sent(report: Report, ends: Ends, sent: Counter[str], *, owed: bool) -> None:
    """None was sent twice, each has an end, and none was left unsent without a reason."""
    twice = [number for number, times in sent.items() if times > 1]
    forgotten = [number for number, (status, _) in ends.items() if status not in TERMINAL]
    put_off = _ended_for("put_off", ends) if owed else set()
    unsent = [n for n in ends if not sent[n] and n not in _ended_for("interrupted", ends) | put_off]
    report.figures.update(
        {
            "messages": len(ends),
            "submitted": len(sent),
            "sent twice": len(twice),
            "forgotten": len(forgotten) + len(unsent),
        }
    )
    report.must(not twice, f"sent twice: {twice[:5]}")
    report.must(not forgotten, f"without an end: {forgotten[:5]}")
    report.must(not unsent, f"never sent: {unsent[:5]}")
    report.must(not put_off & sent.keys(), f"put off and sent: {sorted(put_off & sent.keys())[:5]}")


def _judge_receipts(report: Report, ends: Ends, told: set[str], *, owed: bool) -> None:
    """Each end is what the centre's receipt said, or says why there was none."""
    completed = {number for number, (status, _) in ends.items() if status is CallStatus.COMPLETED}
    interrupted = _ended_for("interrupted", ends)
    silent, put_off = (_ended_for(why, ends) if owed else set() for why in ("no_receipt", "put_off"))
    otherwise = [(n, ends[n]) for n in ends if n not in completed | interrupted | silent | put_off]
    unwitnessed, lost = sorted(completed - told), sorted(told - completed - interrupted)
    report.figures.update(
        {
            "completed": len(completed),
            "interrupted": len(interrupted),
            "receipts lost": len(lost),
            "without a receipt": len(silent),
        }
    )
    report.must(owed or not unwitnessed, f"completed without a receipt: {unwitnessed[:5]}")
    report.must(not lost, f"receipts lost: {lost[:5]}")
    report.must(not silent & told, f"receipts lost: {sorted(silent & told)[:5]}")
    report.must(not otherwise, f"ended otherwise: {otherwise[:5]}")


def _ended_for(why: str, ends: Ends) -> set[str]:
    return {number for number, (_, reason) in ends.items() if reason == why}
