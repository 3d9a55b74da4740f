"""Runs that the service itself pauses, because it cannot know whom they have called; a person resumes or stops each."""

from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls import conditions
from app.calls.models import Call
from app.calls.state import CallStatus
from app.calls.steps import step
from app.core.clock import to_kathmandu
from app.installation.models import Installation
from app.runs.models import Run
from app.runs.state import RunState

_WHAT_NOW = (
    "Calls made since then are not known here, so to resume may call those people a second time. "
    "Resume the run, or stop it."
)


def why_restored(made_at: datetime) -> str:
    """For the runs of a restored backup."""
    return f"This run comes from a backup of {to_kathmandu(made_at):%Y-%m-%d %H:%M} (Asia/Kathmandu). {_WHAT_NOW}"


def why_behind(epoch: int, known: int) -> str:
    """For the runs of a database that is older than the queue server remembers it."""
    return (
        f"The database is an older copy: its epoch is {epoch}, the queue server has seen {known}. {_WHAT_NOW}"
    )


async def hold_all(session: AsyncSession, why: str) -> list[int]:
    """Pause every run that is scheduled, running or paused, with the sentence `why`; their ids.

    Claims not yet dialled return to the queue; calls in progress go on.
    """
    under_way = (RunState.SCHEDULED, RunState.RUNNING, RunState.PAUSED)
    held = await session.scalars(
        update(Run)
        .where(Run.state.in_(under_way))
        .values(state=RunState.PAUSED, held_why=func.coalesce(Run.held_why, why))
        .returning(Run.id)
    )
    runs = list(held)
    await session.execute(
        step(CallStatus.QUEUED, of={CallStatus.CLAIMED})
        .where(Call.run_id.in_(runs), *conditions.claimed())
        .values(line_id=None)
    )
    return runs


async def hold_if_restored(session: AsyncSession, row: Installation) -> list[int]:
    """Pause the runs of a database that a backup was restored to, once; their ids."""
    if row.restored_from is None:
        return []
    made_at, row.restored_from = row.restored_from, None
    return await hold_all(session, why_restored(made_at))
