"""The end of calls that no trunk is left for: each trunk was tried, and none took them."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Select, any_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from app.calls import conditions
from app.calls.models import LEASE, Call, Line
from app.calls.state import CHANNELS, CallStatus, Channel, LineState
from app.calls.steps import end
from app.core.logging import get_logger
from app.runs.models import Run
from app.runs.state import GOING_ON, RunState

_UNAVAILABLE = 503
_CHUNK = 5_000

log = get_logger(__name__)


async def end_without_trunk(engine: AsyncEngine, now: datetime, grace: timedelta = LEASE) -> int:
    """End calls of running runs that no trunk is left for; how many.

    A line that is not gone may still take them. One that left is waited for as long as `grace`, for it may come back
    with another life.
    """
    async with engine.begin() as connection:
        ids = list(await connection.scalars(_without_trunk(grace)))
        if ids:
            await connection.execute(
                end(
                    CallStatus.FAILED,
                    of={CallStatus.QUEUED},
                    where=(Call.id == any_(literal(ids, ARRAY(BigInteger))),),
                    values={
                        "reason": case((Call.sip_status == _UNAVAILABLE, "trunk_error"), else_="no_route"),
                        "ended_at": now,
                    },
                    going_on=GOING_ON,
                )
            )
            log.warning("no_trunk_left", calls=len(ids))
    return len(ids)


def _without_trunk(grace: timedelta) -> Select[int]:
    """Some calls that no trunk is left for, locked."""
    voice = [kind for kind, channel in CHANNELS.items() if channel is Channel.VOICE]
    # A moment that is still to come is from a clock that jumped back.
    just_left = Line.seen_at.between(func.now() - grace, func.now())
    may_take = (
        select(Line.id)
        .where(
            Line.kind.in_(voice),
            or_(Line.state != LineState.GONE, just_left),
            conditions.not_refused_by(Line.trunk),
        )
        .exists()
    )
    # Apart, so that their own index is read. Joined at once, a planner whose statistics know nothing of the run yet
    # goes through all that it has queued: 45 ms of every look at 100,000 calls.
    passed_on = select(Call.id).where(*conditions.passed_on()).cte("passed_on").prefix_with("MATERIALIZED")
    return (
        select(Call.id)
        .join(Run, Run.id == Call.run_id)
        .where(
            Call.id.in_(select(passed_on.c.id)),
            Call.status == CallStatus.QUEUED,
            Run.state == RunState.RUNNING,
            ~may_take,
        )
        .order_by(Call.id)
        .limit(_CHUNK)
        .with_for_update(of=Call, skip_locked=True)
    )
