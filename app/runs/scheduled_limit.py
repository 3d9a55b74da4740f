"""How many runs an account may have scheduled at once: each of them is looked at when its time comes."""

from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ConflictError, Item
from app.runs.models import Run
from app.runs.state import RunState

_SCHEDULE_LOCKS = 0x7476_0000_0000_0000
"""Advisory locks by the account's id, so that begins at once are counted one after the other."""


async def refuse_too_many(session: AsyncSession, account_id: int, most: int | None, now: datetime) -> None:
    """Raise ConflictError ``too_many_scheduled_runs`` when an account has `most` runs scheduled for later.

    Args:
        session: the transaction that is about to schedule one more; until it ends, no other of the account is counted.
        account_id: whose.
        most: None: any number.
        now: the server's clock, aware.
    """
    if most is None:
        return
    await session.execute(select(func.pg_advisory_xact_lock(literal(_SCHEDULE_LOCKS + account_id))))
    scheduled = select(func.count()).where(
        Run.account_id == account_id, Run.state == RunState.SCHEDULED, Run.scheduled_for > now
    )
    if (await session.scalar(scheduled) or 0) >= most:
        message = (
            f"This account has {most:,} runs scheduled, as many as it may. Stop one that is not needed, wait until one "
            "has started, or begin this campaign at once."
        )
        raise ConflictError(Item("schedule_date", "too_many_scheduled_runs", message))
