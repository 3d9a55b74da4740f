"""HEAD on whatever answers GET, and pages of other origins."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import ValidationError

from app.api.application import build_app
from app.core.settings import Settings
from tests.security.routes import Route, all_routes

DESK = "https://desk.example.org"
ASKED = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


@pytest.mark.parametrize("route", [route for route in all_routes() if route.method == "GET"], ids=str)
async def test_head_answers_as_get_does_without_a_body(api, route: Route):
    values = dict.fromkeys(route.parameters, "1") | {"name": "swagger-ui.css", "kind": "wav"}

    head = await api.head(route.address(values))
    get = await api.get(route.address(values))

    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("content-length", "content-type"):
        assert head.headers.get(name) == get.headers.get(name)


async def test_head_needs_a_token_where_get_does(client):
    assert (await client.head("/api/system/campaigns/")).status_code == 401


async def test_head_of_what_only_takes_posts_is_405(client):
    answer = await client.head("/api/accounts/login/")

    assert (answer.status_code, answer.content) == (405, b"")
    assert answer.headers["Allow"] == "POST"


async def test_addresses_that_answer_get_say_that_they_answer_head(api):
    answer = await api.patch("/api/system/campaigns")

    assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that one other origin may use."""
    app = build_app(origins=[DESK])
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_other_origins_are_told_nothing_unless_they_are_named(client):
    preflight = await client.options("/api/accounts/login/", headers={"Origin": DESK, **ASKED})
    answer = await client.get("/health/live", headers={"Origin": DESK})

    assert preflight.status_code == 405
    for one in (preflight, answer):
        assert not [name for name in one.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/api/accounts/login/", "/api/system/campaigns", "/api/system/number/1/"])
async def test_a_preflight_of_a_named_origin_is_answered_for_every_method_and_header(browser, path):
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = await browser.options(
            path, headers={"Origin": DESK, **ASKED, "Access-Control-Request-Method": method}
        )
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == DESK
        assert method in answer.headers["Access-Control-Allow-Methods"]
        assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/health/live", "/docs", "/api/system/campaigns", "/nothing", "/a%00"])
async def test_a_named_origin_may_read_answers_and_refusals(browser, path):
    answer = await browser.get(path, headers={"Origin": DESK})

    assert answer.headers["Access-Control-Allow-Origin"] == DESK
    assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example.org",
        "http://desk.example.org",
        "https://desk.example.org:444",
        "https://desk.example.org.evil.example",
        "https://evil.example/https://desk.example.org",
        "https://DESK.example.org",
        "null",
        "*",
    ],
)
async def test_origins_are_compared_exactly(browser, origin):
    preflight = await browser.options("/api/accounts/login/", headers={"Origin": origin, **ASKED})
    answer = await browser.get("/health/live", headers={"Origin": origin})

    assert preflight.status_code == 403
    assert preflight.json()["errors"][0]["code"] == "origin_not_allowed"
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_origins_are_listed_with_commas():
    settings = Settings(cors_origins=" https://a.example , http://10.0.0.5:8080,http://[::1]:3000 ")

    assert settings.origins == ["https://a.example", "http://10.0.0.5:8080", "http://[::1]:3000"]
    assert Settings().origins == []


@pytest.mark.parametrize(
    "written",
    ["*", "null", "a.example", "https://a.example/", "https://a.example/x", "ftp://a.example", "https://*.example",
     "https://A.example", "https://a.example https://b.example"],
)  # fmt: skip
def test_what_no_browser_sends_as_an_origin_stops_the_start(written):
    with pytest.raises(ValidationError, match="must list origins"):
        Settings(cors_origins=written)
