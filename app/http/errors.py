"""What becomes of each kind of failure. Nothing of the inside reaches a client."""

import asyncio
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from app.core.errors import Item, ProblemError, UnavailableError
from app.core.logging import get_logger
from app.http.dialect import Dialects, answer_problem, refusal
from app.http.outages import database_problem

log = get_logger(__name__)

_NOT_FOUND = Item(None, "not_found", "There is nothing at this address for this account.")
_NO_METHOD = "This address does not answer {method}; it answers {allowed}."


def answer_unexpected(scope: Scope, error: BaseException, request_id: str) -> Response:
    """Log what nobody foresaw, and answer with the id that finds it in the log."""
    log.error("unexpected_error", exc_info=error, request_id=request_id)
    message = f"Something went wrong on our side. If it stays, report it with this id: {request_id}."
    return refusal(scope, 500, [Item(None, "internal_error", message)])


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return answer_problem(request.scope, error)


async def _http(request: Request, error: Exception) -> Response:
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
    return refusal(request.scope, error.status_code, [item], headers=headers)


def _methods_at(request: Request) -> str:
    """Every method that the address answers, for `Allow` (RFC 9110, 10.2.1): the router names the first match alone."""
    routes = request.app.routes
    found = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ", ".join(["GET", "HEAD", *found[1:]] if found[:1] == ["GET"] else found)


async def _validation(request: Request, error: Exception) -> Response:
    """What FastAPI itself refuses: the path (a wrong id is nothing that exists) and the query."""
    if not isinstance(error, RequestValidationError):
        raise error
    problems = error.errors()
    if any(problem["loc"][0] == "path" for problem in problems):
        return refusal(request.scope, 404, [_NOT_FOUND])
    items = [
        Item(
            ".".join(str(part) for part in problem["loc"][1:]) or None,
            "missing" if problem["type"] == "missing" else "invalid_parameter",
            f"{problem['msg']}.",
        )
        for problem in problems
    ]
    return refusal(request.scope, 422, items)


async def _database(request: Request, error: Exception) -> Response:
    problem = database_problem(error)
    if problem is None:
        return answer_unexpected(request.scope, error, request.scope.get("request_id", ""))
    log.warning("database_trouble", error=repr(error), code=problem.items[0].code)
    return answer_problem(request.scope, problem)


async def _outage(request: Request, error: Exception) -> Response:
    log.warning("outage", error=repr(error))
    message = "A part that this service stands on cannot be reached. Try again in a few seconds."
    return answer_problem(request.scope, UnavailableError(Item(None, "unavailable", message)))


async def _gone(request: Request, error: Exception) -> Response:
    del error
    message = "The body ended before its stated length. Send it again."
    return refusal(request.scope, 400, [Item(None, "incomplete_body", message)])


def add_error_handlers(app: FastAPI, dialects: Dialects) -> None:
    """Register a handler for every kind of failure that can be foreseen, each answered in its door's dialect."""
    import asyncpg

    app.state.dialects = dialects
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(ClientDisconnect, _gone)
    for database in (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError):
        app.add_exception_handler(database, _database)
    for outage in (RedisError, ConnectionError, TimeoutError, asyncio.TimeoutError):
        app.add_exception_handler(outage, _outage)
