"""Making accounts, logging in, and renewing tokens."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import repository
from app.accounts.models import Account, RefreshToken
from app.accounts.passwords import hash_password, is_outdated, refuse_weak, verify_password
from app.accounts.tokens import AccessClaims, TokenMaker
from app.core.errors import ConflictError, Item, UnauthenticatedError, invalid

_LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client keeps after logging in."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class RefusedRefresh:
    """A refresh token that gets no pair.

    Attributes:
        account_id: whose token it is.
        reused: it was used before; else it is unknown here or its sign-in was ended.
    """

    account_id: int
    reused: bool


class WrongCredentialsError(UnauthenticatedError):
    """A login that failed; code ``wrong_credentials``, whatever the cause.

    Attributes:
        account_id: whose email was given, for the operator's log alone; None: nobody's.
    """

    def __init__(self, account_id: int | None) -> None:
        super().__init__(Item(None, "wrong_credentials", "The email or the password is wrong."))
        self.account_id = account_id


def normalise_email(email: str) -> str:
    """The form in which emails are compared and stored: trimmed, NFC, lower case."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def _checked_email(email: str) -> str:
    email = normalise_email(email)
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise invalid(
            "email", "invalid_email", "This is not an email address; write it like name@example.com."
        )
    return email


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
    shortest_password: int | None = None,
) -> Account:
    """A new, active account.

    Args:
        session: flushed, not committed.
        email: any case.
        password: 10 to 1,000 characters, none that is guessed first.
        first_name: shown after logging in.
        last_name: shown after logging in.
        username: absent, what stands before the @ of the email.
        contact_number: shown in the details.
        address: shown in the details.
        shortest_password: characters, given only for a trial account, whose password may be any.

    Raises:
        InvalidError: ``invalid_email``, and those of `app.accounts.passwords.refuse_weak`.
        ConflictError: ``email_taken``.
    """
    email = _checked_email(email)
    await refuse_weak("password", password, (email, first_name, last_name), shortest_password)
    shown = {"first_name": first_name, "last_name": last_name, "address": address}
    row = {
        "email": email,
        "password_hash": await hash_password(password),
        "username": username or email.partition("@")[0],
        "contact_number": contact_number,
        **shown,
    }
    return await _stored(session, row)


async def _stored(session: AsyncSession, values: dict[str, str]) -> Account:
    account = await repository.insert_account(session, values)
    if account is None:
        message = f"There is already an account for {values['email']}."
        raise ConflictError(Item("email", "email_taken", message))
    return account


async def authenticate(session: AsyncSession, email: str, password: str, now: datetime) -> Account:
    """The account behind `email` and `password`; UnauthenticatedError ``wrong_credentials`` otherwise.

    A wrong password, an unknown email, an account that is switched off and a one-time password whose time is over give
    the same error in the same time.
    """
    account = await repository.find_by_email(session, normalise_email(email))
    matches = await verify_password(account.password_hash if account else None, password)
    if account is None or not matches or not account.is_active or one_time_is_over(account, now):
        raise WrongCredentialsError(account.id if account else None)
    if is_outdated(account.password_hash):
        account.password_hash = await hash_password(password)
        await session.flush()
    return account


def one_time_is_over(account: Account, now: datetime) -> bool:
    """Whether the account's password is an operator's that was not replaced in time."""
    return account.one_time_until is not None and account.one_time_until <= now


async def active_account(session: AsyncSession, claims: AccessClaims) -> Account:
    """The account of a valid access token.

    Raises:
        UnauthenticatedError: ``account_inactive`` when it is gone or switched off, ``token_revoked`` when the sign-in
            was ended.
    """
    account, ended = await repository.find_signed_in(session, claims.account_id, claims.family)
    if account is None:
        raise _inactive()
    if ended:
        raise UnauthenticatedError(Item(None, "token_revoked", "This sign-in was ended. Log in again."))
    return account


def _inactive() -> UnauthenticatedError:
    message = "This account is not active. Ask its operator."
    return UnauthenticatedError(Item(None, "account_inactive", message))


async def issue_tokens(
    session: AsyncSession, tokens: TokenMaker, account: Account, now: datetime
) -> TokenPair:
    """A first pair, head of a new family, for one who has just been authenticated.

    Raises:
        UnauthenticatedError: ``wrong_credentials``: the password was changed or the account switched off meanwhile.
    """
    if not await repository.lock_unchanged(session, account):
        raise WrongCredentialsError(account.id)
    await repository.delete_expired_refresh_tokens(session, account.id, now)
    return await _issue(session, tokens, account.id, uuid4(), now)


async def refresh(
    session: AsyncSession, tokens: TokenMaker, token: str, now: datetime
) -> TokenPair | RefusedRefresh:
    """The next pair of the token's family, or why there is none.

    A token that comes twice was stolen from one of the two who sent it, so its whole family ends. The caller must
    commit in both cases: with a rollback the revocation would be forgotten.

    Raises:
        UnauthenticatedError: the token itself is not valid, or its account is switched off.
    """
    claims = tokens.read_refresh(token, now)
    known = await repository.find_refresh_token(session, claims.jti_hash)
    if known is None:
        return RefusedRefresh(claims.account_id, reused=False)
    await repository.lock_family(session, known.family)
    if not await repository.use_refresh_token(session, claims.jti_hash, now):
        known = await repository.find_refresh_token(session, claims.jti_hash) or known
        reused = known.used_at is not None
        await repository.revoke_family(session, known.family, now)
        return RefusedRefresh(known.account_id, reused=reused)
    if not await repository.is_active(session, known.account_id):
        raise _inactive()
    return await _issue(session, tokens, known.account_id, known.family, now)


async def _issue(
    session: AsyncSession, tokens: TokenMaker, account_id: int, family: UUID, now: datetime
) -> TokenPair:
    new = tokens.refresh(account_id, now)
    session.add(
        RefreshToken(account_id=account_id, family=family, jti_hash=new.jti_hash, expires_at=new.expires_at)
    )
    await session.flush()
    return TokenPair(tokens.access(account_id, family, now), new.token)
