"""What is asked of the tables of accounts and tokens."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import Account, CallerNumber, ConsoleSession, RefreshToken

_LONGEST_ACCESS = timedelta(days=1)


async def find_by_email(session: AsyncSession, email: str, *, lock: bool = False) -> Account | None:
    """The account with this (normalised) email; `lock` holds its row until the transaction ends."""
    query = select(Account).where(Account.email == email)
    found: Account | None = await session.scalar(query.with_for_update() if lock else query)
    return found


async def find_signed_in(session: AsyncSession, account_id: int, family: UUID) -> tuple[Account | None, bool]:
    """The account, unless it is switched off, and whether the sign-in `family` has been ended."""
    query = select(Account, _ended(family)).where(Account.id == account_id, Account.is_active)
    row = (await session.execute(query)).first()
    return (None, False) if row is None else (row[0], row[1])


async def is_active(session: AsyncSession, account_id: int) -> bool:
    """Whether the account is there and not switched off."""
    query = select(Account.id).where(Account.id == account_id, Account.is_active)
    return await session.scalar(query) is not None


async def emails(session: AsyncSession) -> list[str]:
    """Every account's email."""
    return list(await session.scalars(select(Account.email).order_by(Account.email)))


async def lock_unchanged(session: AsyncSession, account: Account) -> bool:
    """Hold the account's row as it was read; False when it was switched off or got another password meanwhile.

    A change that comes later waits for this transaction, and then ends the sign-in that it made.
    """
    query = (
        select(Account.id)
        .where(Account.id == account.id, Account.is_active, Account.password_hash == account.password_hash)
        .with_for_update(read=True)
    )
    return await session.scalar(query) is not None


def _ended(family: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether any token of a family is revoked: its newest may have come after the revocation looked."""
    token = aliased(RefreshToken)
    return exists().where(token.family == family, token.revoked_at.is_not(None))


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
            ~_ended(RefreshToken.family),
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


async def revoke_sign_ins(
    session: AsyncSession, account_id: int, now: datetime, keep: UUID | int | None = None
) -> int:
    """End every sign-in of an account but `keep`; how many of them could still be used.

    Args:
        session: flushed, not committed.
        account_id: whose.
        now: the server's clock.
        keep: the family of a sign-in to the API, or the id of one to the console.
    """
    ended = await _end_console_sessions(session, account_id, now, keep if isinstance(keep, int) else None)
    return ended + await _revoke_tokens(session, account_id, now, keep if isinstance(keep, UUID) else None)


async def _end_console_sessions(
    session: AsyncSession, account_id: int, now: datetime, keep: int | None
) -> int:
    statement = (
        delete(ConsoleSession)
        .where(ConsoleSession.account_id == account_id, ConsoleSession.id.is_distinct_from(keep))
        .returning(ConsoleSession.expires_at > now)
        .execution_options(synchronize_session=False)
    )
    return sum(await session.scalars(statement))


async def _revoke_tokens(session: AsyncSession, account_id: int, now: datetime, keep: UUID | None) -> int:
    usable = and_(RefreshToken.used_at.is_(None), RefreshToken.expires_at > now)
    statement = (
        update(RefreshToken)
        .where(RefreshToken.account_id == account_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(usable)
        .execution_options(synchronize_session=False)
    )
    if keep is not None:
        statement = statement.where(RefreshToken.family != keep)
    return sum(await session.scalars(statement))


async def usable_sign_ins(session: AsyncSession, account_id: int, now: datetime) -> int:
    """How many sign-ins of an account, to the API and to the console, are not over."""
    tokens = select(func.count()).where(
        RefreshToken.account_id == account_id,
        RefreshToken.used_at.is_(None),
        RefreshToken.revoked_at.is_(None),
        RefreshToken.expires_at > now,
    )
    console = select(func.count()).where(
        ConsoleSession.account_id == account_id, ConsoleSession.expires_at > now
    )
    return (await session.scalar(tokens) or 0) + (await session.scalar(console) or 0)


async def delete_expired_refresh_tokens(session: AsyncSession, account_id: int, now: datetime) -> None:
    """Drop what no longer says anything: an expired token is refused by its own claims.

    A day late, for a revoked one ends access tokens too, which live a day at most.
    """
    await session.execute(
        delete(RefreshToken)
        .where(RefreshToken.account_id == account_id, RefreshToken.expires_at < now - _LONGEST_ACCESS)
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
