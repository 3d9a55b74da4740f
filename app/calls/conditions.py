"""Where a call stands, said so that the partial indexes on `calls` serve it.

Their conditions name `line_id`, `ended_at` and `waiting_for`, which change with the claim, with the end and when a call
is deferred, and not `status`, which changes at every step: an update that touches a column of any index, its condition
included, writes a new entry into each of the table's indexes (PostgreSQL: Heap-Only Tuples). Measured over a whole
life, see docs/scaling.md. The status is a literal, for a bound value keeps the planner from custom plans after five
uses.
"""

from collections.abc import Iterable

from sqlalchemy import BindParameter, ColumnElement, SQLColumnExpression, all_, bindparam, literal, or_

from app.calls.models import Call
from app.calls.state import HELD, CallStatus


def queued() -> tuple[ColumnElement[bool], ...]:
    """Waits for a line."""
    return (
        _is(CallStatus.QUEUED),
        Call.line_id.is_(None),
        Call.ended_at.is_(None),
        Call.waiting_for.is_(None),
    )


def of_run(run_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Is that run's; for queries in the order of run, channel and id.

    Said as a range, for the planner knows that one run's calls in that order are in the order of their id, takes them
    for spread over all ids and walks along the primary key: 280 ms behind 400,000 calls of earlier runs.
    """
    return Call.run_id.between(run_id, run_id)


def deferred() -> tuple[ColumnElement[bool], ...]:
    """Waits for its time, or for its number."""
    return (_is(CallStatus.DEFERRED), Call.waiting_for.is_not(None), Call.ended_at.is_(None))


def passed_on() -> tuple[ColumnElement[bool], ...]:
    """Waits for a line of another trunk than those that did not take it.

    Of no line, as all that is queued, but that is left unsaid: the index of the queued would serve it then as well,
    and the planner takes that for an equal while its statistics are from a time at which nothing was queued.
    """
    return (_is(CallStatus.QUEUED), Call.refused_by.is_not(None), Call.ended_at.is_(None))


def not_refused_by(trunk: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """May go over that trunk."""
    return or_(Call.refused_by.is_(None), trunk != all_(Call.refused_by))


def claimed() -> tuple[ColumnElement[bool], ...]:
    """Given to a line that has not begun it."""
    return (_is(CallStatus.CLAIMED), Call.line_id.is_not(None), Call.ended_at.is_(None))


def held(statuses: Iterable[CallStatus] = HELD) -> tuple[ColumnElement[bool], ...]:
    """Takes a place on a line."""
    chosen: BindParameter[list[CallStatus]] = bindparam(
        "held", sorted(statuses), expanding=True, literal_execute=True
    )
    return (Call.status.in_(chosen), Call.line_id.is_not(None), Call.ended_at.is_(None))


def _is(status: CallStatus) -> ColumnElement[bool]:
    return Call.status == literal(int(status), literal_execute=True)
