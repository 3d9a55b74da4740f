"""How far a run is and when it will be over. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.calls.state import TERMINAL, CallStatus
from app.runs.state import RunState

_FINISHED = (RunState.COMPLETED, RunState.TERMINATED)
_LONGEST_FORECAST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Progress:
    """A run in figures.

    Attributes:
        ended: calls that are over.
        total: calls that the run makes.
        percent: share that is over, 0 to 100, to the tenth; 100 only at the end.
        rate_per_minute: calls that ended a minute, on average since the start; 0 before it.
        expected_end: when the last call ends at that rate; None while nothing is known or the run stands still.
    """

    ended: int
    total: int
    percent: float
    rate_per_minute: float
    expected_end: datetime | None


def progress_of(
    state: RunState,
    counts: Mapping[CallStatus, int],
    *,
    recipients: int,
    started_at: datetime | None,
    finished_at: datetime | None,
    now: datetime,
    waits: bool = False,
) -> Progress:
    """The progress of a run.

    Args:
        state: of the run.
        counts: calls per status, as far as the fan-out has come.
        recipients: how many it set out to reach.
        started_at: when its first call could start.
        finished_at: when its last call had ended.
        now: the server's clock, aware.
        waits: nothing of it can start at present, so that its rate says nothing of its end.
    """
    ended = sum(number for status, number in counts.items() if status in TERMINAL)
    # A recipient deleted since the begin gets no call; one that came during the fan-out gets one.
    total = sum(counts.values()) if state in _FINISHED else max(recipients, sum(counts.values()))
    rate = _rate(ended, started_at, finished_at or now)
    expected = finished_at
    if state is RunState.RUNNING and rate > 0 and not waits:
        left = timedelta(minutes=(total - ended) / rate)
        expected = now + left if left < _LONGEST_FORECAST else None
    return Progress(
        ended=ended,
        total=total,
        percent=100.0 if state in _FINISHED else min(99.9, _percent(ended, total)),
        rate_per_minute=round(rate, 1),
        expected_end=expected,
    )


def _percent(ended: int, total: int) -> float:
    return round(ended * 100 / total, 1) if total else 0.0


def _rate(ended: int, started_at: datetime | None, until: datetime) -> float:
    """Calls a minute; within the first second too little is known to divide by."""
    if started_at is None:
        return 0.0
    return ended * 60 / max(1.0, (until - started_at).total_seconds())
