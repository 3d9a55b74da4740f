"""What requests came and how long they took, by route: an id or number in a path is in no label and no log line."""

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_logger
from app.core.metrics import REQUEST_SECONDS
from app.http.middleware import HEAD

log = get_logger("access")


class Timing:
    """Counts every request with its route's pattern and its status, and writes a line for each."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, seen)
        finally:
            took = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "none")
            REQUEST_SECONDS.labels(scope["method"], route, status).observe(took)
            _write(scope, route, status, took)


def _write(scope: Scope, route: str, status: int, took: float) -> None:
    """The access line; `status` 0: the client was gone before there was an answer."""
    values: dict[str, Any] = {
        "method": "HEAD" if HEAD in scope else scope["method"],
        "route": route,
        "status": status,
        "ms": round(took * 1000, 1),
        "account": scope.get("account_id"),
        "request_id": scope.get("request_id"),
        "address": (scope.get("client") or (None,))[0],
    }
    log.info("request", **values)


def write_refused(status: int, took: float, request_id: str, address: str) -> None:
    """The access line of what was refused before it was a request; `took` in seconds."""
    scope = {"method": None, "request_id": request_id, "client": (address or None,)}
    _write(scope, "none", status, took)
