"""The one place that knows which HTTP status each failure becomes. Nothing of the inside reaches a client."""

import asyncio
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from app.api.envelope import failure
from app.api.outages import database_problem
from app.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    Item,
    MalformedError,
    NotFoundError,
    ProblemError,
    StorageFullError,
    ThrottledError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
)
from app.core.logging import get_logger

log = get_logger(__name__)

STATUSES: dict[type[ProblemError], int] = {
    MalformedError: 400,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    UnsupportedError: 415,
    InvalidError: 422,
    ThrottledError: 429,
    UnavailableError: 503,
    StorageFullError: 507,
}

_NOT_FOUND = Item(None, "not_found", "There is nothing at this address for this account.")
_NO_METHOD = "This address does not answer {method}; it answers {allowed}."


def status_of(problem: ProblemError) -> int:
    """The HTTP status of a problem; a class of its own counts as the nearest parent that is listed."""
    return next((STATUSES[kind] for kind in type(problem).__mro__ if kind in STATUSES), 422)


def answer_problem(problem: ProblemError) -> JSONResponse:
    """The envelope of an expected failure, with the headers that its status calls for."""
    headers: dict[str, str] = {}
    if isinstance(problem, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, (ThrottledError, UnavailableError)):
        headers["Retry-After"] = str(problem.retry_after)
    data = problem.data if isinstance(problem, ConflictError) else None
    return failure(status_of(problem), problem.items, data=data, headers=headers)


def answer_unexpected(error: BaseException, request_id: str) -> JSONResponse:
    """Log what nobody foresaw, and answer with the id that finds it in the log."""
    log.error("unexpected_error", exc_info=error, request_id=request_id)
    message = f"Something went wrong on our side. If it stays, report it with this id: {request_id}."
    return failure(500, [Item(None, "internal_error", message)])


async def _problem(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ProblemError):
        raise error
    return answer_problem(error)


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == 404:
        item = _NOT_FOUND
    elif error.status_code == 405:
        allowed = headers["Allow"] = _methods_at(request)
        item = Item(None, "method_not_allowed", _NO_METHOD.format(method=request.method, allowed=allowed))
    else:
        name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
        item = Item(None, name, str(error.detail))
    return failure(error.status_code, [item], headers=headers)


def _methods_at(request: Request) -> str:
    """Every method that the address answers, for `Allow` (RFC 9110, 10.2.1): the router names the first match alone."""
    routes = request.app.routes
    found = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ", ".join(["GET", "HEAD", *found[1:]] if found[:1] == ["GET"] else found)


async def _validation(_: Request, error: Exception) -> JSONResponse:
    """What FastAPI itself refuses: the path (a wrong id is nothing that exists) and the query."""
    if not isinstance(error, RequestValidationError):
        raise error
    problems = error.errors()
    if any(problem["loc"][0] == "path" for problem in problems):
        return failure(404, [_NOT_FOUND])
    items = [
        Item(
            ".".join(str(part) for part in problem["loc"][1:]) or None,
            "missing" if problem["type"] == "missing" else "invalid_parameter",
            f"{problem['msg']}.",
        )
        for problem in problems
    ]
    return failure(422, items)


async def _database(request: Request, error: Exception) -> JSONResponse:
    problem = database_problem(error)
    if problem is None:
        return answer_unexpected(error, request.scope.get("request_id", ""))
    log.warning("database_trouble", error=repr(error), code=problem.items[0].code)
    return answer_problem(problem)


async def _outage(_: Request, error: Exception) -> JSONResponse:
    log.warning("outage", error=repr(error))
    message = "A part that this service stands on cannot be reached. Try again in a few seconds."
    return answer_problem(UnavailableError(Item(None, "unavailable", message)))


async def _gone(_: Request, error: Exception) -> JSONResponse:
    del error
    message = "The body ended before its stated length. Send it again."
    return failure(400, [Item(None, "incomplete_body", message)])


def add_error_handlers(app: FastAPI) -> None:
    """Register a handler for every kind of failure that can be foreseen."""
    import asyncpg

    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(ClientDisconnect, _gone)
    for database in (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError):
        app.add_exception_handler(database, _database)
    for outage in (RedisError, ConnectionError, TimeoutError, asyncio.TimeoutError):
        app.add_exception_handler(outage, _outage)
