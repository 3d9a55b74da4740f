"""The dispatcher's view of Postgres and its one write: the claim."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.accounts.models import Account
from app.calls import places
from app.calls.lines import LineState
from app.calls.models import Call, Line, Trunk
from app.calls.state import HELD, CallStatus, Channel
from app.calls.trunk_failover import REST
from app.runs.models import Run, RunCount
from app.runs.pacing import Limits, WaitingRun
from app.runs.state import ACTIVE, RunState


@dataclass(frozen=True, slots=True)
class LineView:
    """A line that is not gone, as the leader sees it now.

    Attributes:
        held: calls that it has in hand.
        resting: it gets no call for some seconds, for its trunk takes none.
        trunk_says: what the trunk last answered when it was asked; None: it was not asked yet.
        trunk_silent_s: seconds for which it has answered nothing; None: it answers.
    """

    id: int
    kind: str
    trunk: str
    places: int
    cps: float
    heartbeat: int
    state: LineState
    held: int
    resting: bool
    trunk_says: str | None = None
    trunk_silent_s: float | None = None


async def lines_now(connection: AsyncConnection) -> Sequence[LineView]:
    """Every line that is not gone, with the calls it holds."""
    held = (
        select(Call.line_id, func.count().label("n")).where(*places.held()).group_by(Call.line_id).subquery()
    )
    query = (
        select(
            Line.id,
            Line.kind,
            Line.trunk,
            Line.places,
            Line.cps,
            Line.heartbeat,
            Line.state,
            func.coalesce(held.c.n, 0),
            # A moment further off than any rest comes from a clock that jumped back.
            func.coalesce(Line.resting_until.between(func.now(), func.now() + REST), false()),
            Line.trunk_says,
            func.extract("epoch", func.now() - Line.trunk_silent_since),
        )
        .outerjoin(held, held.c.line_id == Line.id)
        .where(Line.state != LineState.GONE)
        .order_by(Line.id)
    )
    rows = (await connection.execute(query)).all()
    return [
        LineView(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            LineState(row[6]),
            row[7],
            row[8],
            row[9],
            None if row[10] is None else float(row[10]),
        )
        for row in rows
    ]


async def trunk_limits(connection: AsyncConnection) -> dict[str, tuple[Limits, int]]:
    """The limits and weight of each trunk that has some, by name."""
    rows = await connection.execute(select(Trunk.name, Trunk.max_cps, Trunk.max_calls, Trunk.weight))
    return {name: (Limits(cps, calls), weight) for name, cps, calls, weight in rows}


async def held_by_run(connection: AsyncConnection) -> dict[int, tuple[int, int]]:
    """The account of each run that is not over, and the calls that lines have in hand for it."""
    query = (
        select(Run.id, Run.account_id, func.sum(RunCount.n))
        .join(RunCount, RunCount.run_id == Run.id)
        .where(Run.state.in_(ACTIVE), RunCount.status.in_([int(status) for status in HELD]), RunCount.n > 0)
        .group_by(Run.id)
    )
    return {run_id: (account_id, int(held)) for run_id, account_id, held in await connection.execute(query)}


async def waiting_runs(connection: AsyncConnection) -> dict[Channel, list[WaitingRun]]:
    """Running runs that have calls queued, by channel, with all that limits them."""
    held = await held_by_run(connection)
    of_account = Counter[int]()
    for holder, in_hand in held.values():
        of_account[holder] += in_hand
    limits = (Run.queue_priority, Run.max_cps, Run.max_calls, Account.max_cps, Account.max_calls)
    query = (
        select(RunCount.channel, Run.id, Run.account_id, RunCount.n, *limits)
        .join(Account, Account.id == Run.account_id)
        .join(RunCount, (RunCount.run_id == Run.id) & (RunCount.status == int(CallStatus.QUEUED)))
        .where(Run.state == RunState.RUNNING, RunCount.n > 0, Account.is_active)
    )
    found: dict[Channel, list[WaitingRun]] = {channel: [] for channel in Channel}
    for row in await connection.execute(query):
        channel, run_id, account_id, queued, priority, cps, calls, account_cps, account_calls = row
        found[Channel(channel)].append(
            WaitingRun(
                run_id,
                account_id,
                queued,
                priority,
                Limits(cps, calls),
                held.get(run_id, (0, 0))[1],
                Limits(account_cps, account_calls),
                of_account[account_id],
            )
        )
    return found


async def claim(
    connection: AsyncConnection,
    *,
    line_id: int,
    run_id: int,
    channel: Channel = Channel.VOICE,
    calls: int,
    now: datetime,
) -> list[tuple[int, int]]:
    """Claim up to `calls` queued calls of a run and channel for a line.

    The rows of the line and of the run are share-locked and looked at again: a pause, a stop or a drain that commits
    first finds nothing claimed, one that comes later finds all that was. Calls that the line's trunk did not take are
    not for it; what that trunk said of them is forgotten when another takes them over.

    Returns:
        Pairs of call id and attempt.
    """
    open_line = (
        select(Line.trunk).where(Line.id == line_id, Line.state == LineState.OPEN).with_for_update(read=True)
    )
    running = select(Run.id).where(Run.id == run_id, Run.state == RunState.RUNNING).with_for_update(read=True)
    trunk = await connection.scalar(open_line)
    if trunk is None or (await connection.execute(running)).first() is None:
        return []
    chosen = (
        select(Call.id)
        .where(
            Call.run_id == run_id,
            Call.channel == channel,
            *places.queued(),
            or_(Call.not_before.is_(None), Call.not_before <= now),
            places.not_refused_by(literal(trunk)),
        )
        .order_by(Call.id)
        .limit(calls)
        .with_for_update(skip_locked=True)
    )
    claimed = await connection.execute(
        update(Call)
        .where(Call.id.in_(chosen))
        .values(
            status=CallStatus.CLAIMED,
            line_id=line_id,
            sip_status=None,
            sip_call_id=None,
        )
        .returning(Call.id, Call.attempt)
    )
    return [(row.id, row.attempt) for row in claimed]
