"""What an operator allows accounts, runs and trunks; it holds from the leader's next look on, in runs under way too."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.calls.models import Trunk
from app.core.errors import InvalidError, Item, NotFoundError, invalid
from app.runs.models import Run
from app.runs.pacing import Limits, QueuePriority

_MOST_CPS = 10_000.0
_MOST_CALLS = 1_000_000
_MOST_WEIGHT = 100


def read_limits(cps: str, calls: str) -> Limits:
    """Limits as an operator writes them; ``none`` is no limit.

    Raises:
        InvalidError: ``invalid_limit`` for what is no number above zero, or one out of all proportion.
    """
    return Limits(
        _read("cps", cps, _MOST_CPS), None if (n := _read("calls", calls, _MOST_CALLS)) is None else int(n)
    )


def _read(field: str, value: str, most: float) -> float | None:
    if value.strip().lower() == "none":
        return None
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number <= most or (field == "calls" and number != int(number)):
        raise invalid(
            field, "invalid_limit", f"Give {field} as a number above 0 and up to {most:g}, or none."
        )
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


async def limit_account(
    session: AsyncSession, email: str, limits: Limits, priority: QueuePriority | None
) -> None:
    """Set an account's limits, and its priority when one is given; NotFoundError ``account_not_found``."""
    values: dict[str, object] = {"max_cps": limits.cps, "max_calls": limits.calls}
    if priority is not None:
        values["queue_priority"] = int(priority)
    changed = await session.execute(
        update(Account).where(Account.email == email.strip().lower()).values(values).returning(Account.id)
    )
    if changed.first() is None:
        raise NotFoundError(Item("email", "account_not_found", f"There is no account for {email}."))


async def limit_run(
    session: AsyncSession, run_id: int, limits: Limits, priority: QueuePriority | None
) -> None:
    """Set a run's limits, and its priority when one is given; NotFoundError ``run_not_found``."""
    values: dict[str, object] = {"max_cps": limits.cps, "max_calls": limits.calls}
    if priority is not None:
        values["queue_priority"] = priority
    changed = await session.execute(update(Run).where(Run.id == run_id).values(values).returning(Run.id))
    if changed.first() is None:
        raise NotFoundError(Item("run", "run_not_found", f"There is no run {run_id}."))


async def limit_trunk(session: AsyncSession, name: str, limits: Limits, weight: int) -> None:
    """Set the limits and the weight of a trunk, known by the name that its lines give (the trunk's SIP URI).

    Raises:
        InvalidError: ``invalid_limit`` for a weight outside 1 to 100.
    """
    if not 1 <= weight <= _MOST_WEIGHT:
        raise InvalidError(Item("weight", "invalid_limit", f"Give a weight from 1 to {_MOST_WEIGHT}."))
    values = {"max_cps": limits.cps, "max_calls": limits.calls, "weight": weight}
    await session.execute(
        insert(Trunk)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=[Trunk.name], set_=values)
    )
