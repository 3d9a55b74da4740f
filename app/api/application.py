"""The HTTP application without its parts: routes, refusals, middleware and the document of it all."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from app.api.docs import document
from app.api.docs_page import add_docs_page
from app.api.envelope import DIALECT, failure
from app.api.guide import DESCRIPTION, TAGS
from app.api.router import add_routers
from app.core import version
from app.http.cross_origin import CrossOrigin
from app.http.dialect import Dialect, Dialects
from app.http.errors import add_error_handlers
from app.http.headers import SecurityHeaders
from app.http.idempotency import ReplayedError, replay
from app.http.middleware import BodyLimit, CleanTarget, HeadAsGet, RequestIds, TrailingSlash
from app.http.timing import Timing


def build_app(
    lifespan: Lifespan[FastAPI] | None = None,
    origins: Sequence[str] = (),
    others: Mapping[str, Dialect] | None = None,
) -> FastAPI:
    """The application.

    Args:
        lifespan: puts `state.parts` and `state.access` in place before the first request.
        origins: other origins whose pages may read its answers.
        others: how doors behind this application refuse, by the start of their path.
    """
    app = FastAPI(
        title="tingting-server",
        version=version.SERVICE,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.openapi = lambda: _document_of(app)  # type: ignore[method-assign]
    add_error_handlers(app, Dialects(DIALECT, others or {}))
    app.add_exception_handler(ReplayedError, replay)
    add_routers(app)
    add_docs_page(app)
    # The last added sees a request first. Those behind TrailingSlash share one scope, where the route is found.
    for middleware in (BodyLimit, CleanTarget, RequestIds, Timing, TrailingSlash, HeadAsGet):
        app.add_middleware(middleware)
    if origins:
        app.add_middleware(CrossOrigin, origins=origins, refuse=failure)
    app.add_middleware(SecurityHeaders)
    return app


def _document_of(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = document(app)
    return app.openapi_schema
