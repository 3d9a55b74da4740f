"""The rows of line workers: their start, heartbeat, trunk and state; `app.dispatch.dead_lines` has their end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, all_, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from app.calls import conditions
from app.calls.models import Call, Line
from app.calls.state import CallStatus, LineState
from app.runs.models import Run
from app.runs.state import RunState


@dataclass(frozen=True, slots=True)
class LineTerms:
    """What a line can carry.

    Attributes:
        kind: one of `app.calls.state.CHANNELS`.
        trunk: name of what it holds, for limits and for people.
        places: calls at once.
        cps: new calls a second.
    """

    kind: str
    trunk: str
    places: int
    cps: float


async def open_line(connection: AsyncConnection, terms: LineTerms, *, host: str, pid: int) -> int:
    """A new row for this life of a line; its id is the token of all its claims."""
    row = await connection.execute(
        insert(Line)
        .values(kind=terms.kind, trunk=terms.trunk, places=terms.places, cps=terms.cps, host=host, pid=pid)
        .returning(Line.id)
    )
    return int(row.scalar_one())


async def beat(connection: AsyncConnection, line_id: int, places: int | None = None) -> bool:
    """Grow the heartbeat; False when the line has been declared gone.

    Args:
        connection: in a transaction.
        line_id: the line that is alive.
        places: how many it has from now on; None: as many as before.
    """
    changed = {} if places is None else {"places": places}
    row = await connection.execute(
        update(Line)
        .where(Line.id == line_id, Line.state != LineState.GONE)
        .values(heartbeat=Line.heartbeat + 1, seen_at=func.now(), **changed)
        .returning(Line.id)
    )
    return row.first() is not None


async def note_trunk(connection: AsyncConnection, line_id: int, said: str | None, now: datetime) -> None:
    """Keep what the trunk answered, or since when it answers nothing (`said` is None)."""
    values: dict[str, object] = {"trunk_says": said, "trunk_silent_since": None}
    if said is None:
        values = {"trunk_silent_since": func.coalesce(Line.trunk_silent_since, now)}
    await connection.execute(update(Line).where(Line.id == line_id).values(**values))


async def stopped_among(connection: AsyncConnection, run_ids: Collection[int]) -> list[int]:
    """Which of these runs have been stopped."""
    if not run_ids:
        return []
    query = select(Run.id).where(Run.id.in_(run_ids), Run.state.in_((RunState.STOPPING, RunState.TERMINATED)))
    return list(await connection.scalars(query))


async def held_besides(
    connection: AsyncConnection, line_id: int, known: Collection[int]
) -> list[tuple[int, int, CallStatus]]:
    """Calls (id, attempt, status) that take a place on the line and that it has not in hand.

    A claim's job is on its way, or was lost with Redis. One that was begun should not be there at all.
    """
    query = select(Call.id, Call.attempt, Call.status).where(
        Call.line_id == line_id,
        *conditions.held(),
        Call.id != all_(literal(list(known), ARRAY(BigInteger))),
    )
    return [(row.id, row.attempt, row.status) for row in await connection.execute(query)]


async def set_state(connection: AsyncConnection, line_id: int, state: LineState) -> None:
    """Say that the line drains or is gone; a line that is gone stays so."""
    await connection.execute(update(Line).where(Line.id == line_id, Line.state < state).values(state=state))
