"""Every answer tells browsers and caches that nothing is to be kept, framed, sniffed or told to other sites."""

import pytest

from app.http.headers import ALWAYS
from tests.security.routes import Route, all_routes

EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "cache-control": "no-store",
}


@pytest.mark.parametrize("route", all_routes(), ids=str)
@pytest.mark.parametrize("who", ["the owner", "a stranger"])
async def test_every_route_sends_them(api, client, route: Route, who: str):
    values = dict.fromkeys(route.parameters, "1") | {"name": "swagger-ui.css", "kind": "wav"}
    answer = await (api if who == "the owner" else client).request(
        route.method, route.address(values), json=route.example
    )
    expected = EXPECTED | ({"cache-control": "max-age=86400"} if route.path == "/docs/{name}" else {})
    assert {name: answer.headers.get(name) for name in expected} == expected


@pytest.mark.parametrize("path", ["/nothing", "/api/system/campaigns/%00", "/api/accounts/login"])
async def test_answers_that_no_route_gave_send_them_too(client, path):
    answer = await client.get(path)
    assert answer.status_code >= 400
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED


async def test_a_message_that_was_spoken_is_not_kept_by_anybody(api):
    heard = await api.post("/api/system/test/voice/", json={"message": "नमस्ते"})
    sound = await api.get(heard.json()["data"]["voice_url"])
    assert sound.status_code == 200
    assert sound.headers["cache-control"] == "no-store"


def test_a_server_that_answers_by_itself_has_the_same_list():
    assert {name.lower(): value for name, value in ALWAYS.items()} == EXPECTED
