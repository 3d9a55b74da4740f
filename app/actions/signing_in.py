"""Prove who one is, and change the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import operating, service
from app.accounts.models import Account
from app.accounts.throttle import LoginThrottle
from app.actions.work import Work
from app.core import trail
from app.core.errors import ThrottledError, UnauthenticatedError


async def authenticate(
    session: AsyncSession, throttle: LoginThrottle, email: str, password: str, address: str, now: datetime
) -> Account:
    """The account of this email and password; each attempt is counted, and refusals are told to the trail.

    Call `LoginThrottle.succeeded` once the sign-in stands.

    Args:
        session: flushed, not committed.
        throttle: counts attempts on the account and from the address.
        email: in any letter case.
        password: as typed.
        address: of the client.
        now: the server's clock.

    Raises:
        UnauthenticatedError: ``wrong_credentials``, for an unknown email as for a wrong password.
        ThrottledError: ``too_many_attempts``.
    """
    named = service.normalise_email(email)
    with refusals_told():
        await throttle.attempt(named, address)
        return await service.authenticate(session, named, password, now)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Tell the trail of a sign-in that is refused inside."""
    try:
        yield
    except (UnauthenticatedError, ThrottledError) as refusal:
        account = getattr(refusal, "account_id", None)
        trail.tell("login_refused", code=refusal.items[0].code, account=account)
        raise


async def change_password(
    work: Work,
    throttle: LoginThrottle,
    account: Account,
    current: str,
    new: str,
    *,
    keep: UUID | int,
    address: str,
    now: datetime,
) -> int:
    """Set another password and end every other sign-in than `keep`; how many that were.

    Guesses at the present password count as attempts to log in.

    Raises:
        ThrottledError: ``too_many_attempts``.
        InvalidError: the present password is wrong, or the new one is too weak.
    """
    await throttle.attempt(account.email, address)
    ended = await operating.change_password(work.session, account, current, new, keep=keep, now=now)
    work.tell("password_changed", ended_sign_ins=ended)
    await throttle.succeeded(account.email, address)
    return ended
