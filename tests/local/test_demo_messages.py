"""What the demo checks of its messages."""

from typing import Any

import pytest

from app.local import demo_messages as checks

_DELIVERED, _REFUSED, _EXPIRES = "9800000001", "9800000080", "9800000090"


def _message(number: str, **changes: Any) -> dict[str, Any]:
    ends = {
        _DELIVERED: ("completed", "delivered"),
        _REFUSED: ("failed", "number_not_found"),
        _EXPIRES: ("unanswered", "expired"),
    }
    status, reason = ends[number]
    return {"number": number, "status": status, "reason": reason, **changes}


def _submitted(number: str, text: str = "x", segment: tuple[int, ...] = ()) -> dict[str, Any]:
    return {"event": "submitted", "number": f"977{number}", "text": text, "segment": list(segment)}


def test_messages_that_ended_as_their_numbers_say_are_right() -> None:
    numbers = [_DELIVERED, _REFUSED, _EXPIRES]
    assert checks.wrong_messages([_message(number) for number in numbers], numbers) == []


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "1 message(s) missing"),
        ([_message(_DELIVERED), _message(_DELIVERED)], "1 message(s) too many"),
        ([_message(_DELIVERED, status="failed")], "ended failed (delivered)"),
        ([_message(_DELIVERED, reason="accepted")], "makes completed (delivered)"),
    ],
)
def test_a_message_that_ended_otherwise_is_named(messages: list[dict[str, Any]], words: str) -> None:
    (problem,) = checks.wrong_messages(messages, [_DELIVERED])
    assert words in problem


def test_a_number_that_was_written_to_twice_or_not_at_all_is_named() -> None:
    journal = [_submitted(_DELIVERED), _submitted(_DELIVERED), _submitted(_EXPIRES, segment=(2, 1))]
    assert checks.wrong_submits(journal, [_DELIVERED, _REFUSED, _EXPIRES]) == [
        f"+977{_DELIVERED}: the message centre took 2 message(s) instead of 1."
    ]
    assert len(checks.wrong_submits([], [_DELIVERED, _REFUSED])) == 1


def test_segments_are_one_message_and_one_text() -> None:
    journal = [_submitted(_DELIVERED, "नम", (2, 1)), _submitted(_DELIVERED, "स्ते", (2, 2))]
    assert checks.wrong_submits(journal, [_DELIVERED]) == []
    assert checks.received(journal, _DELIVERED) == "नमस्ते"
