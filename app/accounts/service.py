"""Making accounts, logging in, and renewing tokens."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import repository
from app.accounts.models import Account, RefreshToken
from app.accounts.passwords import hash_password, is_outdated, verify_password
from app.accounts.tokens import TokenMaker
from app.core.errors import ConflictError, Item, NotFoundError, UnauthenticatedError, invalid
from app.core.phone import NumberError, parse_number

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1000
_LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client keeps after logging in."""

    access: str
    refresh: str


def normalise_email(email: str) -> str:
    """The form in which emails are compared and stored: trimmed, NFC, lower case."""
    return unicodedata.normalize("NFC", email.strip()).lower()


async def create_account(
    session: AsyncSession,
    *,
    email: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    username: str | None = None,
    contact_number: str = "",
    address: str = "",
    shortest_password: int = SHORTEST_PASSWORD,
) -> Account:
    """A new, active account.

    Args:
        session: flushed, not committed.
        email: any case.
        password: `shortest_password` to 1,000 characters.
        first_name: shown after logging in.
        last_name: shown after logging in.
        username: absent, what stands before the @ of the email.
        contact_number: shown in the details.
        address: shown in the details.
        shortest_password: lowered only by an operator who makes a trial account.

    Raises:
        InvalidError: ``invalid_email``, ``password_too_short``, ``password_too_long``.
        ConflictError: ``email_taken``.
    """
    email = normalise_email(email)
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise invalid(
            "email", "invalid_email", "This is not an email address; write it like name@example.com."
        )
    if len(password) < shortest_password:
        message = f"The password needs at least {shortest_password} characters."
        raise invalid("password", "password_too_short", message)
    if len(password) > LONGEST_PASSWORD:
        raise invalid(
            "password", "password_too_long", f"At most {LONGEST_PASSWORD:,} characters are allowed."
        )
    values = {
        "email": email,
        "password_hash": await hash_password(password),
        "username": username or email.partition("@")[0],
        "first_name": first_name,
        "last_name": last_name,
        "contact_number": contact_number,
        "address": address,
    }
    account = await repository.insert_account(session, values)
    if account is None:
        raise ConflictError(Item("email", "email_taken", f"There is already an account for {email}."))
    return account


async def limit_account(
    session: AsyncSession, email: str, *, prefixes: list[str] | None, calls_a_day: int | None
) -> None:
    """Set an account's dialling policy; it holds for the next call that is dialled.

    Args:
        session: flushed, not committed.
        email: of the account.
        prefixes: as `app.accounts.dialling.read_prefixes` gives them; None: every mobile and landline of Nepal.
        calls_a_day: its limit; None: the service's.

    Raises:
        NotFoundError: ``account_not_found``.
    """
    account = await repository.find_by_email(session, normalise_email(email))
    if account is None:
        raise NotFoundError(Item("email", "account_not_found", f"There is no account for {email}."))
    account.dial_prefixes, account.calls_a_day = prefixes, calls_a_day
    await session.flush()


async def authenticate(session: AsyncSession, email: str, password: str) -> Account:
    """The account behind `email` and `password`; UnauthenticatedError ``wrong_credentials`` otherwise.

    A wrong password, an unknown email and an account that is switched off give the same error in the same time.
    """
    account = await repository.find_by_email(session, normalise_email(email))
    matches = await verify_password(account.password_hash if account else None, password)
    if account is None or not matches or not account.is_active:
        raise UnauthenticatedError(Item(None, "wrong_credentials", "The email or the password is wrong."))
    if is_outdated(account.password_hash):
        account.password_hash = await hash_password(password)
        await session.flush()
    return account


async def active_account(session: AsyncSession, account_id: int) -> Account:
    """The account of a valid token; UnauthenticatedError ``account_inactive`` when it is gone or switched off."""
    account = await repository.find_active(session, account_id)
    if account is None:
        raise UnauthenticatedError(
            Item(None, "account_inactive", "This account is not active. Ask its operator.")
        )
    return account


async def issue_tokens(
    session: AsyncSession, tokens: TokenMaker, account_id: int, now: datetime
) -> TokenPair:
    """A first pair, head of a new family."""
    await repository.delete_expired_refresh_tokens(session, account_id, now)
    return await _issue(session, tokens, account_id, uuid4(), now)


async def refresh(session: AsyncSession, tokens: TokenMaker, token: str, now: datetime) -> TokenPair | None:
    """The next pair of the token's family, or None when the token was used before or its family is revoked.

    A token that comes twice was stolen from one of the two who sent it, so its whole family ends. The caller must
    commit in both cases: with a rollback the revocation would be forgotten.

    Raises:
        UnauthenticatedError: the token itself is not valid, or its account is switched off.
    """
    claims = tokens.read_refresh(token, now)
    known = await repository.find_refresh_token(session, claims.jti_hash)
    if known is None:
        return None
    await repository.lock_family(session, known.family)
    if not await repository.use_refresh_token(session, claims.jti_hash, now):
        await repository.revoke_family(session, known.family, now)
        return None
    await active_account(session, known.account_id)
    return await _issue(session, tokens, known.account_id, known.family, now)


async def _issue(
    session: AsyncSession, tokens: TokenMaker, account_id: int, family: UUID, now: datetime
) -> TokenPair:
    new = tokens.refresh(account_id, now)
    session.add(
        RefreshToken(account_id=account_id, family=family, jti_hash=new.jti_hash, expires_at=new.expires_at)
    )
    await session.flush()
    return TokenPair(tokens.access(account_id, now), new.token)


async def add_caller_number(session: AsyncSession, email: str, number: str) -> int:
    """Let an account show `number` to those it calls; the id that campaigns name in `user_phone`.

    The same number again gives the same id.

    Raises:
        NotFoundError: no account has this email.
        InvalidError: ``invalid_number`` and its like; the operator vouches that the trunk may show it.
    """
    account = await repository.find_by_email(session, normalise_email(email))
    if account is None:
        raise NotFoundError(Item("email", "account_not_found", f"There is no account for {email}."))
    try:
        wanted = parse_number(number).e164
    except NumberError as error:
        raise invalid("number", error.code, str(error)) from error
    return await repository.keep_caller_number(session, account.id, wanted)
