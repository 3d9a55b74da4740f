"""Logging in, who one is, renewing tokens."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from jose import jwt
from sqlalchemy import update

from app.accounts.models import Account
from app.core.clock import FixedClock
from app.wiring import Parts
from tests.api.conftest import EMAIL, PASSWORD, NewAccount

LOGIN = "/api/accounts/login/"
REFRESH = "/api/accounts/token/refresh/"
DETAILS = "/api/accounts/user_details/"
GOOD = {"email": EMAIL, "password": PASSWORD}


async def _log_in(client: httpx.AsyncClient) -> dict[str, str]:
    answer = await client.post(LOGIN, json=GOOD)
    return answer.json()["data"]["token"]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_login_gives_tokens_and_who_logged_in(client, account):
    answer = await client.post(LOGIN, json=GOOD)

    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == 200
    assert body["success"] is True
    assert body["message"] == "Successfully logged in"
    assert body["errors"] == []
    assert set(body["data"]) == {"token", "user_data"}
    assert set(body["data"]["token"]) == {"access", "refresh"}
    assert body["data"]["user_data"] == {"first_name": "Asha", "last_name": "Gurung", "email": EMAIL}


@pytest.mark.parametrize(
    "form", [{"json": GOOD}, {"data": GOOD}, {"files": {name: (None, value) for name, value in GOOD.items()}}]
)
async def test_login_reads_json_and_both_forms(client, account, form):
    answer = await client.post(LOGIN, **form)

    assert answer.status_code == 200, answer.text


async def test_login_ignores_case_and_spaces_of_the_email(client, account):
    answer = await client.post(LOGIN, json={"email": f" {EMAIL.upper()} ", "password": PASSWORD})

    assert answer.status_code == 200


async def test_the_original_documents_login_works_as_printed(client, parts: Parts, new_account: NewAccount):
    await new_account("test@gmail.com", "test", shortest_password=4)

    answer = await client.post(LOGIN, json={"email": "test@gmail.com", "password": "test"})

    assert answer.status_code == 200


async def test_wrong_password_and_unknown_email_answer_alike(client, account):
    wrong = await client.post(LOGIN, json=GOOD | {"password": "something else"})
    unknown = await client.post(LOGIN, json=GOOD | {"email": "nobody@example.com"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["errors"][0]["code"] == "wrong_credentials"
    assert wrong.headers["WWW-Authenticate"] == "Bearer"


async def test_an_account_that_is_switched_off_cannot_log_in_nor_go_on(client, account, parts: Parts):
    token = (await _log_in(client))["access"]
    async with parts.sessions.begin() as session:
        await session.execute(update(Account).values(is_active=False))

    login = await client.post(LOGIN, json=GOOD)
    details = await client.get(DETAILS, headers=_bearer(token))

    assert login.json()["errors"][0]["code"] == "wrong_credentials"
    assert details.status_code == 401
    assert details.json()["errors"][0]["code"] == "account_inactive"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "email", "missing"),
        ({"email": EMAIL}, "password", "missing"),
        ({"email": "", "password": "x"}, "email", "empty"),
        ({"email": EMAIL, "password": ""}, "password", "empty"),
        ({"email": 5, "password": "x"}, "email", "wrong_type"),
        ({"email": EMAIL, "password": ["x"]}, "password", "wrong_type"),
        ({"email": None, "password": "x"}, "email", "wrong_type"),
        ({"email": "a" * 300, "password": "x"}, "email", "too_long"),
        ({"email": EMAIL, "password": "x" * 1001}, "password", "too_long"),
        ({"email": "a\x00b@example.com", "password": "x"}, "email", "nul_character"),
    ],
)
async def test_login_says_which_field_is_wrong(client, body, field, code):
    answer = await client.post(LOGIN, json=body)

    assert answer.status_code == 422
    assert {"field": field, "code": code} in [
        {"field": item["field"], "code": item["code"]} for item in answer.json()["errors"]
    ]


async def test_every_wrong_field_is_listed_at_once(client):
    answer = await client.post(LOGIN, json={"password": 1})

    assert [item["field"] for item in answer.json()["errors"]] == ["email", "password"]


async def test_a_stranger_cannot_send_more_than_64_kibibytes(client):
    answer = await client.post(LOGIN, files={"email": ("a", b"x" * 65 * 1024)})

    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "body_too_large"


async def test_the_eleventh_attempt_is_throttled_and_another_account_is_not(client, account, new_account):
    await new_account("bikash@example.com")
    for _ in range(10):
        assert (await client.post(LOGIN, json=GOOD | {"password": "wrong"})).status_code == 401

    answer = await client.post(LOGIN, json=GOOD)
    other = await client.post(LOGIN, json=GOOD | {"email": "bikash@example.com"})

    assert answer.status_code == 429
    assert answer.json()["errors"][0]["code"] == "too_many_attempts"
    assert 1 <= int(answer.headers["Retry-After"]) <= 300
    assert other.status_code == 200


async def test_unknown_emails_are_throttled_as_known_ones(client, account):
    statuses = [
        (await client.post(LOGIN, json={"email": "nobody@example.com", "password": "x"})).status_code
        for _ in range(11)
    ]

    assert statuses == [401] * 10 + [429]


async def test_one_address_cannot_try_many_accounts(client):
    answers = [
        (await client.post(LOGIN, json={"email": f"n{n}@example.com", "password": "x"})).status_code
        for n in range(31)
    ]

    assert answers == [401] * 30 + [429]


async def test_user_details_are_complete(client, new_account):
    account = await new_account(
        first_name="Asha", last_name="Gurung", username="asha", contact_number="9801234567", address="Pokhara"
    )
    token = (await _log_in(client))["access"]

    answer = await client.get(DETAILS, headers=_bearer(token))

    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "user_details": {
            "first_name": "Asha",
            "last_name": "Gurung",
            "email": account.email,
            "username": "asha",
            "is_verified_email": False,
            "contact_number": "9801234567",
            "is_verified_phone": False,
            "address": "Pokhara",
        }
    }


async def test_without_a_token_one_is_told_how_to_get_it(client):
    answer = await client.get(DETAILS)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "/api/accounts/login/" in answer.json()["message"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer a.b.c", "Token x"])
async def test_a_bad_authorization_header_is_401(client, header):
    answer = await client.get(DETAILS, headers={"Authorization": header})

    assert answer.status_code == 401


async def test_an_access_token_ends_after_an_hour(client, account, clock: FixedClock):
    token = (await _log_in(client))["access"]

    clock.moment += timedelta(seconds=3599)
    before = await client.get(DETAILS, headers=_bearer(token))
    clock.moment += timedelta(seconds=1)
    after = await client.get(DETAILS, headers=_bearer(token))

    assert before.status_code == 200
    assert after.status_code == 401
    assert after.json()["errors"][0]["code"] == "token_expired"


async def test_access_and_refresh_tokens_cannot_stand_for_each_other(client, account):
    tokens = await _log_in(client)

    as_access = await client.get(DETAILS, headers=_bearer(tokens["refresh"]))
    as_refresh = await client.post(REFRESH, json={"refresh": tokens["access"]})

    assert as_access.status_code == as_refresh.status_code == 401


async def test_tokens_carry_the_promised_claims(client, account):
    tokens = await _log_in(client)

    for kind, life in (("access", 3600), ("refresh", 14 * 86_400)):
        claims = jwt.get_unverified_claims(tokens[kind])
        assert jwt.get_unverified_header(tokens[kind])["alg"] == "HS256"
        assert set(claims) == {"token_type", "exp", "iat", "jti", "user_id", "iss", "aud", "sub"}
        assert claims["token_type"] == kind
        assert claims["exp"] - claims["iat"] == life
        assert claims["user_id"] == account.id


async def test_refresh_gives_a_bare_pair_that_works(client, account):
    tokens = await _log_in(client)

    answer = await client.post("/api/accounts/token/refresh/?", json={"refresh": tokens["refresh"]})

    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    assert answer.json()["refresh"] != tokens["refresh"]
    assert (await client.get(DETAILS, headers=_bearer(answer.json()["access"]))).status_code == 200
    assert (await client.post(REFRESH, data={"refresh": answer.json()["refresh"]})).status_code == 200


async def test_a_refresh_token_used_twice_ends_its_whole_family(client, account):
    first = (await _log_in(client))["refresh"]
    second = (await client.post(REFRESH, json={"refresh": first})).json()["refresh"]

    reused = await client.post(REFRESH, json={"refresh": first})
    successor = await client.post(REFRESH, json={"refresh": second})

    assert reused.status_code == successor.status_code == 401
    assert reused.json()["errors"] == [
        {"field": "refresh", "code": "token_revoked", "message": reused.json()["message"]}
    ]


async def test_another_login_is_another_family(client, account):
    first = (await _log_in(client))["refresh"]
    other = (await _log_in(client))["refresh"]
    await client.post(REFRESH, json={"refresh": first})
    await client.post(REFRESH, json={"refresh": first})

    assert (await client.post(REFRESH, json={"refresh": other})).status_code == 200


async def test_of_many_refreshes_at_once_one_succeeds_and_nothing_of_the_family_lives_on(client, account):
    first = (await _log_in(client))["refresh"]

    answers = await asyncio.gather(*(client.post(REFRESH, json={"refresh": first}) for _ in range(12)))

    won = [answer.json()["refresh"] for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {200, 401}
    assert (await client.post(REFRESH, json={"refresh": won[0]})).status_code == 401


async def test_a_refresh_token_ends_after_a_fortnight(client, account, clock: FixedClock):
    token = (await _log_in(client))["refresh"]

    clock.moment += timedelta(days=14)

    assert (await client.post(REFRESH, json={"refresh": token})).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"), [({}, "missing"), ({"refresh": ""}, "empty"), ({"refresh": 3}, "wrong_type")]
)
async def test_refresh_says_what_is_wrong(client, body, code):
    answer = await client.post(REFRESH, json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code


async def test_a_refresh_token_that_we_never_gave_is_401(client, account, app):
    forged = app.state.access.tokens.refresh(account.id, app.state.parts.clock.now()).token

    assert (await client.post(REFRESH, json={"refresh": forged})).status_code == 401
