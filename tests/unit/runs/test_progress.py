from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.calls.state import CallStatus
from app.runs.progress import Progress, progress_of
from app.runs.state import RunState

BEGAN = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
DONE, QUEUED = CallStatus.COMPLETED, CallStatus.QUEUED


def after(
    minutes: float,
    state: RunState,
    counts: Mapping[CallStatus, int],
    recipients: int = 100,
    **times: datetime | None,
) -> Progress:
    given = {"started_at": BEGAN, "finished_at": None, **times}
    return progress_of(state, counts, recipients=recipients, now=BEGAN + timedelta(minutes=minutes), **given)


def test_the_expected_end_follows_from_the_rate_so_far():
    progress = after(2, RunState.RUNNING, {DONE: 40, QUEUED: 60})
    assert (progress.ended, progress.total, progress.percent) == (40, 100, 40.0)
    assert progress.rate_per_minute == 20
    assert progress.expected_end == BEGAN + timedelta(minutes=5)


def test_a_run_that_has_not_started_promises_nothing():
    progress = after(0, RunState.SCHEDULED, {}, started_at=None)
    assert (progress.ended, progress.total, progress.percent) == (0, 100, 0)
    assert progress.rate_per_minute == 0
    assert progress.expected_end is None


def test_while_no_call_has_ended_no_end_is_expected():
    assert after(1, RunState.RUNNING, {QUEUED: 100}).expected_end is None


def test_a_paused_run_has_no_expected_end():
    assert after(1, RunState.PAUSED, {DONE: 50, QUEUED: 50}).expected_end is None


def test_an_unfinished_fan_out_counts_the_recipients_to_come():
    assert after(1, RunState.RUNNING, {DONE: 50}).total == 100


def test_a_hundred_percent_is_said_at_the_end_alone():
    assert after(1, RunState.RUNNING, {DONE: 100_000}, recipients=100_001).percent == 99.9
    ended = BEGAN + timedelta(minutes=10)
    progress = after(60, RunState.COMPLETED, {DONE: 98}, finished_at=ended)
    assert (progress.percent, progress.total, progress.expected_end) == (100.0, 98, ended)
    assert progress.rate_per_minute == 9.8


def test_a_crawling_run_expects_no_end_in_centuries():
    assert after(600_000, RunState.RUNNING, {DONE: 1}, recipients=1_000_000).expected_end is None
