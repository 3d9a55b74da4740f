"""What moves a run by itself: its start at its time, the fan-out, the finish.

Each step is one short transaction with a guard of its own, so that any number of control workers may try at once and
a crash in between loses nothing: whoever comes next goes on from the row in Postgres.
"""

from datetime import datetime

from sqlalchemy import (
    CTE,
    Select,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.calls.models import Call
from app.calls.state import TERMINAL, CallStatus, Channel
from app.campaigns.models import Campaign
from app.db.engine import Sessions
from app.dispatch.fair_starts import FairTurns
from app.recipients.models import Recipient
from app.runs.models import Run, RunCount
from app.runs.repository import ended_so, matching
from app.runs.state import GOING_ON, RunState, sources_of

FIRST_CHUNK = 200
"""Small, so that the first phone rings while the rest is still being written."""
CHUNK = 20_000
MOST_OF_ONE = 20
"""Runs of one account that are moved on at a time."""
_LAST_ID = 2**63 - 1
_FAN_OUT_LOCKS = 0x7474_0000_0000_0000
"""Advisory locks by the run's id, so that two workers at once do not write one run's calls."""


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


async def fan_out_chunk(sessions: Sessions, run_id: int, now: datetime) -> bool:
    """Write the next chunk of calls of a run.

    Returns:
        Whether there may be more. False as well when another worker is at it, or the run was stopped meanwhile.
    """
    async with sessions() as session:
        # A crash of the server may take chunks along, each with the progress that it made. A claim, whose commit waits
        # for the disk, waits for all that was written before it, too.
        await session.execute(text("SET LOCAL synchronous_commit = off"))
        lock = func.pg_try_advisory_xact_lock(literal(_FAN_OUT_LOCKS + run_id))
        # By itself: what the next statement sees is what the lock's last holder has committed.
        locked = await session.scalar(select(lock))
        run = await session.get(Run, run_id)
        if (
            not locked
            or run is None
            or run.fanout_done_at
            or (run.state is RunState.PAUSED and run.started_at is None)
            or run.state not in GOING_ON
        ):
            return False
        size = FIRST_CHUNK if run.fanout_after == 0 else CHUNK
        done = await session.scalar(_write_chunk(run, size, now))
        # Nothing of the chunk stays if the run was stopped meanwhile.
        if done is None:
            return False
        await session.commit()
        return not done


def _write_chunk(run: Run, size: int, now: datetime) -> Select[bool]:
    """The next calls and how far the run has come, in one statement; whether that is all, None for a stopped run.

    The run's row is locked when the calls are written, for claims share a lock on it all the time, and before the
    statement's end, when the trigger locks the counts: a claim locks the two in that order as well. With the counts
    first, one chunk in fifteen met a claim in a deadlock.

    No ON CONFLICT: it takes half as much processor time again for a row, and the lock and the progress, committed with
    the rows, let no row come twice. The unique index would refuse it.
    """
    picked = _picked(run, size)
    rows = union_all(*(_rows(run, picked, channel) for channel in run.channels)).subquery()
    written = (
        insert(Call)
        .from_select(
            ["run_id", "recipient_id", "channel"], select(rows).order_by(rows.c.recipient, rows.c.channel)
        )
        .returning(Call.id)
        .cte("written")
    )
    last = select(func.max(picked.c.id)).scalar_subquery()
    found = select(func.count()).select_from(picked).scalar_subquery()
    # To count what was written has it written before the run's row is locked.
    all_written = select(func.count()).select_from(written).scalar_subquery() >= 0
    kept = (
        update(Run)
        .where(Run.id == run.id, Run.state.in_(GOING_ON), all_written)
        .values(
            fanout_after=func.coalesce(last, Run.fanout_after),
            fanout_done_at=case((found < size, now)),
        )
        .returning(Run.fanout_done_at.is_not(None).label("done"))
        .cte("kept")
    )
    return select(kept.c.done)


def _picked(run: Run, size: int) -> CTE:
    """The next recipients of the run that have no call of it."""
    ours = matching(run.campaign_id, run.statuses, run.individual, channels=run.channels, besides_run=run.id)
    return (
        select(Recipient.id)
        .where(*ours, Recipient.id > run.fanout_after, Recipient.id <= (run.fanout_until or _LAST_ID))
        .order_by(Recipient.id)
        .limit(size)
        .cte("picked")
    )


def _rows(run: Run, picked: CTE, channel: Channel) -> Select[int, int, int]:
    """The calls of one channel: a re-run repeats only those that ended so on that channel."""
    rows = select(
        literal(run.id).label("run"), picked.c.id.label("recipient"), literal(int(channel)).label("channel")
    )
    if run.statuses is None or len(run.channels) == 1:
        return rows  # with one channel, those who were picked are those
    return rows.join(Recipient, Recipient.id == picked.c.id).where(
        ended_so(run.statuses, [channel], besides_run=run.id)
    )


async def runs_to_advance(session: AsyncSession, now: datetime) -> list[int]:
    """Runs whose time has come or whose fan-out is unfinished: some of each account, the first of each at first."""
    due = and_(Run.state == RunState.SCHEDULED, Run.scheduled_for <= now)
    unfinished = and_(Run.state == RunState.RUNNING, Run.fanout_done_at.is_(None))
    nth = func.row_number().over(partition_by=Run.account_id, order_by=(Run.scheduled_for, Run.id))
    waiting = select(Run.id, nth.label("nth")).where(or_(due, unfinished)).subquery()
    query = select(waiting.c.id).where(waiting.c.nth <= MOST_OF_ONE).order_by(waiting.c.nth, waiting.c.id)
    return list(await session.scalars(query))


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
