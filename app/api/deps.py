"""What routes ask for: the parts, who is asking, and a unit of work that commits before the answer leaves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service as accounts
from app.accounts.models import Account
from app.accounts.rights import Right, require_right
from app.accounts.tokens import AccessClaims
from app.api.access import Access
from app.core import trail
from app.core.clock import Clock
from app.core.errors import ForbiddenError, Item, ProblemError, UnauthenticatedError
from app.core.logging import get_logger
from app.wiring import Parts

log = get_logger(__name__)

Later = Callable[[], Awaitable[object]]

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""An id in a path; anything that cannot be one is answered 404."""

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    bearerFormat="JWT",
    description="The access token from `POST /api/accounts/login/`.",
)


class Work:
    """One request's transaction, and what is to happen once it stands or has failed."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._committed: list[Later] = []
        self._rolled_back: list[Later] = []
        self._told: list[tuple[str, dict[str, object]]] = []

    def after_commit(self, job: Later) -> None:
        """Run `job` once the commit stands, before the answer leaves.

        Its failure is logged and no more: the database is the truth, and sweeps find what was not told.
        """
        self._committed.append(job)

    def after_rollback(self, job: Later) -> None:
        """Run `job` when the request failed and nothing of it stands."""
        self._rolled_back.append(job)

    def tell(self, event: str, **values: object) -> None:
        """Put a line into the trail once the commit stands."""
        self._told.append((event, values))

    async def committed(self) -> None:
        for event, values in self._told:
            trail.tell(event, **values)
        await _run(self._committed)

    async def rolled_back(self) -> None:
        await _run(self._rolled_back)


async def _run(jobs: list[Later]) -> None:
    for job in jobs:
        try:
            await job()
        except Exception:
            log.exception("after_work_failed", job=getattr(job, "__qualname__", repr(job)))


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


PartsDep = Annotated[Parts, Depends(_parts)]
AccessDep = Annotated[Access, Depends(_access)]


def _clock(parts: PartsDep) -> Clock:
    return parts.clock


ClockDep = Annotated[Clock, Depends(_clock)]


async def _work(parts: PartsDep) -> AsyncIterator[Work]:
    work: Work | None = None
    try:
        async with parts.sessions() as session:
            work = Work(session)
            yield work
            await session.commit()
    except BaseException:
        if work is not None:
            await work.rolled_back()
        raise
    await work.committed()


CurrentWork = Annotated[Work, Depends(_work, scope="function")]
"""The request's transaction. It takes a connection at its first query, not before: bodies are read without one."""


def _session(work: CurrentWork) -> AsyncSession:
    return work.session


SessionDep = Annotated[AsyncSession, Depends(_session)]


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
