"""Who is let in: every route of the table with every kind of token that is not good for it."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from jose import jwt

from app.accounts.tokens import AUDIENCE, ISSUER
from app.core.clock import FixedClock
from tests.security.routes import PUBLIC, Route, all_routes

ROUTES = all_routes()
GUARDED = [route for route in ROUTES if route.guarded]
ENVELOPE = {"status", "success", "message", "errors", "data"}


def test_whatever_is_not_named_public_asks_for_a_token():
    assert {(route.method, route.path) for route in ROUTES if not route.guarded} == PUBLIC
    assert len(GUARDED) >= 25


class Forger:
    """Makes tokens that look like ours, and are not."""

    def __init__(self, app, account, clock: FixedClock) -> None:
        self.maker = app.state.access.tokens
        self.secret = app.state.parts.settings.required("jwt_secret")
        self.account = account
        self.now = clock.now()

    def claims(self, **changes: Any) -> dict[str, Any]:
        issued = int(self.now.timestamp())
        claims = {
            "token_type": "access",
            "exp": issued + 600,
            "iat": issued,
            "jti": "0" * 32,
            "user_id": self.account.id,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(self.account.id),
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def signed(self, secret: str | None = None, algorithm: str = "HS256", **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), secret or self.secret, algorithm=algorithm)

    def unsigned(self, header: dict[str, Any], signature: str = "") -> str:
        head, body = (part(json.dumps(piece).encode()) for piece in (header, self.claims()))
        return f"{head}.{body}.{signature}"

    def wrong_ones(self) -> dict[str, str]:
        good = self.maker.access(self.account.id, uuid4(), self.now)
        head, body, signature = good.split(".")
        stranger = part(
            json.dumps(self.claims(user_id=self.account.id + 1, sub=str(self.account.id + 1))).encode()
        )
        past = self.now - timedelta(hours=2)
        return {
            "expired": self.maker.access(self.account.id, uuid4(), past),
            "expires now": self.signed(exp=int(self.now.timestamp())),
            "no expiry": self.signed(exp=None),
            "expiry that is no number": self.signed(exp=str(int(self.now.timestamp()) + 600)),
            "wrong audience": self.signed(aud="somebody-else"),
            "no audience": self.signed(aud=None),
            "wrong issuer": self.signed(iss="somebody-else"),
            "no issuer": self.signed(iss=None),
            "no subject": self.signed(sub=None),
            "no id": self.signed(jti=None),
            "an id that names no sign-in": self.signed(jti="first"),
            "no kind": self.signed(token_type=None),
            "unknown kind": self.signed(token_type="session"),
            "a refresh token": self.maker.refresh(self.account.id, self.now).token,
            "another key": self.signed(secret="x" * 48),
            "no key": self.signed(secret=" "),
            "HS384": self.signed(algorithm="HS384"),
            "HS512": self.signed(algorithm="HS512"),
            "none": self.unsigned({"alg": "none", "typ": "JWT"}),
            "None": self.unsigned({"alg": "None", "typ": "JWT"}, signature),
            "none with our signature": self.unsigned({"alg": "none", "typ": "JWT"}, signature),
            "RS256": self.unsigned({"alg": "RS256", "typ": "JWT"}, signature),
            "a key named in the header": self.unsigned({"alg": "HS256", "kid": "../../dev/null"}, signature),
            "no algorithm": self.unsigned({"typ": "JWT"}, signature),
            "another account written in": f"{head}.{stranger}.{signature}",
            "account and subject that differ": self.signed(sub=str(self.account.id + 1)),
            "account as text": self.signed(user_id=str(self.account.id)),
            "account as truth": self.signed(user_id=True, sub="True"),
            "account that is gone": self.signed(user_id=2**40, sub=str(2**40)),
            "signature cut off": f"{head}.{body}.",
            "signature changed": f"{head}.{body}.{('B' if signature[0] == 'A' else 'A') + signature[1:]}",
            "two parts": f"{head}.{body}",
            "four parts": f"{good}.{signature}",
            "words": "let me in",
            "nothing": "",
            "very long": "a" * 100_000,
            "Devanagari": "नमस्ते",
        }


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def forger(app, account, clock) -> Forger:
    return Forger(app, account, clock)


async def _ask(client: httpx.AsyncClient, route: Route, authorization: str | None) -> httpx.Response:
    known = dict.fromkeys(route.parameters, 1)
    headers = {} if authorization is None else {b"Authorization": authorization.encode()}
    body = {"json": route.example} if route.method in {"POST", "PUT"} else {}
    return await client.request(route.method, route.address(known), headers=headers, **body)


def _assert_kept_out(answer: httpx.Response, what: str) -> None:
    assert answer.status_code == 401, f"{what}: {answer.status_code} {answer.text[:300]}"
    body = answer.json()
    assert set(body) == ENVELOPE, what
    assert body["data"] == {}, what
    assert answer.headers["WWW-Authenticate"].startswith("Bearer"), what


async def test_the_forger_could_make_a_good_token_so_each_fault_is_what_keeps_it_out(client, forger):
    answer = await client.get(
        "/api/accounts/user_details", headers={"Authorization": f"Bearer {forger.signed()}"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("route", GUARDED, ids=str)
async def test_no_route_takes_a_token_with_anything_wrong(client, forger, route):
    for fault, token in forger.wrong_ones().items():
        _assert_kept_out(await _ask(client, route, f"Bearer {token}"), fault)


@pytest.mark.parametrize("route", GUARDED, ids=str)
async def test_no_route_answers_without_a_token_or_to_another_scheme(client, forger, route):
    good = forger.signed()
    basic = base64.b64encode(b"asha@example.com:a long enough password").decode()
    for header in (None, "", "Bearer", "Bearer ", f"Basic {basic}", f"Token {good}", good, f"Bearer{good}"):
        _assert_kept_out(await _ask(client, route, header), str(header))


@pytest.mark.parametrize("route", GUARDED, ids=str)
async def test_a_token_counts_only_in_its_header(client, forger, route):
    good = forger.signed()
    address = route.address(dict.fromkeys(route.parameters, 1))
    for query in (f"access_token={good}", f"token={good}", f"Authorization=Bearer%20{good}"):
        _assert_kept_out(await client.request(route.method, f"{address}?{query}"), query)
    _assert_kept_out(
        await client.request(route.method, address, headers={"Cookie": f"access={good}; token={good}"}),
        "cookie",
    )


async def test_an_account_that_is_switched_off_is_out_at_once(client, parts, account, forger):
    async with parts.sessions.begin() as session:
        (await session.get(type(account), account.id)).is_active = False

    for route in GUARDED:
        _assert_kept_out(await _ask(client, route, f"Bearer {forger.signed()}"), str(route))


@pytest.mark.parametrize(
    "fault",
    [
        "expired",
        "wrong audience",
        "no audience",
        "HS512",
        "none",
        "another key",
        "another account written in",
        "words",
    ],
)
async def test_nothing_forged_is_refreshed_either(client, forger, fault):
    answer = await client.post("/api/accounts/token/refresh/", json={"refresh": forger.wrong_ones()[fault]})
    _assert_kept_out(answer, fault)


async def test_an_access_token_is_no_refresh_token(client, forger):
    answer = await client.post("/api/accounts/token/refresh/", json={"refresh": forger.signed()})
    _assert_kept_out(answer, "access as refresh")


async def test_a_signed_address_opens_nothing_but_what_it_was_signed_for(api, client, clock):
    spoken = (await api.post("/api/system/test/voice/", json={"message": "नमस्ते"})).json()["data"]
    url = httpx.URL(spoken["voice_url"])
    assert (await client.get(url)).status_code == 200

    other = (await api.post("/api/system/test/voice/", json={"message": "बिदा"})).json()["data"]
    moved = url.copy_with(path=httpx.URL(other["voice_url"]).path)
    later = url.copy_set_param("expires", str(int(url.params["expires"]) + 3600))
    for wrong in (
        moved,
        later,
        url.copy_set_param("signature", "0" * 64),
        url.copy_set_param("signature", ""),
        url.copy_set_param("signature", "é"),
        url.copy_set_param("expires", "9" * 40),
        url.copy_set_param("expires", "never"),
        url.copy_with(query=None),
    ):
        answer = await client.get(wrong)
        assert answer.status_code == 401, wrong
    clock.moment += timedelta(hours=1, seconds=1)
    assert (await client.get(url)).status_code == 401
