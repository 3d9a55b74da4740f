"""How a run ends: completed when its calls have all ended, terminated when it was stopped."""

from datetime import datetime

from sqlalchemy import literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.state import TERMINAL, CallStatus
from app.runs.models import Run, RunCount
from app.runs.state import RunState, sources_of


async def finish_runs(session: AsyncSession, now: datetime) -> list[int]:
    """Complete each run whose calls have all ended, and terminate each stopped one; returns their ids.

    A stopped run does not wait for receipts, which may take days; messages that were sent follow them all the same.
    """
    finished: list[int] = []
    for target, ready, over in (
        (RunState.COMPLETED, Run.fanout_done_at.is_not(None), TERMINAL),
        (RunState.TERMINATED, text("true"), TERMINAL | {CallStatus.SENT}),
    ):
        open_calls = (
            select(literal(1))
            .where(RunCount.run_id == Run.id, RunCount.n > 0, RunCount.status.not_in(over))
            .exists()
        )
        sources = [state for state in sources_of(target) if state is not RunState.PAUSED]
        done = await session.scalars(
            update(Run)
            .where(Run.state.in_(sources), ready, ~open_calls)
            .values(state=target, finished_at=now)
            .returning(Run.id)
        )
        finished += done
    return finished
