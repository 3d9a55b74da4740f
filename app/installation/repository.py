"""Questions to the one row that a service keeps about itself."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.installation.models import Installation


async def installation(session: AsyncSession) -> Installation:
    """The row, made when it is missing, locked until the end of the transaction."""
    await session.execute(insert(Installation).values(id=1).on_conflict_do_nothing())
    return (await session.scalars(select(Installation).with_for_update())).one()
