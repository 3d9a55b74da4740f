"""Failover between trunks: a call that its trunk did not take goes back to the queue, for another trunk.

It is the one way back from `dialing`. It is open only when the trunk itself said that it cannot (503), or said nothing
at all, and never when a phone rang. The trunk is kept with the call and gets it no more, so that a call is dialled at
most once by each trunk.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Exists, Select, any_, case, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import aliased

from app.calls import places
from app.calls.lines import CHANNELS, LineState
from app.calls.models import Call, Line
from app.calls.state import CallStatus, Channel
from app.calls.steps import step
from app.carriers.carrier import Cause, Ended
from app.core.logging import get_logger
from app.runs.models import Run
from app.runs.state import RunState

REST = timedelta(seconds=5)
"""For how long no call is dealt to a line whose trunk takes none: a dead trunk must not bounce thousands."""
_DOUBT_AFTER = 2
"""Calls in a row that a trunk did not take. One alone may be about the number: some networks say 503 to those that
they do not know, and would rest half of the time at one such number in a hundred."""
_UNAVAILABLE = 503
_CHUNK = 5_000

log = get_logger(__name__)


def not_taken(ended: Ended) -> bool:
    """Whether the trunk said that it cannot (RFC 3261, 21.5.4), or nothing answered."""
    return ended.cause is Cause.NO_ROUTE or (
        ended.cause is Cause.REJECTED and ended.sip_status == _UNAVAILABLE
    )


class TrunkFailover:
    """Passes on the calls of one line that its trunk did not take."""

    def __init__(self, engine: AsyncEngine, line_id: int) -> None:
        self._engine = engine
        self._line_id = line_id
        self._in_a_row = 0

    @property
    def in_doubt(self) -> bool:
        """Whether the trunk takes no calls at present while another does; one at a time then tells when it does again.

        A trunk that is silent keeps each call for the 32 s of RFC 3261's Timer B, and would keep all its places full.
        """
        return self._in_a_row >= _DOUBT_AFTER

    def note_taken(self) -> None:
        """The trunk took a call."""
        self._in_a_row = 0

    async def pass_on(self, call_id: int, ended: Ended) -> bool:
        """Queue a call once more, for other trunks than this line's; to be asked while its latest step is `dialing`.

        A second time is harmless, also when the answer to the first was lost: the call is this line's no more.

        Returns:
            Whether it waits for another trunk. False: there is none, or the run was stopped, or the call was taken
            from this line; it is to end as it would have.

        Raises:
            SQLAlchemyError, OSError: the database is away.
        """
        async with self._engine.begin() as connection:
            # The line's row first, as a claim and a burial lock it. The run's row is not locked: a call queued for a
            # run that is being stopped is ended as all that it has queued.
            own = select(Line.kind, Line.trunk).where(Line.id == self._line_id, Line.state != LineState.GONE)
            line = (await connection.execute(own.with_for_update(key_share=True))).first()
            if line is None or not await self._queue(connection, call_id, ended, line.kind, line.trunk):
                self._in_a_row = 0
                return False
            self._in_a_row += 1
            if self.in_doubt:
                resting = update(Line).where(Line.id == self._line_id)
                await connection.execute(resting.values(resting_until=func.now() + REST))
        return True

    async def _queue(
        self, connection: AsyncConnection, call_id: int, ended: Ended, kind: str, trunk: str
    ) -> bool:
        going_on = select(Run.id).where(Run.state.in_((RunState.RUNNING, RunState.PAUSED)))
        queued = await connection.execute(
            step(CallStatus.QUEUED, of={CallStatus.DIALING})
            .where(
                Call.id == call_id,
                Call.line_id == self._line_id,
                Call.run_id.in_(going_on),
                _open_elsewhere(kind, trunk),
            )
            .values(
                attempt=Call.attempt + 1,
                refused_by=func.array_append(Call.refused_by, trunk),
                sip_status=ended.sip_status,
                sip_call_id=ended.sip_call_id,
                line_id=None,
                dialed_at=None,
            )
            .returning(Call.id)
        )
        return queued.first() is not None


def _open_elsewhere(kind: str, trunk: str) -> Exists:
    """An open line of a trunk that has not had the call yet."""
    other = aliased(Line)
    return (
        select(other.id)
        .where(
            other.state == LineState.OPEN,
            other.kind == kind,
            other.trunk != trunk,
            places.not_refused_by(other.trunk),
        )
        .exists()
    )


async def end_without_trunk(engine: AsyncEngine, now: datetime, grace: timedelta) -> int:
    """End calls of running runs that no trunk is left for; how many.

    A line that is not gone may still take them. One that left is waited for as long as `grace`, for it may come back
    with another life.
    """
    async with engine.begin() as connection:
        ids = list(await connection.scalars(_without_trunk(grace)))
        if ids:
            await connection.execute(
                step(CallStatus.FAILED, of={CallStatus.QUEUED})
                .where(Call.id == any_(literal(ids, ARRAY(BigInteger))))
                .values(
                    reason=case((Call.sip_status == _UNAVAILABLE, "trunk_error"), else_="no_route"),
                    ended_at=now,
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
            places.not_refused_by(Line.trunk),
        )
        .exists()
    )
    # Apart, so that their own index is read. Joined at once, a planner whose statistics know nothing of the run yet
    # goes through all that it has queued: 45 ms of every look at 100,000 calls.
    passed_on = select(Call.id).where(*places.passed_on()).cte("passed_on").prefix_with("MATERIALIZED")
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
