"""The calls of stopped runs that no line has begun, and that were too many for the request: they end in chunks."""

from datetime import datetime

from sqlalchemy import Select, Update, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from app.calls import conditions
from app.calls.models import Call
from app.calls.state import CallStatus, Channel
from app.calls.steps import step
from app.db.engine import Sessions
from app.runs.models import Run, RunCount
from app.runs.state import RunState
from app.runs.stopping import WAITING, stopped

CHUNK = 20_000
_END_LOCKS = 0x7475_0000_0000_0000
"""Advisory locks by the run's id, so that two workers at once do not end one run's calls."""


async def end_queued(sessions: Sessions, run_id: int, now: datetime) -> None:
    """End what a stopped run still has queued, deferred or claimed, in chunks that keep row locks short.

    Another worker may be at it as well: then it is left to that one, or to the next look.
    """
    async with sessions.begin() as session:
        await session.execute(_end_claimed(run_id, now))
    for channel in Channel:
        after: int | None = 0
        while after is not None:
            async with sessions.begin() as session:
                alone = await session.scalar(
                    select(func.pg_try_advisory_xact_lock(literal(_END_LOCKS + run_id)))
                )
                after = await session.scalar(_end_chunk(run_id, channel, after, now)) if alone else None
    ended = CHUNK
    while ended == CHUNK:
        async with sessions.begin() as session:
            ended = len((await session.scalars(_end_deferred(run_id, now))).all())


def _end_deferred(run_id: int, now: datetime) -> ReturningUpdate[int]:
    """End some of what waits for its time or its number."""
    chosen = (
        select(Call.id)
        .join(Run, Run.id == Call.run_id)
        .where(Call.run_id == run_id, *conditions.deferred(), Run.state == RunState.STOPPING)
        .limit(CHUNK)
        # What is being queued again at this moment is found at the next look.
        .with_for_update(of=Call, skip_locked=True)
    )
    ended = step(CallStatus.TERMINATED, of={CallStatus.DEFERRED}).where(Call.id.in_(chosen))
    return ended.values(stopped(now)).returning(Call.id)


def _end_claimed(run_id: int, now: datetime) -> Update:
    """End what lines have not begun, of which there are at most as many calls as places."""
    chosen = (
        select(Call.id)
        .join(Run, Run.id == Call.run_id)
        .where(Call.run_id == run_id, *conditions.claimed(), Run.state == RunState.STOPPING)
        # Its line may be giving them back at this moment; what is skipped here is found at the next look.
        .with_for_update(of=Call, skip_locked=True)
    )
    ended = step(CallStatus.TERMINATED, of={CallStatus.CLAIMED}).where(Call.id.in_(chosen))
    return ended.values(stopped(now))


def _end_chunk(run_id: int, channel: Channel, after: int, now: datetime) -> Select[int]:
    """End the next queued calls behind id `after`; the id of the last one, None when there was none.

    The chunks go on behind each other's last id: one that began at the first call would walk over all that were ended
    before it, 500,000 on average. The rows are not locked before they are changed, which would write each of them
    twice: nothing that holds a queued call of a stopping run waits for another one.
    """
    waiting = and_(
        conditions.of_run(literal(run_id)),
        Call.channel == literal(int(channel), literal_execute=True),
        *conditions.queued(),
        Call.id > after,
    )
    in_order = (Call.run_id, Call.channel, Call.id)
    some = select(Call.id).where(waiting).order_by(*in_order).limit(CHUNK).subquery()
    chosen = select(func.max(some.c.id).label("last")).cte("chosen")
    stopping = select(Run.id).where(Run.id == run_id, Run.state == RunState.STOPPING).exists()
    ended = (
        step(CallStatus.TERMINATED, of={CallStatus.QUEUED})
        .where(waiting, Call.id <= select(chosen.c.last).scalar_subquery(), stopping)
        .values(stopped(now))
        .cte("ended")
    )
    return select(chosen.c.last).add_cte(ended)


async def runs_to_end(session: AsyncSession) -> list[int]:
    """Stopped runs that still have calls queued, deferred or claimed."""
    open_ones = (*WAITING, CallStatus.CLAIMED)
    query = (
        select(Run.id)
        .join(RunCount, RunCount.run_id == Run.id)
        .where(Run.state == RunState.STOPPING, RunCount.status.in_(open_ones), RunCount.n > 0)
        .distinct()
    )
    return list(await session.scalars(query))
