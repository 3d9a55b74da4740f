"""An account's own abbreviations. Functions flush and never commit."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.core.errors import Item, all_invalid
from app.speech.models import Abbreviation
from app.speech.reading import Table

FIELD: Final = "abbreviations"
MOST: Final = 500
LONGEST_WRITTEN: Final = 40
LONGEST_SPOKEN: Final = 200


async def table_of(session: AsyncSession | AsyncConnection, account_id: int) -> Table:
    """The account's abbreviations."""
    query = (
        select(Abbreviation.written, Abbreviation.spoken)
        .where(Abbreviation.account_id == account_id)
        .order_by(Abbreviation.written)
    )
    return tuple((written, spoken) for written, spoken in await session.execute(query))


async def replace(session: AsyncSession, account_id: int, given: Mapping[str, str]) -> Table:
    """Keep `given` in place of what there was.

    Raises:
        InvalidError: field ``abbreviations`` or ``abbreviations.<written>``: ``too_many``, ``empty``, ``too_long``.
    """
    table = _checked(given)
    await session.execute(delete(Abbreviation).where(Abbreviation.account_id == account_id))
    if table:
        rows = [{"account_id": account_id, "written": written, "spoken": said} for written, said in table]
        await session.execute(insert(Abbreviation), rows)
    return table


def _checked(given: Mapping[str, str]) -> Table:
    if len(given) > MOST:
        raise all_invalid([Item(FIELD, "too_many", f"At most {MOST} abbreviations are kept for an account.")])
    faults: list[Item] = []
    table: dict[str, str] = {}
    for key, value in given.items():
        written, said = key.strip(), value.strip()
        field = f"{FIELD}.{key[:LONGEST_WRITTEN]}"
        if not written or not said:
            faults.append(Item(field, "empty", "Give a written form and what is to be said for it."))
        elif len(written) > LONGEST_WRITTEN or len(said) > LONGEST_SPOKEN:
            limits = f"{LONGEST_WRITTEN} characters as written and {LONGEST_SPOKEN} as said"
            faults.append(Item(field, "too_long", f"At most {limits} are allowed."))
        table[written] = said
    if faults:
        raise all_invalid(faults)
    return tuple(sorted(table.items()))
