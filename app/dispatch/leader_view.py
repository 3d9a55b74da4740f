"""The dispatcher's view of Postgres."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Double, cast, false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.accounts.models import Account
from app.calls import conditions
from app.calls.models import REST, Call, Line, Trunk
from app.calls.state import HELD, CallStatus, Channel, LineState
from app.dispatch.pacing_figures import Limits, WaitingRun
from app.runs.models import Run, RunCount
from app.runs.state import ACTIVE, RunState


@dataclass(frozen=True, slots=True)
class LineView:
    """A line that is not gone, as the leader sees it now.

    Attributes:
        held: calls that it has in hand.
        resting: it gets no call for some seconds, for its trunk takes none.
        trunk_says: what the trunk last answered when it was asked; None: it was not asked yet.
        trunk_silent_s: seconds for which it has answered nothing; None: it answers.
    """

    id: int
    kind: str
    trunk: str
    places: int
    cps: float
    heartbeat: int
    state: LineState
    held: int
    resting: bool
    trunk_says: str | None = None
    trunk_silent_s: float | None = None


async def lines_now(connection: AsyncConnection) -> Sequence[LineView]:
    """Every line that is not gone, with the calls it holds."""
    held = (
        select(Call.line_id, func.count().label("n"))
        .where(*conditions.held())
        .group_by(Call.line_id)
        .subquery()
    )
    query = (
        select(
            Line.id,
            Line.kind,
            Line.trunk,
            Line.places,
            Line.cps,
            Line.heartbeat,
            Line.state,
            func.coalesce(held.c.n, 0),
            # A moment further off than any rest comes from a clock that jumped back.
            func.coalesce(Line.resting_until.between(func.now(), func.now() + REST), false()),
            Line.trunk_says,
            cast(func.extract("epoch", func.now() - Line.trunk_silent_since), Double),
        )
        .outerjoin(held, held.c.line_id == Line.id)
        .where(Line.state != LineState.GONE)
        .order_by(Line.id)
    )
    return [LineView(*row) for row in await connection.execute(query)]


async def trunk_limits(connection: AsyncConnection) -> dict[str, tuple[Limits, int]]:
    """The limits and weight of each trunk that has some, by name."""
    rows = await connection.execute(select(Trunk.name, Trunk.max_cps, Trunk.max_calls, Trunk.weight))
    return {name: (Limits(cps, calls), weight) for name, cps, calls, weight in rows}


async def held_by_run(connection: AsyncConnection) -> dict[int, tuple[int, int]]:
    """The account of each run that is not over, and the calls that lines have in hand for it."""
    query = (
        select(Run.id, Run.account_id, func.sum(RunCount.n))
        .join(RunCount, RunCount.run_id == Run.id)
        .where(Run.state.in_(ACTIVE), RunCount.status.in_(HELD), RunCount.n > 0)
        .group_by(Run.id)
    )
    return {run_id: (account_id, int(held)) for run_id, account_id, held in await connection.execute(query)}


async def waiting_runs(connection: AsyncConnection) -> dict[Channel, list[WaitingRun]]:
    """Running runs that have calls queued, by channel, with all that limits them."""
    held = await held_by_run(connection)
    of_account = Counter[int]()
    for holder, in_hand in held.values():
        of_account[holder] += in_hand
    limits = (Run.queue_priority, Run.max_cps, Run.max_calls, Account.max_cps, Account.max_calls)
    query = (
        select(RunCount.channel, Run.id, Run.account_id, RunCount.n, *limits)
        .join(Account, Account.id == Run.account_id)
        .join(RunCount, (RunCount.run_id == Run.id) & (RunCount.status == CallStatus.QUEUED))
        .where(Run.state == RunState.RUNNING, RunCount.n > 0, Account.is_active)
    )
    found: dict[Channel, list[WaitingRun]] = {channel: [] for channel in Channel}
    for row in await connection.execute(query):
        channel, run_id, account_id, queued, priority, cps, calls, account_cps, account_calls = row
        found[channel].append(
            WaitingRun(
                run_id,
                account_id,
                queued,
                priority,
                Limits(cps, calls),
                held.get(run_id, (0, 0))[1],
                Limits(account_cps, account_calls),
                of_account[account_id],
            )
        )
    return found
