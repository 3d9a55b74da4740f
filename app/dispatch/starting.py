"""How a run starts: which are due, the step to running at its time, and the fan-out behind it.

Each step is one short transaction with a guard of its own, so that any number of control workers may try at once and
a crash in between loses nothing: whoever comes next goes on from the row in Postgres.
"""

from datetime import datetime

from sqlalchemy import and_, case, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.campaigns.models import Campaign
from app.db.engine import Sessions
from app.dispatch.fair_starts import FairTurns
from app.dispatch.fan_out import CHUNK, fan_out_chunk
from app.recipients.models import Recipient
from app.runs.models import Run
from app.runs.state import RunState

MOST_OF_ONE = 20
"""Runs of one account that are moved on at a time."""


async def runs_to_advance(session: AsyncSession, now: datetime) -> list[int]:
    """Runs whose time has come or whose fan-out is unfinished: some of each account, the first of each at first."""
    due = and_(Run.state == RunState.SCHEDULED, Run.scheduled_for <= now)
    unfinished = and_(Run.state == RunState.RUNNING, Run.fanout_done_at.is_(None))
    nth = func.row_number().over(partition_by=Run.account_id, order_by=(Run.scheduled_for, Run.id))
    waiting = select(Run.id, nth.label("nth")).where(or_(due, unfinished)).subquery()
    query = select(waiting.c.id).where(waiting.c.nth <= MOST_OF_ONE).order_by(waiting.c.nth, waiting.c.id)
    return list(await session.scalars(query))


async def advance(sessions: Sessions, run_id: int, now: datetime, turns: FairTurns | None = None) -> None:
    """Start run `run_id` if its time has come, then write its calls to the end.

    Args:
        sessions: of the database.
        run_id: the run.
        now: the server's clock, aware.
        turns: waited for before each chunk, so that another account's run starts beside this one's million.
    """
    turns = turns or FairTurns()
    async with sessions() as session:
        account_id = await session.scalar(select(Run.account_id).where(Run.id == run_id))
    if account_id is None:
        return
    async with turns.turn(account_id):
        async with sessions.begin() as session:
            await _start_if_due(session, run_id, now)
        more = await fan_out_chunk(sessions, run_id, now)
    chunks = 1
    while more:
        chunks += 1
        async with turns.turn(account_id):
            more = await fan_out_chunk(sessions, run_id, now)
        if chunks == 2:
            await _say_that_calls_are_many(sessions)


async def _say_that_calls_are_many(sessions: Sessions) -> None:
    """Have plans for `calls` made anew, once, when its first large run comes.

    While there are few calls, reading all of them is the best plan for a step of the ledger, and each connection keeps
    that plan until the table is analysed, by autovacuum up to a minute later: 50 ms a step at 100,000 calls.
    """
    known = text("SELECT reltuples FROM pg_class WHERE oid = 'calls'::regclass")
    async with sessions.begin() as session:
        if (await session.scalar(known) or 0) < CHUNK:
            await session.execute(text("ANALYZE (SKIP_LOCKED) calls"))


async def _start_if_due(session: AsyncSession, run_id: int, now: datetime) -> None:
    """Scheduled to running, at its time. Whom the run reaches is settled now: all who were added since the begin."""
    last = select(func.max(Recipient.id)).where(Recipient.campaign_id == Run.campaign_id)
    everyone = and_(Run.statuses.is_(None), Run.individual.is_(None))
    count = select(Campaign.recipient_count).where(Campaign.id == Run.campaign_id)
    await session.execute(
        update(Run)
        .where(
            Run.id == run_id,
            Run.state == RunState.SCHEDULED,
            Run.scheduled_for <= now,
            select(Account.id).where(Account.id == Run.account_id, Account.is_active).exists(),
        )
        .values(
            state=RunState.RUNNING,
            started_at=now,
            fanout_until=last.scalar_subquery(),
            recipients=case((everyone, count.scalar_subquery()), else_=Run.recipients),
        )
    )
