"""What becomes of the calls of a line that ends or falls silent: claims go back to the queue, calls in progress end."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.calls import conditions
from app.calls.models import Call, Line
from app.calls.state import HELD, CallStatus, LineState
from app.calls.steps import end, step
from app.dispatch.lines import set_state
from app.runs.state import GOING_ON


async def return_claims(connection: AsyncConnection, line_id: int) -> int:
    """Give claims that were not dialled back to the queue; how many."""
    returned = await connection.execute(
        step(CallStatus.QUEUED, of={CallStatus.CLAIMED})
        .where(Call.line_id == line_id, *conditions.claimed())
        .values(line_id=None)
    )
    return returned.rowcount


async def declare_gone(connection: AsyncConnection, line_id: int, heartbeat: int, now: datetime) -> bool:
    """Declare a silent line gone, unless its heartbeat has moved after all.

    Its claims return to the queue, for no INVITE was sent; its calls in progress end `failed` / `interrupted` and
    are never dialled again by themselves, for the phone may have rung.

    Returns:
        Whether it was declared gone.
    """
    gone = await connection.execute(
        update(Line)
        .where(Line.id == line_id, Line.heartbeat == heartbeat, Line.state != LineState.GONE)
        .values(state=LineState.GONE)
        .returning(Line.id)
    )
    if gone.first() is None:
        return False
    await _let_go(connection, line_id, now)
    return True


async def leave(connection: AsyncConnection, line_id: int, now: datetime) -> None:
    """The line's own last word: like `declare_gone`, without doubt."""
    await set_state(connection, line_id, LineState.GONE)
    await _let_go(connection, line_id, now)


async def interrupt(
    connection: AsyncConnection, line_id: int, now: datetime, calls: Collection[int] | None = None
) -> None:
    """End what the line had begun, or these of its calls, `failed` / `interrupted`: nobody follows them any more."""
    chosen = () if calls is None else (Call.id.in_(calls),)
    begun = HELD - {CallStatus.CLAIMED}
    await connection.execute(
        end(
            CallStatus.FAILED,
            of=begun,
            where=(Call.line_id == line_id, *conditions.held(begun), *chosen),
            values={"reason": "interrupted", "ended_at": now},
            going_on=GOING_ON,
        )
    )


async def _let_go(connection: AsyncConnection, line_id: int, now: datetime) -> None:
    await return_claims(connection, line_id)
    await interrupt(connection, line_id, now)
