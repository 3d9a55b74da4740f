"""What the phones say, against what we say. A call's witness is their log of INVITEs, never our database."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.calls.state import TERMINAL, CallStatus
from chaos.rig import Rig

BUSY, DECLINES, LISTENS = 90, 93, 0
_REACHED = {CallStatus.COMPLETED, CallStatus.HUNGUP, CallStatus.UNANSWERED}


@dataclass(slots=True)
class Report:
    """What came of a row of the table.

    Attributes:
        figures: counts for people, in the order in which they are shown.
        broken: promises that did not hold; empty: all held.
    """

    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def must(self, held: bool, promise: str) -> None:
        """Note a promise that did not hold."""
        if not held:
            self.broken.append(promise)

    @property
    def line(self) -> str:
        """The figures in one line."""
        return ", ".join(f"{value} {name}" for name, value in self.figures.items())


class Numbers:
    """Numbers that were never dialled before in this rig: what a phone does stands in their last two digits."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int, endings: Sequence[int]) -> list[str]:
        """`count` national numbers whose phones behave as `endings` say, in turns."""
        first, self._next = self._next, self._next + count
        return [f"98{nth:06d}{endings[nth % len(endings)]:02d}" for nth in range(first, self._next)]


def mixed() -> list[int]:
    """Endings of short calls: of twenty phones thirteen are busy, four decline after 0.3 s, three listen to the end.

    A busy phone costs no RTP, so that ten thousand calls fit into minutes on two cores.
    """
    return [BUSY, LISTENS, BUSY, DECLINES, BUSY, BUSY, DECLINES, BUSY, LISTENS, BUSY] * 2


def entries(log: Path) -> list[dict[str, Any]]:
    """Everything that the phones wrote down so far; a line that is still being written is left out."""
    if not log.exists():
        return []
    return [
        json.loads(line)
        for line in log.read_text(encoding="utf-8").splitlines(keepends=True)
        if line.endswith("\n")
    ]


def dialled(log: Path, numbers: Sequence[str]) -> Counter[str]:
    """How many calls (Call-IDs, not retransmissions) each of these national numbers got."""
    wanted = {f"+977{number}": number for number in numbers}
    calls = {
        (e["number"], e["call_id"]) for e in entries(log) if e["event"] == "invite" and e["number"] in wanted
    }
    return Counter(wanted[number] for number, _ in calls)


async def outcomes(rig: Rig, run_id: int) -> dict[str, list[tuple[CallStatus, str | None]]]:
    """What we say of each recipient of a run: status and reason of each attempt, by national number."""
    rows = await rig.fetch(
        "SELECT r.national, c.status, c.reason FROM runs JOIN recipients r ON r.campaign_id = runs.campaign_id "
        "LEFT JOIN calls c ON c.recipient_id = r.id AND c.run_id = runs.id WHERE runs.id = $1 ORDER BY c.id",
        run_id,
    )
    found: dict[str, list[tuple[CallStatus, str | None]]] = {}
    for row in rows:
        attempts = found.setdefault(row["national"], [])
        if row["status"] is not None:
            attempts.append((CallStatus(row["status"]), row["reason"]))
    return found


async def judge(rig: Rig, run_id: int, numbers: Sequence[str], report: Report) -> Counter[str]:
    """Nobody called twice, nobody forgotten, and nothing recorded that the phones deny; counts by status."""
    said = await outcomes(rig, run_id)
    got = dialled(rig.phones_log, numbers)
    twice = [number for number, times in got.items() if times > 1]
    forgotten = [number for number in numbers if not said.get(number) or said[number][-1][0] not in TERMINAL]
    invented = [
        number
        for number in numbers
        if any(s in _REACHED for s, _ in said.get(number, [])) and not got[number]
    ]
    interrupted = [
        number for number in numbers if any(why == "interrupted" for _, why in said.get(number, []))
    ]
    report.figures.update(
        {
            "calls": len(numbers),
            "dialled": len(got),
            "dialled twice": len(twice),
            "without an end": len(forgotten),
        }
    )
    report.figures["interrupted"] = len(interrupted)
    report.must(not twice, f"dialled twice: {twice[:5]}")
    report.must(not forgotten, f"without an end: {forgotten[:5]}")
    report.must(not invented, f"recorded as reached, unknown to the phones: {invented[:5]}")
    return Counter(status.name.lower() for attempts in said.values() for status, _ in attempts)
