"""Did every message end as its number says? The API's word is held against the message centre's own record. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from app.local.demo_checks import e164
from app.trial.sms_behaviour import sms_behaviour


def wrong_messages(messages: Sequence[Mapping[str, Any]], numbers: Sequence[str]) -> list[str]:
    """A sentence for each message of a run that is missing, doubled, or ended otherwise than its number says."""
    expected = Counter(e164(number) for number in numbers)
    made = Counter(e164(str(message["number"])) for message in messages)
    found = [f"{number}: {count} message(s) missing." for number, count in (expected - made).items()]
    found += [f"{number}: {count} message(s) too many." for number, count in (made - expected).items()]
    for message in messages:
        script = sms_behaviour(e164(str(message["number"])))
        if (message["status"], message["reason"]) != (script.call_status, script.reason):
            found.append(
                f"{message['number']}: its message ended {message['status']} ({message['reason']}), "
                f"the message centre makes {script.call_status} ({script.reason})."
            )
    return found


def wrong_submits(journal: Sequence[Mapping[str, Any]], numbers: Sequence[str]) -> list[str]:
    """A sentence for each number that got another number of messages than one (than none where the centre refuses)."""
    taken = Counter(
        e164(f"+{entry['number']}") for entry in journal if entry["event"] == "submitted" and is_first(entry)
    )
    wanted = {e164(number): int(sms_behaviour(e164(number)).refusal == 0) for number in numbers}
    return [
        f"{number}: the message centre took {taken[number]} message(s) instead of {wanted.get(number, 0)}."
        for number in sorted(taken.keys() | wanted.keys())
        if taken[number] != wanted.get(number, 0)
    ]


def is_first(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is of a message that goes alone, or of the first of its segments."""
    return list(entry["segment"])[1:] in ([], [1])


def received(journal: Sequence[Mapping[str, Any]], number: str) -> str:
    """The text that the centre got for a number, its segments put together; empty when it got none."""
    wanted = e164(number)
    return "".join(
        str(entry["text"])
        for entry in journal
        if entry["event"] == "submitted" and e164(f"+{entry['number']}") == wanted
    )
