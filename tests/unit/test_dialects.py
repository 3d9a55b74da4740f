"""Each door words its own refusals, those of the middleware included."""

import httpx
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from app.api.envelope import DIALECT
from app.core.errors import Item, UnauthenticatedError
from app.http.dialect import Dialect, Dialects
from app.http.errors import add_error_handlers
from app.http.middleware import BodyLimit, RequestIds


def _plain(scope, status, items, *, data=None, headers=None):
    del scope, data
    return PlainTextResponse(items[0].code, status, headers)


def _doors() -> httpx.AsyncClient:
    app = FastAPI()
    add_error_handlers(app, Dialects(DIALECT, {"/pages": Dialect(_plain, challenge=None)}))
    for middleware in (BodyLimit, RequestIds):
        app.add_middleware(middleware)

    @app.get("/{door}/guarded")
    async def guarded(door: str) -> None:
        raise UnauthenticatedError(Item(None, "not_authenticated", door))

    @app.get("/{door}/broken")
    async def broken(door: str) -> None:
        raise AssertionError(door)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://doors")


async def test_a_path_is_refused_in_the_dialect_of_its_door():
    async with _doors() as client:
        for path, code in (
            ("guarded", "not_authenticated"),
            ("broken", "internal_error"),
            ("none", "not_found"),
        ):
            usual = await client.get(f"/api/{path}")
            assert usual.json()["errors"][0]["code"] == code
            page = await client.get(f"/pages/{path}")
            assert (page.text, page.status_code) == (code, usual.status_code)
        too_long = {"content-length": str(10**12)}
        assert (await client.post("/pages/x", headers=too_long)).text == "use_a_file"
        assert (await client.post("/pagesx", headers=too_long)).json()["errors"][0]["code"] == "use_a_file"


def test_the_longest_start_of_a_path_names_its_door():
    outer, inner = Dialect(_plain, challenge=None), Dialect(_plain, challenge="Token")
    dialects = Dialects(DIALECT, {"/pages": outer, "/pages/v1": inner})
    assert dialects.of("/pages/v1/x") is dialects.of("/pages/v1") is inner
    assert dialects.of("/pages/v1x") is dialects.of("/pages") is outer
    assert dialects.of("/") is dialects.of("/v1/pages") is DIALECT


async def test_only_a_door_with_tokens_asks_for_one():
    async with _doors() as client:
        assert (await client.get("/api/guarded")).headers["www-authenticate"] == "Bearer"
        assert "www-authenticate" not in (await client.get("/pages/guarded")).headers
