"""Failover between trunks: a call that its trunk did not take goes back to the queue, for another trunk.

It is the one way back from `dialing`. It is open only when the trunk itself said that it cannot (503), or said nothing
at all, and never when a phone rang. The trunk is kept with the call and gets it no more, so that a call is dialled at
most once by each trunk.
"""

from sqlalchemy import Exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import aliased

from app.calls import conditions
from app.calls.models import REST, Call, Line
from app.calls.state import CallStatus, LineState
from app.calls.steps import step
from app.carriers.carrier import Cause, Ended
from app.core.logging import get_logger
from app.runs.models import Run
from app.runs.state import GOING_ON

_DOUBT_AFTER = 2
"""Calls in a row that a trunk did not take. One alone may be about the number: some networks say 503 to those that
they do not know, and would rest half of the time at one such number in a hundred."""
_UNAVAILABLE = 503

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
        going_on = select(Run.id).where(Run.state.in_(GOING_ON))
        queued = await connection.execute(
            step(CallStatus.QUEUED, of={CallStatus.DIALING})
            .where(
                Call.id == call_id,
                Call.line_id == self._line_id,
                Call.run_id.in_(going_on),
                _open_elsewhere(kind, trunk),
            )
            .values(
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
            conditions.not_refused_by(other.trunk),
        )
        .exists()
    )
