"""What happens to every request before a route sees it, in plain ASGI: no body is buffered, no task is added."""

import asyncio
import contextlib
import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import Item, MalformedError, TooLargeError
from app.http.dialect import answer_problem, refusal
from app.http.errors import answer_unexpected
from app.http.large import use_a_file

MAX_BODY_BYTES = 8 * 1024**2
"""JSON and plain forms: room for the 100,000 numbers that a list may hold."""

MAX_ACCOUNT_BYTES = 64 * 1024
"""Below `/api/accounts/`, where a body is read before anybody is known."""

MAX_MULTIPART_BYTES = 301 * 1024**2
"""A file of 300 MiB with the fields around it."""

STALL_S = 30.0
"""Seconds without a byte of the body after which a request is given up."""

SLOWEST_BYTES_S = 256
"""Bytes a second, on average, below which a body is not waited for beyond `STALL_S`; a modem sends 20 times that."""

HEAD = "tingting.head"
"""In the scope of a GET that was asked for as HEAD."""

_LINGER_S = 1.0
_LINGER_BYTES = 4 * 1024**2
_SOON_READ_BYTES = 64 * 1024

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
                response = answer_unexpected(scope, error, request_id)
                if started:
                    # Half an answer is out: only breaking the connection tells the client that it is not whole.
                    raise
                await response(scope, receive, named_send)
            finally:
                structlog.contextvars.unbind_contextvars("account")


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


class HeadAsGet:
    """Answers HEAD on every address that answers GET, with the same status and headers (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET", HEAD: True}, receive, without_body)


class BodyLimit:
    """Refuses bodies over the limit: by their stated length at once, else as soon as the bytes are too many.

    One that stops arriving, or comes so slowly that it never ends, is given up: it would hold its connection for ever.
    """

    def __init__(self, app: ASGIApp, stall_s: float = STALL_S) -> None:
        self.app = app
        self.stall_s = stall_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _IncomingBody(scope, receive, send, self.stall_s)
        if body.stated > body.limit:
            await answer_problem(scope, _too_large(body.limit))(scope, body.receive, body.send)
        else:
            await self.app(scope, body.receive, body.send)


class _IncomingBody:
    """One request's body on its way in, and what becomes of the connection when it is answered before its end.

    Attributes:
        limit: bytes.
        stated: Content-Length, 0 when there is none.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, stall_s: float) -> None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        self.limit = _limit(scope)
        self.stated = 10**15 if len(length) > 15 else int(length) if length.isdecimal() else 0
        self._receive, self._send, self._stall_s = receive, send, stall_s
        self._announced = self.stated > 0 or "transfer-encoding" in headers
        self._whole = False
        self._seen = 0
        self._began = time.monotonic()
        self._closing = False

    async def receive(self) -> Message:
        """The next message; a ProblemError when the body is too large or no longer comes."""
        if self._whole:
            return await self._receive()  # waits for the client to go away, as long as the answer takes
        try:
            message = await self._next(self._stall_s)
        except TimeoutError:
            raise _stalled() from None
        if self._seen > self.limit:
            raise _too_large(self.limit)
        lasted = time.monotonic() - self._began
        if not self._whole and lasted > self._stall_s and self._seen < lasted * SLOWEST_BYTES_S:
            raise _stalled()
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on. A connection on which a body still comes is closed behind it.

        A server would else take in the rest, however much it is. The client gets a moment to read the answer before
        that: closed at once, the unread bytes would have the kernel reset the connection and lose it.
        """
        if message["type"] == "http.response.start" and self._announced and not self._whole:
            if 0 < self.stated <= _SOON_READ_BYTES:
                await self._drain()
            if not self._whole:
                self._closing = True
                MutableHeaders(scope=message)["Connection"] = "close"
        if self._closing and message["type"] == "http.response.body" and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def _next(self, patience_s: float) -> Message:
        async with asyncio.timeout(patience_s):
            message = await self._receive()
        self._seen += len(message.get("body", b""))
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def _drain(self) -> None:
        """Take in a little more, to forget it."""
        most = self._seen + _LINGER_BYTES
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                while not self._whole and self._seen < most:
                    await self._next(_LINGER_S)


class CleanTarget:
    """Refuses NUL in the address, which PostgreSQL cannot hold, and a Host of which no address can be built."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (b"%00" in scope.get("query_string", b"") or "\x00" in scope["path"]):
            item = Item(None, "nul_character", "The address holds a NUL character. Remove it.")
            await refusal(scope, 422, [item])(scope, receive, send)
            return
        if scope["type"] == "http" and not _HOST.fullmatch(Headers(scope=scope).get("host", "")):
            item = Item(None, "invalid_host", "The Host header is not the name or address of a server.")
            await refusal(scope, 400, [item])(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _limit(scope: Scope) -> int:
    if scope["path"].startswith("/api/accounts/"):
        return MAX_ACCOUNT_BYTES
    is_multipart = Headers(scope=scope).get("content-type", "").lower().startswith("multipart/")
    return MAX_MULTIPART_BYTES if is_multipart else MAX_BODY_BYTES


def _stalled() -> MalformedError:
    message = "The body stopped arriving. Check the connection and send it again."
    return MalformedError(Item(None, "body_stalled", message))


def _too_large(limit: int) -> TooLargeError:
    if limit == MAX_BODY_BYTES:
        return use_a_file(
            f"The body is over {limit // 1024**2} MiB, the most that is read as JSON or a plain form."
        )
    shown = f"{limit // 1024} KiB" if limit < 1024**2 else f"{limit // 1024**2} MiB"
    return TooLargeError(
        Item(None, "body_too_large", f"The body is over {shown}, the most that is read here. Send less.")
    )
