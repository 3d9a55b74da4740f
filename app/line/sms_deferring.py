"""Messages that a line puts aside, to be tried again: `app.dispatch.requeue` brings them back to the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import ReturningUpdate

from app.calls.models import Call
from app.calls.state import CallStatus, WaitingFor
from app.calls.steps import step
from app.line.receipts import keep_parts


@dataclass(frozen=True, slots=True)
class Deferral:
    """A message that is to be tried again.

    Attributes:
        reason: why, a key of `app.calls.reasons.REASONS`; with it the message fails should it give up.
        until: when it is queued again.
        gives_up_at: when it fails instead; kept from the first deferral on.
        network_code: what the centre said.
        taken: ids of the segments that the centre has taken, in order; they are not sent again.
    """

    call_id: int
    reason: str
    until: datetime
    gives_up_at: datetime
    network_code: str | None = None
    taken: Sequence[str] = ()


class Deferrals:
    """Puts aside messages of one line."""

    def __init__(self, engine: AsyncEngine, line_id: int) -> None:
        self._engine = engine
        self._line_id = line_id

    async def put(self, deferral: Deferral) -> bool:
        """Put aside a message that the line was submitting, and that the centre has not taken.

        A second time is harmless, also when the answer to the first was lost: the message is the line's no more. It
        counts on the day on which it is submitted at last.

        Returns:
            False: it was taken from this line, or was put aside before.

        Raises:
            SQLAlchemyError, OSError: the database is away.
        """
        async with self._engine.begin() as connection:
            deferred = await connection.execute(self._put(deferral))
            if deferred.first() is None:
                return False
            await keep_parts(connection, self._line_id, {deferral.call_id: deferral.taken})
        return True

    def _put(self, deferral: Deferral) -> ReturningUpdate[tuple[int]]:
        gives_up_at = func.coalesce(Call.gives_up_at, deferral.gives_up_at)
        return (
            step(CallStatus.DEFERRED, of={CallStatus.SUBMITTING})
            .where(Call.id == deferral.call_id, Call.line_id == self._line_id)
            .values(
                line_id=None,
                dialed_at=None,
                waiting_for=WaitingFor.RETRY,
                not_before=func.least(deferral.until, gives_up_at),
                gives_up_at=gives_up_at,
                reason=deferral.reason,
                network_code=deferral.network_code,
            )
            .returning(Call.id)
        )
