"""What is asked of the table of uploads."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.files.models import File


async def named(session: AsyncSession, account_id: int, name: str) -> File | None:
    """The account's file with this name."""
    query = select(File).where(File.account_id == account_id, File.name == name)
    found: File | None = await session.scalar(query)
    return found


async def stored_bytes(session: AsyncSession, account_id: int, *, but: str = "") -> int:
    """Bytes that the account has stored, without the file named `but`."""
    query = select(func.coalesce(func.sum(File.size), 0)).where(
        File.account_id == account_id, File.name != but
    )
    return int(await session.scalar(query) or 0)


async def hold_uploads(session: AsyncSession, account_id: int) -> None:
    """Let no other transaction store an upload of this account until this one ends."""
    # The account's own row, in the strength that foreign keys to it do not wait for.
    query = select(Account.id).where(Account.id == account_id).with_for_update(key_share=True)
    await session.execute(query)


async def named_for_update(session: AsyncSession, account_id: int, name: str) -> File | None:
    """As `named`, held against every other writer until the transaction ends."""
    query = select(File).where(File.account_id == account_id, File.name == name).with_for_update()
    found: File | None = await session.scalar(query, execution_options={"populate_existing": True})
    return found


async def by_id_for_update(session: AsyncSession, account_id: int, file_id: int) -> File | None:
    """The account's file with this id, held until the transaction ends."""
    query = select(File).where(File.account_id == account_id, File.id == file_id).with_for_update()
    found: File | None = await session.scalar(query)
    return found


async def insert_new(session: AsyncSession, values: dict[str, object]) -> File | None:
    """The new row, or None when the account has a file of that name."""
    statement = insert(File).values(values)
    statement = statement.on_conflict_do_nothing(index_elements=[File.account_id, File.name])
    created: File | None = await session.scalar(statement.returning(File))
    return created


async def page(session: AsyncSession, account_id: int, *, before: int, limit: int) -> list[File]:
    """The account's files, newest first: at most `limit` with ids under `before` (0: from the newest)."""
    query = select(File).where(File.account_id == account_id).order_by(File.id.desc()).limit(limit)
    if before:
        query = query.where(File.id < before)
    return list(await session.scalars(query))
