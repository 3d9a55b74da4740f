"""What calls that were made keep of a recipient that changes afterwards."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.models import Call


async def keep_number(session: AsyncSession, recipient_id: int, national: str) -> None:
    """Let the calls made so far keep the number that they went to; to be said before the recipient gets another."""
    await session.execute(
        update(Call).where(Call.recipient_id == recipient_id, Call.dialled.is_(None)).values(dialled=national)
    )
