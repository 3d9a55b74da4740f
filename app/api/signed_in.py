"""Who is asking, by the access token that was sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts import service as accounts
from app.accounts.models import Account
from app.accounts.rights import Right, require_right
from app.accounts.tokens import AccessClaims
from app.core import trail
from app.core.errors import ForbiddenError, Item, ProblemError, UnauthenticatedError
from app.http.deps import AccessDep, PartsDep

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    bearerFormat="JWT",
    description="The access token from `POST /api/accounts/login/`.",
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sent a valid access token.

    Attributes:
        account: whose it is.
        family: the sign-in that it came of.
    """

    account: Account
    family: UUID


async def _signed_in(
    request: Request,
    parts: PartsDep,
    access: AccessDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> SignedIn:
    with _refusals_told():
        if credentials is None:
            message = (
                "Send the header: Authorization: Bearer <access token>. POST /api/accounts/login/ gives one."
            )
            raise UnauthenticatedError(Item(None, "not_authenticated", message))
        claims: AccessClaims = access.tokens.read_access(credentials.credentials, parts.clock.now())
        request.scope["account_id"] = claims.account_id
        structlog.contextvars.bind_contextvars(account=claims.account_id)
        # A session of its own, given back at once: a slow upload must not sit on a connection.
        async with parts.sessions() as session:
            return SignedIn(await accounts.active_account(session, claims), claims.family)


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except ProblemError as problem:
        trail.tell("access_refused", code=problem.items[0].code)
        raise


CurrentSignIn = Annotated[SignedIn, Depends(_signed_in)]
"""Who sent the access token, even with a password that has to be changed first; 401 otherwise."""


async def _account(signed_in: CurrentSignIn) -> Account:
    with _refusals_told():
        if signed_in.account.one_time_until is not None:
            message = "This password is for one use. Set your own by POST /api/accounts/password/ with current and new."
            raise ForbiddenError(Item(None, "password_change_required", message))
    return signed_in.account


CurrentAccount = Annotated[Account, Depends(_account)]
"""The account whose access token was sent; 401 otherwise, 403 while its password is a one-time password."""


class Requires:
    """A route's dependency: the account, when it holds `right`; 403 ``missing_right`` otherwise."""

    def __init__(self, right: Right) -> None:
        self._right = right

    async def __call__(self, account: CurrentAccount) -> Account:
        with _refusals_told():
            require_right(account.rights, self._right)
        return account
