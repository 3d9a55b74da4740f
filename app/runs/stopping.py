"""What becomes of the calls of a stopped run that no line has begun: they end, in the request if they are few.

If they are many, `app.dispatch.stopping` ends them.
"""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.models import Call
from app.calls.state import HELD, CallStatus
from app.calls.steps import step
from app.runs.models import Run, RunCount
from app.runs.state import RunState, sources_of

MOST_AT_ONCE = 20_000
"""Calls that a request may end; more are left to a control worker."""
WAITING = (CallStatus.QUEUED, CallStatus.DEFERRED)


async def end_at_once(session: AsyncSession, run_id: int, now: datetime) -> bool:
    """End a run that this transaction has stopped, if no line holds a call of it and at most `MOST_AT_ONCE` wait.

    The run's row is locked, so no line gets one meanwhile. Where a text follows a call that fails, another transaction
    may be ending a call and queueing its text at this moment: a run of that kind is left while anything waits.

    Returns:
        Whether it is over. False: the control worker ends what waits, and the run when its last call has ended.
    """
    query = select(RunCount.status, func.sum(RunCount.n)).where(RunCount.run_id == run_id)
    counts = {row[0]: row[1] for row in await session.execute(query.group_by(RunCount.status))}
    waiting = sum(counts.get(status, 0) for status in WAITING)
    if waiting > MOST_AT_ONCE or any(counts.get(status) for status in HELD):
        return False
    if waiting and await session.scalar(select(Run.failover.is_not(None)).where(Run.id == run_id)):
        return False
    if waiting:
        # Of both kinds in one statement, for no transaction changes calls in two.
        waits = (Call.line_id.is_(None), Call.ended_at.is_(None))
        ended = step(CallStatus.TERMINATED, of=WAITING).where(Call.run_id == run_id, *waits)
        await session.execute(ended.values(stopped(now)))
    await session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state.in_(sources_of(RunState.TERMINATED)))
        .values(state=RunState.TERMINATED, finished_at=now)
    )
    return True


def stopped(now: datetime) -> dict[str, object]:
    """What a call keeps that ends because its run was stopped."""
    return {"reason": "stopped", "ended_at": now, "waiting_for": None}
