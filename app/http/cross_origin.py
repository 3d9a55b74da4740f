"""Answers to pages of other origins (CORS, as the Fetch standard has it): off unless the operator names them."""

from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from app.core.errors import Item

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
_TOLD = ("Content-Disposition", "Retry-After", "X-Request-ID")


class CrossOrigin(CORSMiddleware):
    """Lets pages of exactly these origins read answers. No cookie is in use: a page needs a bearer token all the same.

    Any header may be sent, since what is trusted is the origin. Preflights of other origins are refused, and their
    simple requests answered without the headers that a browser asks for.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str], refuse: Callable[..., Response]) -> None:
        self._refuse = refuse
        super().__init__(
            app, allow_origins=origins, allow_methods=_METHODS, allow_headers=["*"], expose_headers=_TOLD
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """As the library's, refusals in the envelope of all others."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        item = Item(
            None,
            "origin_not_allowed",
            "Pages of this origin may not use this service so; its operator names origins in TINGTING_CORS_ORIGINS.",
        )
        return self._refuse(403, [item], headers={"Vary": answer.headers.get("Vary", "Origin")})
