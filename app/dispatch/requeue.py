"""How calls and messages that are deferred come back to the queue.

While they are deferred they cost the pacer nothing: it counts what is queued. They are in the database alone, so they
take no place, outlive every process, and a stop ends them. What is asked here, twice a second, is answered by two
indexes of the deferred alone.
"""

from datetime import datetime

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.calls.state import CallStatus
from app.calls.steps import step_sql
from app.runs.state import GOING_ON

_CHUNK = 5_000

_DEFERRED = frozenset({CallStatus.DEFERRED})
_QUEUED = frozenset({CallStatus.QUEUED})
_LATE = "gives_up_at <= :now"
_DUE = step_sql(
    f"CASE WHEN {_LATE} THEN {CallStatus.FAILED:d} ELSE {CallStatus.QUEUED:d} END",
    targets={CallStatus.FAILED, CallStatus.QUEUED},
    of=_DEFERRED,
    values={
        "waiting_for": "NULL",
        "not_before": "NULL",
        "ended_at": f"CASE WHEN {_LATE} THEN CAST(:now AS timestamptz) END",
    },
    rows="chosen",
    going_on=GOING_ON,
)
_FREE = step_sql(
    f"{CallStatus.QUEUED:d}",
    targets=_QUEUED,
    of=_DEFERRED,
    values={"waiting_for": "NULL", "not_before": "NULL"},
    rows="chosen",
)
_REQUEUE_DUE = text(
    f"""
    WITH chosen AS MATERIALIZED (
        SELECT id FROM calls
        WHERE waiting_for IS NOT NULL AND ended_at IS NULL AND not_before <= :now
        ORDER BY not_before LIMIT {_CHUNK} FOR UPDATE SKIP LOCKED
    ), {_DUE}
    SELECT count(*) FROM stepped
    """  # noqa: S608
).bindparams(bindparam("now", type_=DateTime(timezone=True)))
# From number to number along the index, past all that wait for the same one: there are at most as many numbers as
# calls in progress, and those that came free since the last time.
_REQUEUE_FREE = text(
    f"""
    WITH RECURSIVE awaited AS (
        (SELECT number, id FROM calls
            WHERE waiting_for IS NOT NULL AND ended_at IS NULL AND not_before IS NULL ORDER BY number, id LIMIT 1)
        UNION ALL
        SELECT following.number, following.id FROM awaited CROSS JOIN LATERAL (
            SELECT number, id FROM calls
            WHERE waiting_for IS NOT NULL AND ended_at IS NULL AND not_before IS NULL AND number > awaited.number
            ORDER BY number, id LIMIT 1
        ) AS following
    ), chosen AS MATERIALIZED (
        SELECT calls.id FROM calls JOIN awaited ON awaited.id = calls.id
        WHERE calls.waiting_for IS NOT NULL AND calls.ended_at IS NULL AND (
            SELECT count(*) FROM calls AS other
            WHERE other.number = awaited.number AND other.line_id IS NOT NULL AND other.ended_at IS NULL
        ) = 0
        FOR UPDATE OF calls SKIP LOCKED
    ), {_FREE}
    SELECT count(*) FROM stepped
    """  # noqa: S608
)


async def requeue(engine: AsyncEngine, now: datetime) -> int:
    """Queue the calls whose time has come, and the first call to each number that has come free; how many.

    A message whose validity has ended ends instead, `failed`.

    Of those that wait for one number the oldest goes first, one at a time: the others would only be deferred again.
    """
    async with engine.begin() as connection:
        total = await connection.scalar(_REQUEUE_FREE) or 0
    due = _CHUNK
    while due == _CHUNK:
        async with engine.begin() as connection:
            due = await connection.scalar(_REQUEUE_DUE, {"now": now}) or 0
        total += due
    return total
