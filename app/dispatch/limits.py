"""What an operator allows accounts, runs and trunks; it holds from the leader's next look on, in runs under way too.

A change sets what it names and leaves the rest. The word for no limit is `unlimited`. 0 and `none` are
refused: one operator means no limit by them, another no calls.
"""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.accounts.operating import nearest
from app.calls.models import Line, Trunk
from app.core.errors import InvalidError, Item, NotFoundError, invalid
from app.runs.models import Run
from app.runs.state import ACTIVE, QueuePriority

UNLIMITED = "unlimited"
_MOST_CPS = 10_000.0
_MOST_CALLS = 1_000_000
_MOST_WEIGHT = 100

Changes = dict[str, object]
"""Columns of what is limited, with their new values; what is not named stays."""


def read_changes(
    cps: str | None = None,
    calls: str | None = None,
    *,
    queue_priority: str | None = None,
    weight: int | None = None,
) -> Changes:
    """What an operator names; ``unlimited`` for no limit, None for what is not named.

    Raises:
        InvalidError: ``invalid_limit`` for what is no number above zero, one out of all proportion, or a weight outside
            1 to 100; ``unknown_queue_priority``.
    """
    changes: Changes = {}
    if cps is not None:
        changes["max_cps"] = _read("cps", cps, _MOST_CPS)
    if calls is not None:
        most = _read("calls", calls, _MOST_CALLS)
        changes["max_calls"] = None if most is None else int(most)
    priority = parse_queue_priority(queue_priority)
    if priority is not None:
        changes["queue_priority"] = priority
    if weight is not None:
        if not 1 <= weight <= _MOST_WEIGHT:
            raise InvalidError(Item("weight", "invalid_limit", f"Give a weight from 1 to {_MOST_WEIGHT}."))
        changes["weight"] = weight
    return changes


def _read(field: str, value: str, most: float) -> float | None:
    if value.strip().lower() == UNLIMITED:
        return None
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number <= most or (field == "calls" and number != int(number)):
        message = f"Give {field} as a number above 0 and up to {most:,.0f}, or {UNLIMITED}."
        if number == 0:
            message += " To let no call through, pause or stop the runs."
        raise invalid(field, "invalid_limit", message)
    return number


def parse_queue_priority(value: object) -> QueuePriority | None:
    """``high``, ``normal`` or ``low`` in any case; None when absent or empty.

    Raises:
        InvalidError: field ``queue_priority``, code ``unknown_queue_priority``.
    """
    if value is None or value == "":
        return None
    name = value.strip().upper() if isinstance(value, str) else ""
    if name not in QueuePriority.__members__:
        raise invalid("queue_priority", "unknown_queue_priority", "Send 'high', 'normal' or 'low'.")
    return QueuePriority[name]


async def limit_account(session: AsyncSession, account: Account, changes: Changes) -> None:
    """Change the limits of an account's runs together, and the priority that none of its begins may exceed.

    Runs under way with a higher one get it, too; `limit_run` may raise one again.
    """
    for name, value in changes.items():
        setattr(account, name, value)
    await session.flush()
    if "queue_priority" in changes:
        above = (
            Run.account_id == account.id,
            Run.state.in_(ACTIVE),
            Run.queue_priority > changes["queue_priority"],
        )
        await session.execute(update(Run).where(*above).values(queue_priority=changes["queue_priority"]))


async def limit_run(session: AsyncSession, run_id: int, changes: Changes) -> Run:
    """Change a run's limits; NotFoundError ``run_not_found``, which names those under way, unless it is one of them."""
    query = select(Run).where(Run.id == run_id, Run.state.in_(ACTIVE)).with_for_update()
    run = await session.scalar(query)
    if run is None:
        active = await session.scalars(select(Run.id).where(Run.state.in_(ACTIVE)).order_by(Run.id))
        named = nearest(str(run_id), [str(known) for known in active])
        raise NotFoundError(Item("run", "run_not_found", f"No run {run_id} is under way. {named}"))
    for name, value in changes.items():
        setattr(run, name, value)
    await session.flush()
    return run


async def limit_trunk(
    session: AsyncSession, name: str, changes: Changes, configured: Iterable[str] = ()
) -> Trunk:
    """Change the limits and the weight of a trunk, known by the name that its lines give (the trunk's SIP URI).

    Args:
        session: flushed, not committed.
        name: of the trunk.
        changes: as `read_changes` gives them.
        configured: trunks of the settings, which may have had no line yet.

    Raises:
        NotFoundError: ``trunk_not_found``, which names the known ones.
    """
    known = await known_trunks(session, configured)
    if name not in known:
        raise NotFoundError(
            Item("trunk", "trunk_not_found", f"There is no trunk {name}. {nearest(name, known)}")
        )
    if not changes:
        return await session.get(Trunk, name) or Trunk(name=name, weight=1)
    await session.execute(insert(Trunk).values(name=name).on_conflict_do_nothing(index_elements=[Trunk.name]))
    trunk = await session.get_one(Trunk, name, with_for_update=True)
    for column, value in changes.items():
        setattr(trunk, column, value)
    await session.flush()
    return trunk


async def known_trunks(session: AsyncSession, configured: Iterable[str] = ()) -> list[str]:
    """Every trunk that a line was ever on, that has limits, or that the settings name."""
    on_lines = await session.scalars(select(Line.trunk).distinct())
    limited = await session.scalars(select(Trunk.name))
    return sorted({*on_lines, *limited, *(name for name in configured if name)})
