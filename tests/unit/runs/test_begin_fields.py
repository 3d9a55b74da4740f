import pytest

from app.calls.state import CallStatus
from app.core.errors import InvalidError
from app.runs.begin_fields import parse_individual, parse_priority, parse_statuses


def code_of(raised):
    return raised.value.items[0].code


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Failed", ["FAILED"]),
        ("failed, hungup", ["FAILED", "HUNGUP"]),
        (["UNANSWERED", "completed"], ["UNANSWERED", "COMPLETED"]),
        (["failed,Terminated", "failed"], ["FAILED", "TERMINATED"]),
        (" 'hungup' ", ["HUNGUP"]),
    ],
)
def test_statuses_are_read_in_any_spelling(value, names):
    assert parse_statuses(value) == [CallStatus[name] for name in names]


@pytest.mark.parametrize("value", [None, "", [], " , "])
def test_no_status_means_everyone(value):
    assert parse_statuses(value) is None


@pytest.mark.parametrize("value", ["dialing", "queued", "all", 5, [None], {"a": 1}, [["failed"]], True])
def test_an_unknown_status_is_refused_naming_the_five(value):
    with pytest.raises(InvalidError) as raised:
        parse_statuses(value)
    assert code_of(raised) == "unknown_status"
    assert "hungup, unanswered, failed, terminated, completed" in str(raised.value)


def test_priority_is_message_or_audio():
    assert parse_priority("Message") == "message"
    assert parse_priority(" AUDIO ") == "audio"
    assert parse_priority(None) is None
    for wrong in ("high", 1, ["message"]):
        with pytest.raises(InvalidError) as raised:
            parse_priority(wrong)
        assert code_of(raised) == "unknown_priority"


@pytest.mark.parametrize(
    ("value", "ids"), [([3, "4"], [3, 4]), ("7, 8,7", [7, 8]), (9, [9]), (None, None), ("", None)]
)
def test_individual_is_read_from_lists_and_text(value, ids):
    assert parse_individual(value) == ids


@pytest.mark.parametrize("value", ["x", [0], [-1], [2**63], [True], [1.5], {"a": 1}, "1;2", [None]])
def test_what_is_no_id_is_refused(value):
    with pytest.raises(InvalidError) as raised:
        parse_individual(value)
    assert code_of(raised) == "invalid_id"
