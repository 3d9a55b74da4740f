"""The bodies that routes ask for: read once, for whoever is let in, and checked against a model."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated, TypeVar

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request

from app.api.signed_in import CurrentAccount
from app.files import repository as files
from app.http.body import Body, as_model, read_body
from app.http.deps import AccessDep, PartsDep

M = TypeVar("M", bound=BaseModel)


async def _sent(
    request: Request, account: CurrentAccount, parts: PartsDep, access: AccessDep
) -> AsyncIterator[Body]:
    async def stored() -> int:
        async with parts.sessions() as session:
            return await files.stored_bytes(session, account.id)

    def turn() -> AbstractAsyncContextManager[None]:
        return access.turns.large_bodies.of(account.id)

    with access.storage.incoming(account.id, stored) as incoming:
        async with read_body(request, incoming.take, turn) as body:
            yield body


async def _anonymous(request: Request) -> AsyncIterator[Body]:
    # Never large: see `app.http.middleware.MAX_ACCOUNT_BYTES`.
    async def uncounted(size: int) -> None:
        del size

    async with read_body(request, uncounted, nullcontext) as body:
        yield body


SentBody = Annotated[Body, Depends(_sent, scope="function")]
"""What somebody with an account sent. The account is asked for first, so that nobody unknown has a body read."""

AnonymousBody = Annotated[Body, Depends(_anonymous, scope="function")]


def read(model: type[M]) -> Callable[..., Awaitable[M]]:
    """A dependency that gives the body as a checked `model`; unknown fields are ignored.

    Files are fields too: declare them as `fastapi.UploadFile`, or `UploadFile | str` where a name may stand instead.
    """

    async def dependency(body: SentBody) -> M:
        return await as_model(model, body)

    return dependency


def read_anonymous(model: type[M]) -> Callable[..., Awaitable[M]]:
    """As `read`, for the few routes that ask for no account."""

    async def dependency(body: AnonymousBody) -> M:
        return await as_model(model, body)

    return dependency
