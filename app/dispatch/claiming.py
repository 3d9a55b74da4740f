"""The claim: queued calls of a run are given to a line. The leader's one write of calls.

A phone rings for one call at a time, and a number is called so many times a day at most, whoever calls it. Both are
judged by the statement that claims: what may not start now is deferred by it, out of the pacer's sight
(`app.dispatch.requeue`). A text does not ring: SMS are claimed without asking about their number.

Claims of calls are made one after the other, whichever leader makes them, so that each sees what those before it have
claimed. That no number is in progress twice is a unique index's word as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Integer,
    Interval,
    Text,
    bindparam,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.dml import ReturningUpdate

from app.calls import conditions
from app.calls.models import Call, Line
from app.calls.state import CallStatus, Channel, LineState, WaitingFor
from app.calls.steps import step, step_sql
from app.core.clock import day_of, midnight_after, midnight_before
from app.runs.models import Run
from app.runs.state import GOING_ON, RunState

REASON_NUMBER_CAP = "number_cap"
"""Of a call whose number had been called as often as it may be on each of `MOST_DAYS` days."""
MOST_DAYS = 10
"""Days that a call waits for a day on which its number may be called; then it fails."""
RINGS_ON = timedelta(seconds=60)
"""How long a number rests whose line or SIP stack was lost during a call: nobody cancels that call, and its phone may
ring until the network gives up."""
_CLAIM_LOCK = 7264919
_MOST_ROUNDS = 10
"""Claims that are made for one share while some of its calls may not start."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a claim did.

    Attributes:
        calls: id and attempt of each call that the line got.
        put_aside: calls that were in turn and may not start now.
    """

    calls: list[tuple[int, int]]
    put_aside: int


NO_CLAIMS = Claims([], 0)


async def claim(
    connection: AsyncConnection,
    *,
    line_id: int,
    run_id: int,
    channel: Channel = Channel.VOICE,
    calls: int,
    now: datetime,
    number_cap: int | None = None,
) -> Claims:
    """Claim up to `calls` queued calls of a run and channel for a line.

    The rows of the line and of the run are share-locked and looked at again: a pause, a stop or a drain that commits
    first finds nothing claimed, one that comes later finds all that was. Calls that the line's trunk did not take are
    not for it; what that trunk said of them is forgotten when another takes them over.

    Args:
        connection: in a transaction that changes no other calls.
        line_id: who gets them.
        run_id: whose they are.
        channel: calls, or SMS.
        calls: that may start.
        now: the server's clock, aware.
        number_cap: calls to one number in a day of Kathmandu, over all accounts; None: any number.
    """
    trunk = await _trunk_to_claim_for(connection, line_id, run_id, channel)
    if trunk is None:
        return NO_CLAIMS
    given = {"line": line_id, "run": run_id, "trunk": trunk, "calls": calls}
    if channel is Channel.SMS:
        claimed = await connection.execute(_CLAIM_SMS, given)
        return Claims([(call_id, attempt) for call_id, attempt in claimed], 0)
    judged = (await connection.execute(_CLAIM_CALLS, given | _judged_by(number_cap, now))).all()
    claims = [(row.id, row.attempt) for row in judged if row.line_id is not None]
    return Claims(claims, len(judged) - len(claims))


def _judged_by(number_cap: int | None, now: datetime) -> dict[str, object]:
    days = {"today": day_of(now), "midnight": midnight_before(now), "tomorrow": midnight_after(now)}
    return {"cap": number_cap, "now": now, **days}


async def _trunk_to_claim_for(
    connection: AsyncConnection, line_id: int, run_id: int, channel: Channel
) -> str | None:
    """The line's trunk, with its row and the run's share-locked; None when one of the two takes no claims now.

    A statement before the claim, so that the claim sees what the advisory lock's last holder has committed.
    """
    alone = func.pg_advisory_xact_lock(_CLAIM_LOCK) if channel is Channel.VOICE else literal(None)
    open_line = (
        select(Line.trunk, alone)
        .where(Line.id == line_id, Line.state == LineState.OPEN)
        .with_for_update(read=True)
    )
    running = select(Run.id).where(Run.id == run_id, Run.state == RunState.RUNNING).with_for_update(read=True)
    trunk: str | None = await connection.scalar(open_line)
    if trunk is None or (await connection.execute(running)).first() is None:
        return None
    return trunk


async def claim_share(
    engine: AsyncEngine,
    *,
    line_id: int,
    run_id: int,
    channel: Channel,
    calls: int,
    now: datetime,
    number_cap: int | None,
) -> list[tuple[int, int]]:
    """Claim as `claim` does; what may not start now takes nothing of the share, the next calls in turn do.

    In transactions of their own, for none may change calls twice. A run whose every number waits is gone through in
    some looks of the leader, so that it does not hold up the others.
    """
    claims: list[tuple[int, int]] = []
    for _ in range(_MOST_ROUNDS):
        async with engine.begin() as connection:
            claimed = await claim(
                connection,
                line_id=line_id,
                run_id=run_id,
                channel=channel,
                calls=calls - len(claims),
                now=now,
                number_cap=number_cap,
            )
        claims += claimed.calls
        if not claimed.put_aside or len(claims) == calls:
            break
    return claims


def _claim_sms() -> ReturningUpdate[int, int]:
    in_turn = (
        select(Call.id)
        .where(
            conditions.of_run(bindparam("run")),
            Call.channel == literal(int(Channel.SMS), literal_execute=True),
            *conditions.queued(),
            conditions.not_refused_by(bindparam("trunk", type_=Text)),
        )
        .order_by(Call.run_id, Call.channel, Call.id)
        .limit(bindparam("calls"))
        .with_for_update(skip_locked=True)
    )
    return (
        step(CallStatus.CLAIMED, of={CallStatus.QUEUED})
        .where(Call.id.in_(in_turn))
        # What the centre said when it put a message off is forgotten.
        .values(line_id=bindparam("line"), reason=None, network_code=None)
        .returning(Call.id, Call.attempt)
    )


_CLAIM_SMS = _claim_sms()

_JUDGED = step_sql(
    "next",
    targets={CallStatus.CLAIMED, CallStatus.DEFERRED, CallStatus.FAILED},
    of={CallStatus.QUEUED},
    values={
        "number": "judged.number",
        "line_id": f"CASE next WHEN {CallStatus.CLAIMED:d} THEN :line END",
        "claimed_on": f"CASE next WHEN {CallStatus.CLAIMED:d} THEN :today ELSE claimed_on END",
        "sip_status": "NULL",
        "sip_call_id": "NULL",
        "waiting_for": f"CASE WHEN next = {CallStatus.DEFERRED:d} THEN "
        f"CASE WHEN capped THEN {WaitingFor.NUMBER_CAP:d} ELSE {WaitingFor.NUMBER_BUSY:d} END END",
        "not_before": f"CASE WHEN next = {CallStatus.DEFERRED:d} THEN "
        "CASE WHEN capped THEN :tomorrow ELSE rests_until END END",
        "days_waited": f"CASE WHEN capped AND next = {CallStatus.DEFERRED:d} THEN days + 1 ELSE days_waited END",
        "reason": f"CASE next WHEN {CallStatus.FAILED:d} THEN '{REASON_NUMBER_CAP}' END",
        "ended_at": f"CASE next WHEN {CallStatus.FAILED:d} THEN :now END",
    },
    rows="judged",
    returning=("attempt", "line_id"),
    going_on=GOING_ON,
)
# The names come from the enums; every value is bound.
#
# The run is said as a range for the reason that `conditions.of_run` gives. Subqueries and laterals ask for each call by
# an index: joined, the planner might go through all recipients, or all calls, when it thinks that many are in turn.
# What is no number of digits is left to the line, which refuses it.
#
# `calls_today`: those that may have rung; a call may be dialled on the day after its claim. One that the network
# refused before a phone rang does not count, so that a trunk in trouble uses up nobody's day.
_CLAIM_CALLS = text(
    rf"""
    WITH in_turn AS MATERIALIZED (
        SELECT id, recipient_id, coalesce(days_waited, 0) AS days
        FROM calls
        WHERE run_id BETWEEN :run AND :run AND channel = {Channel.VOICE:d} AND status = {CallStatus.QUEUED:d}
            AND line_id IS NULL AND ended_at IS NULL AND waiting_for IS NULL
            AND (refused_by IS NULL OR :trunk <> ALL (refused_by))
        ORDER BY run_id, channel, id LIMIT :calls FOR UPDATE SKIP LOCKED
    ), numbered AS MATERIALIZED (
        SELECT id, days, nullif(regexp_replace(
            (SELECT number FROM recipients WHERE recipients.id = recipient_id), '\D', '', 'g'
        ), '')::bigint AS number
        FROM in_turn
    ), known AS (
        SELECT numbered.*, calls_today.rang >= :cap AS capped, calls_today.lost_at + :rest AS rests_until,
            (SELECT count(*) FROM calls AS other WHERE other.number = numbered.number
                AND other.line_id IS NOT NULL AND other.ended_at IS NULL) > 0
            OR row_number() OVER (PARTITION BY number ORDER BY id) > 1 AND number IS NOT NULL AS taken
        FROM numbered CROSS JOIN LATERAL (
            SELECT
                count(*) FILTER (WHERE other.dialed_at >= :midnight AND NOT (
                    other.status = {CallStatus.FAILED:d} AND other.sip_status IS NOT NULL AND other.ringing_at IS NULL
                )) AS rang,
                max(other.ended_at) FILTER (WHERE other.reason IN ('interrupted', 'carrier_error')
                    AND other.ended_at > :now - :rest AND other.ended_at <= :now) AS lost_at
            FROM calls AS other WHERE other.number = numbered.number AND other.claimed_on >= :today - 1
        ) AS calls_today
    ), judged AS (
        SELECT known.*, CASE
            WHEN capped AND days >= {MOST_DAYS} THEN {CallStatus.FAILED:d}
            WHEN capped OR taken OR rests_until IS NOT NULL THEN {CallStatus.DEFERRED:d}
            ELSE {CallStatus.CLAIMED:d}
        END AS next
        FROM known
    ), {_JUDGED}
    SELECT id, attempt, line_id FROM stepped
    """  # noqa: S608
).bindparams(
    bindparam("trunk", type_=Text),
    *(bindparam(name, type_=BigInteger) for name in ("run", "calls")),
    *(bindparam(name, type_=Integer) for name in ("line", "cap")),
    bindparam("today", type_=Date),
    bindparam("rest", RINGS_ON, type_=Interval),
    *(bindparam(name, type_=DateTime(timezone=True)) for name in ("now", "midnight", "tomorrow")),
)
