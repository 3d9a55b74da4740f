"""Sign-ins at the console: a random token in a cookie, and its hash in the database, where a sign-in can be ended."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import repository
from app.accounts.models import Account, ConsoleSession
from app.accounts.service import WrongCredentialsError

SEEN_EVERY = timedelta(minutes=5)
"""How exactly the last use is known: a write a request would be dearer than the page."""

_TOKEN_BYTES = 32
_LONGEST_BROWSER = 200


@dataclass(frozen=True, slots=True)
class Life:
    """How long a sign-in lasts: `idle` without use, `whole` in all."""

    idle: timedelta
    whole: timedelta


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def begin(
    session: AsyncSession, account: Account, *, life: Life, address: str, browser: str, now: datetime
) -> str:
    """The token of a new sign-in, for one who has just been authenticated; it is told once and not stored.

    Args:
        session: flushed, not committed.
        account: whose.
        life: of the sign-in.
        address: of the client.
        browser: its `User-Agent`.
        now: the server's clock.

    Raises:
        UnauthenticatedError: ``wrong_credentials``: the password was changed or the account switched off meanwhile.
    """
    if not await repository.lock_unchanged(session, account):
        raise WrongCredentialsError(account.id)
    await _delete_ended(session, life, now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        ConsoleSession(
            account_id=account.id,
            token_hash=_hash(token),
            address=address,
            browser=browser[:_LONGEST_BROWSER],
            created_at=now,
            seen_at=now,
            expires_at=now + life.whole,
        )
    )
    await session.flush()
    return token


async def find(
    session: AsyncSession, token: str, *, life: Life, now: datetime
) -> tuple[ConsoleSession, Account] | None:
    """The sign-in of this token and its account; None when it is over or unknown, or the account is switched off."""
    query = (
        select(ConsoleSession, Account)
        .join(Account, Account.id == ConsoleSession.account_id)
        .where(ConsoleSession.token_hash == _hash(token), *_in_use(life, now), Account.is_active)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def note_use(session: AsyncSession, found: ConsoleSession, now: datetime) -> None:
    """Write down that it is in use, at most every `SEEN_EVERY`."""
    if found.seen_at <= now - SEEN_EVERY:
        await session.execute(update(ConsoleSession).where(ConsoleSession.id == found.id).values(seen_at=now))


async def renew(session: AsyncSession, session_id: int) -> str:
    """Another token for the same sign-in; who holds the old one is out."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await session.execute(
        update(ConsoleSession).where(ConsoleSession.id == session_id).values(token_hash=_hash(token))
    )
    return token


async def end(session: AsyncSession, session_id: int) -> None:
    """End one sign-in."""
    await session.execute(delete(ConsoleSession).where(ConsoleSession.id == session_id))


async def end_others(session: AsyncSession, account_id: int, keep: int) -> None:
    """End every sign-in of the account at the console but `keep`; those to the API go on."""
    others = (ConsoleSession.account_id == account_id, ConsoleSession.id != keep)
    await session.execute(delete(ConsoleSession).where(*others))


async def still_good(session: AsyncSession, ids: Sequence[int], *, life: Life, now: datetime) -> set[int]:
    """Which of these sign-ins are not over."""
    query = (
        select(ConsoleSession.id)
        .join(Account, Account.id == ConsoleSession.account_id)
        .where(ConsoleSession.id.in_(ids), *_in_use(life, now), Account.is_active)
    )
    return set(await session.scalars(query))


async def of_account(
    session: AsyncSession, account_id: int, *, life: Life, now: datetime
) -> Sequence[ConsoleSession]:
    """The account's sign-ins that are not over, the one last used first."""
    query = select(ConsoleSession).where(ConsoleSession.account_id == account_id, *_in_use(life, now))
    return (await session.scalars(query.order_by(ConsoleSession.seen_at.desc()))).all()


async def _delete_ended(session: AsyncSession, life: Life, now: datetime) -> None:
    """Every account's that are over; done at each new one, as often as is needed."""
    over = or_(ConsoleSession.expires_at <= now, ConsoleSession.seen_at <= now - life.idle)
    await session.execute(delete(ConsoleSession).where(over))


def _in_use(life: Life, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ConsoleSession.expires_at > now, ConsoleSession.seen_at > now - life.idle
