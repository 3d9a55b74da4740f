"""What is asked of the tables of accounts and tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account, CallerNumber, RefreshToken


async def find_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account with this (normalised) email."""
    found: Account | None = await session.scalar(select(Account).where(Account.email == email))
    return found


async def find_active(session: AsyncSession, account_id: int) -> Account | None:
    """The account, unless it is switched off."""
    query = select(Account).where(Account.id == account_id, Account.is_active)
    found: Account | None = await session.scalar(query)
    return found


async def insert_account(session: AsyncSession, values: dict[str, str]) -> Account | None:
    """The new account, or None when its email is taken: decided by the unique index, so that no race slips by."""
    statement = insert(Account).values(values).on_conflict_do_nothing(index_elements=[Account.email])
    created: Account | None = await session.scalar(statement.returning(Account))
    return created


async def find_refresh_token(session: AsyncSession, jti_hash: bytes) -> RefreshToken | None:
    """The stored token, fresh from the database."""
    query = select(RefreshToken).where(RefreshToken.jti_hash == jti_hash)
    found: RefreshToken | None = await session.scalar(query, execution_options={"populate_existing": True})
    return found


async def lock_family(session: AsyncSession, family: UUID) -> None:
    """Let one request at a time touch a family.

    Without it a revocation cannot see the successor that a rotation has inserted but not committed, and that one
    would live on.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(family), 0))))


async def use_refresh_token(session: AsyncSession, jti_hash: bytes, now: datetime) -> bool:
    """Mark the token used, if it is still good; False when it is used, revoked or expired."""
    statement = (
        update(RefreshToken)
        .where(
            RefreshToken.jti_hash == jti_hash,
            RefreshToken.used_at.is_(None),
            RefreshToken.revoked_at.is_(None),
            RefreshToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(RefreshToken.id)
        .execution_options(synchronize_session=False)
    )
    return await session.scalar(statement) is not None


async def revoke_family(session: AsyncSession, family: UUID, now: datetime) -> None:
    """End every token that descends from one login."""
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


async def delete_expired_refresh_tokens(session: AsyncSession, account_id: int, now: datetime) -> None:
    """Drop what no longer says anything: an expired token is refused by its own claims."""
    await session.execute(
        delete(RefreshToken)
        .where(RefreshToken.account_id == account_id, RefreshToken.expires_at < now)
        .execution_options(synchronize_session=False)
    )


async def keep_caller_number(session: AsyncSession, account_id: int, number: str) -> int:
    """The id of an account's caller number, which is added when it is new."""
    mine = (CallerNumber.account_id == account_id, CallerNumber.number == number)
    known = await session.scalar(select(CallerNumber.id).where(*mine))
    if known is not None:
        return int(known)
    added = CallerNumber(account_id=account_id, number=number)
    session.add(added)
    await session.flush()
    return added.id
