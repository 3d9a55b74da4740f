"""What an account's limit a day leaves room for; read at every look of the dispatcher, before calls are claimed.

Exact without a lock: the leader alone claims, only a claimed call is dialled, and room is what is neither dialled nor
claimed. What is queued beyond it waits for the next day, Kathmandu's, as people there count it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.accounts.dialling import UNLIMITED
from app.accounts.models import Account, DialledDay
from app.calls.state import CallStatus
from app.core.clock import day_of
from app.dispatch.pacing_figures import WaitingRun
from app.runs.models import Run, RunCount
from app.runs.state import ACTIVE


@dataclass(frozen=True, slots=True)
class Day:
    """An account's day so far.

    Attributes:
        cap: calls that it may start in the day.
        dialled: calls that it has started.
        claimed: calls that lines are about to start.
    """

    cap: int
    dialled: int
    claimed: int

    @property
    def room(self) -> int:
        """Calls that may be claimed now."""
        return max(0, self.cap - self.dialled - self.claimed)


def cap_of(own: int | None, default: int | None) -> int | None:
    """An account's limit: its own, else the service's; None: it may start any number."""
    if own == UNLIMITED:
        return None
    return default if own is None else own


def within_caps(runs: Iterable[WaitingRun], room: dict[int, int]) -> list[WaitingRun]:
    """The runs, each with no more calls than its account has room for; what is given out is taken from `room`.

    Args:
        runs: with calls waiting.
        room: by account; one that is missing has no limit.
    """
    kept = []
    for run in runs:
        queued = min(run.queued, room.get(run.account_id, run.queued))
        if run.account_id in room:
            room[run.account_id] -= queued
        if queued:
            kept.append(replace(run, queued=queued))
    return kept


async def days_now(
    connection: AsyncConnection, account_ids: Collection[int], *, default: int | None, now: datetime
) -> dict[int, Day]:
    """The day of each account that has a limit."""
    if not account_ids:
        return {}
    claimed = (
        select(Run.account_id, func.sum(RunCount.n).label("n"))
        .join(RunCount, and_(RunCount.run_id == Run.id, RunCount.status == CallStatus.CLAIMED))
        .where(Run.state.in_(ACTIVE), Run.account_id.in_(account_ids))
        .group_by(Run.account_id)
        .subquery()
    )
    query = (
        select(
            Account.id,
            Account.calls_a_day,
            func.coalesce(DialledDay.calls, 0),
            func.coalesce(claimed.c.n, 0),
        )
        .outerjoin(DialledDay, and_(DialledDay.account_id == Account.id, DialledDay.day == day_of(now)))
        .outerjoin(claimed, claimed.c.account_id == Account.id)
        .where(Account.id.in_(account_ids))
    )
    days: dict[int, Day] = {}
    for account_id, own, dialled, held in await connection.execute(query):
        cap = cap_of(own, default)
        if cap is not None:
            days[account_id] = Day(cap, dialled, int(held))
    return days


async def dialled_today(session: AsyncSession, account_id: int, now: datetime) -> int:
    """Calls that an account has started today."""
    query = select(DialledDay.calls).where(DialledDay.account_id == account_id, DialledDay.day == day_of(now))
    return await session.scalar(query) or 0
