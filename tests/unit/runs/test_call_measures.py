from datetime import UTC, datetime, timedelta

import pytest

from app.calls.models import Call
from app.calls.state import CallStatus
from app.runs.call_measures import measure, named_counts, playback_percent

ANSWERED = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def call(seconds: float | None, **values: object) -> Call:
    ended = None if seconds is None else ANSWERED + timedelta(seconds=seconds)
    return Call(**{"status": CallStatus.HUNGUP, "answered_at": ANSWERED, "ended_at": ended, **values})


def test_a_recipient_without_a_call_has_not_started():
    figures = measure(None)
    assert (figures.status, figures.duration, figures.playback, figures.credit_consumed) == (
        "not started",
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("seconds", "credit"), [(0, 0), (0.2, 1), (59.9, 1), (60, 1), (60.1, 2), (600, 10), (None, 0), (-3, 0)]
)
def test_each_minute_begun_is_one_credit(seconds: float | None, credit: int):
    assert measure(call(seconds)).credit_consumed == credit


def test_a_call_that_was_not_answered_costs_nothing():
    figures = measure(call(45, status=CallStatus.UNANSWERED, answered_at=None))
    assert (figures.status, figures.duration, figures.credit_consumed) == ("unanswered", 0, 0)


@pytest.mark.parametrize(
    ("status", "played", "audio", "percent"),
    [
        (CallStatus.HUNGUP, 9_999, 10_000, 99),
        (CallStatus.HUNGUP, 0, 10_000, 0),
        (CallStatus.HUNGUP, 10_020, 10_000, 100),
        (CallStatus.HUNGUP, None, None, 0),
        (CallStatus.COMPLETED, 9_980, 10_000, 100),
        (CallStatus.FAILED, None, 10_000, 0),
    ],
)
def test_playback_is_the_share_heard(status: CallStatus, played: int | None, audio: int | None, percent: int):
    assert playback_percent(status, played, audio) == percent


def test_clients_read_a_claimed_call_as_queued():
    counts = {CallStatus.FAILED: 1, CallStatus.CLAIMED: 2, CallStatus.QUEUED: 3}
    assert list(named_counts(counts).items()) == [("queued", 5), ("failed", 1)]
