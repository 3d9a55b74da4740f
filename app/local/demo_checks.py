"""Did every call end as its trial phone behaved? What the API says is held against the phones' own record. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.phone import parse_number
from app.trial.behaviour import behaviour

_HEARD_TOLERANCE_MS = 600
"""A message begins and ends with 0.2 s of silence, and the phones count from the first sound to the last."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one phone recorded of one call."""

    number: str
    heard_ms: int
    wav: str | None


def expected_status(number: str) -> str:
    """The status that a call to this number must end with."""
    return behaviour(number).call_status


def numbers_with(statuses: Iterable[str], numbers: Iterable[str]) -> list[str]:
    """Those of `numbers` whose phones make one of `statuses`."""
    wanted = set(statuses)
    return [number for number in numbers if expected_status(number) in wanted]


def wrong_calls(calls: Sequence[Mapping[str, Any]], numbers: Iterable[str]) -> list[str]:
    """A sentence for each call of a run that is missing, doubled, or ended otherwise than its phone behaved."""
    found = []
    expected = Counter(e164(number) for number in numbers)
    made = Counter(e164(str(call["number"])) for call in calls)
    found += [
        f"{number}: {count} call(s) missing from the run." for number, count in (expected - made).items()
    ]
    found += [
        f"{number}: {count} call(s) too many in the run." for number, count in (made - expected).items()
    ]
    for call in calls:
        number = str(call["number"])
        script = behaviour(number)
        if call["status"] != script.call_status:
            found.append(
                f"{number}: ended {call['status']} ({call['reason']}), its phone makes {script.call_status}."
            )
        elif call["sip_status"] != script.sip_status:
            found.append(f"{number}: SIP status {call['sip_status']}, its phone makes {script.sip_status}.")
    return found


def wrong_dials(journal: Sequence[Mapping[str, Any]], dials: Mapping[str, int]) -> list[str]:
    """A sentence for each number whose phone got more or fewer INVITEs than the runs that it was in.

    Args:
        journal: the phones' entries since the demo's begin.
        dials: per number in E.164, the runs that it was in.
    """
    rang = Counter(e164(str(entry["number"])) for entry in journal if entry["event"] == "invite")
    return [
        f"{number}: its phone was dialled {rang[number]} time(s) instead of {dials.get(number, 0)}."
        for number in sorted(rang.keys() | dials.keys())
        if rang[number] != dials.get(number, 0)
    ]


def unheard(journal: Sequence[Mapping[str, Any]], calls: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each completed call of which the phone heard less than the API says was played."""
    heard = {number: kept.heard_ms for number, kept in heard_calls(journal).items()}
    found = []
    for call in calls:
        if call["status"] != "completed":
            continue
        number = e164(str(call["number"]))
        played_ms = round(float(call["heard"]) * 1000)
        if heard.get(number, 0) < played_ms - _HEARD_TOLERANCE_MS:
            found.append(f"{number}: {played_ms} ms were played, its phone heard {heard.get(number, 0)} ms.")
    return found


def heard_calls(journal: Sequence[Mapping[str, Any]]) -> dict[str, Heard]:
    """What each phone heard in its latest answered call, by number in E.164."""
    found = {}
    for entry in journal:
        if entry["event"] == "ended" and entry.get("heard_ms") is not None:
            number = e164(str(entry["number"]))
            found[number] = Heard(number, int(entry["heard_ms"]), entry.get("wav"))
    return found


def read_journal(text: str) -> list[dict[str, Any]]:
    """The entries of the phones' log; a last line that is still being written is left out."""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def e164(number: str) -> str:
    """The form in which the API's numbers and the phones' are compared."""
    return parse_number(number).e164
