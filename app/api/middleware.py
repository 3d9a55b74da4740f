"""What happens to every request before a route sees it, in plain ASGI: no body is buffered, no task is added."""

import re
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.envelope import failure
from app.api.errors import answer_problem, answer_unexpected
from app.core.errors import Item, TooLargeError

MAX_BODY_BYTES = 32 * 1024**2
"""JSON and plain forms: room for two million numbers in `individual_number`."""

MAX_ACCOUNT_BYTES = 1024**2
"""Below `/api/accounts/`, where a body is read before anybody is known."""

MAX_MULTIPART_BYTES = 301 * 1024**2
"""A file of 300 MiB with the fields around it."""

_HOST = re.compile(r"(?:[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Gives each request an id (or keeps the client's `X-Request-ID`), and answers for what nobody foresaw."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        scope["request_id"] = request_id
        started = False

        async def named_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, named_send)
            except Exception as error:
                response = answer_unexpected(error, request_id)
                if started:
                    # Half an answer is out: only breaking the connection tells the client that it is not whole.
                    raise
                await response(scope, receive, named_send)


class TrailingSlash:
    """Lets every path answer with and without its last slash. A redirect would cost many clients their body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope = dict(scope)
            scope["path"] = scope["path"][:-1] or "/"
            if scope.get("raw_path", b"").endswith(b"/"):
                scope["raw_path"] = scope["raw_path"][:-1] or b"/"
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses bodies over the limit: by their stated length at once, else as soon as the bytes are too many."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = _limit(scope)
        stated = Headers(scope=scope).get("content-length", "0")
        if len(stated) > 15 or (stated.isdecimal() and int(stated) > limit):
            await answer_problem(_too_large(limit))(scope, receive, send)
            return
        seen = 0

        async def counted_receive() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise _too_large(limit)
            return message

        await self.app(scope, counted_receive, send)


class CleanTarget:
    """Refuses NUL in the address, which PostgreSQL cannot hold, and a Host of which no address can be built."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (b"%00" in scope.get("query_string", b"") or "\x00" in scope["path"]):
            item = Item(None, "nul_character", "The address holds a NUL character. Remove it.")
            await failure(422, [item])(scope, receive, send)
            return
        if scope["type"] == "http" and not _HOST.fullmatch(Headers(scope=scope).get("host", "")):
            item = Item(None, "invalid_host", "The Host header is not the name or address of a server.")
            await failure(400, [item])(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _limit(scope: Scope) -> int:
    if scope["path"].startswith("/api/accounts/"):
        return MAX_ACCOUNT_BYTES
    is_multipart = Headers(scope=scope).get("content-type", "").lower().startswith("multipart/")
    return MAX_MULTIPART_BYTES if is_multipart else MAX_BODY_BYTES


def _too_large(limit: int) -> TooLargeError:
    message = f"The body is over {limit // 1024**2} MiB, the most that is read here. Send less, or a file."
    return TooLargeError(Item(None, "body_too_large", message))
