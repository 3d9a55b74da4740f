"""What every answer tells browsers and caches: nothing is kept, framed, sniffed or told to other sites."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Names with their values (RFC 9111 for Cache-Control; Fetch, Referrer Policy and CSP Level 3 for the others).

A signed address holds what opens it, so it must not reach other sites as a referrer. `X-Frame-Options` is for browsers
that do not know `frame-ancestors`.
"""


class SecurityHeaders:
    """Puts `ALWAYS` on each answer; what a route has set itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded)
