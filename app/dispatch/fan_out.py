"""The fan-out: a run's recipients become calls, in chunks, each with the run's progress in one transaction."""

from datetime import datetime

from sqlalchemy import CTE, Select, case, func, insert, literal, select, text, union_all, update

from app.calls.models import Call
from app.calls.state import Channel
from app.db.engine import Sessions
from app.recipients.models import Recipient
from app.runs.models import Run
from app.runs.repository import ended_so, matching
from app.runs.state import GOING_ON, RunState

FIRST_CHUNK = 200
"""Small, so that the first phone rings while the rest is still being written."""
CHUNK = 20_000
_LAST_ID = 2**63 - 1
_FAN_OUT_LOCKS = 0x7474_0000_0000_0000
"""Advisory locks by the run's id, so that two workers at once do not write one run's calls."""


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
