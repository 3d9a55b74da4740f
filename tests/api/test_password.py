"""Changing the password, and the time between a one-time password and one's own."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from app.accounts.models import Account
from app.accounts.operating import ONE_TIME, account_of, give_one_time_password
from tests.api.conftest import EMAIL, PASSWORD

LOGIN = "/api/accounts/login/"
REFRESH = "/api/accounts/token/refresh/"
DETAILS = "/api/accounts/user_details/"
CHANGE = "/api/accounts/password/"
NEW = "four words without links"


async def _log_in(client: httpx.AsyncClient, password: str = PASSWORD) -> dict[str, str]:
    answer = await client.post(LOGIN, json={"email": EMAIL, "password": password})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["token"]


def _bearer(token: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['access']}"}


async def _change(client, token, current: str, new: str) -> httpx.Response:
    return await client.post(CHANGE, json={"current": current, "new": new}, headers=_bearer(token))


def _codes(answer: httpx.Response) -> tuple[int, list[tuple[str | None, str]]]:
    return answer.status_code, [(item["field"], item["code"]) for item in answer.json()["errors"]]


@pytest.fixture
async def one_time(parts, account, clock) -> str:
    """A one-time password that the operator has given."""
    async with parts.sessions.begin() as session:
        return await give_one_time_password(session, await account_of(session, account.email), clock.now())


async def test_changing_the_password_ends_other_sign_ins_and_keeps_the_one_that_asks(client, account):
    mine, stolen, stolen_too = [await _log_in(client) for _ in range(3)]

    changed = await _change(client, mine, PASSWORD, NEW)

    assert changed.status_code == 200, changed.text
    assert changed.json()["data"] == {"ended_sign_ins": 2}
    for other in (stolen, stolen_too):
        assert _codes(await client.get(DETAILS, headers=_bearer(other))) == (401, [(None, "token_revoked")])
        assert (await client.post(REFRESH, json={"refresh": other["refresh"]})).status_code == 401
    assert (await client.get(DETAILS, headers=_bearer(mine))).status_code == 200
    assert (await client.post(REFRESH, json={"refresh": mine["refresh"]})).status_code == 200
    assert (await client.post(LOGIN, json={"email": EMAIL, "password": PASSWORD})).status_code == 401
    await _log_in(client, NEW)


@pytest.mark.parametrize(
    ("current", "new", "refusal"),
    [
        ("not the password", NEW, ("current", "wrong_password")),
        (PASSWORD, PASSWORD, ("new", "password_unchanged")),
        (PASSWORD, "short", ("new", "password_too_short")),
        (PASSWORD, "password1234", ("new", "password_too_common")),
        (PASSWORD, "asha@example.com", ("new", "password_too_common")),
        (PASSWORD, "x" * 1001, ("new", "too_long")),
        (PASSWORD, "", ("new", "empty")),
        ("", NEW, ("current", "empty")),
    ],
)
async def test_a_change_that_cannot_be_is_refused_and_changes_nothing(client, account, current, new, refusal):
    mine, other = await _log_in(client), await _log_in(client)

    assert _codes(await _change(client, mine, current, new)) == (422, [refusal])

    assert (await client.get(DETAILS, headers=_bearer(other))).status_code == 200
    await _log_in(client)


async def test_guesses_at_the_present_password_are_slowed_down_as_at_login(client, account):
    token = await _log_in(client)
    statuses = [(await _change(client, token, "a guess", NEW)).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


async def test_nobody_unknown_changes_a_password(client, account):
    assert (await client.post(CHANGE, json={"current": PASSWORD, "new": NEW})).status_code == 401


async def test_a_one_time_password_opens_nothing_but_the_change_of_the_password(client, api, one_time):
    assert (await client.post(LOGIN, json={"email": EMAIL, "password": PASSWORD})).status_code == 401
    answer = await client.post(LOGIN, json={"email": EMAIL, "password": one_time})
    assert answer.status_code == 200
    assert answer.json()["data"]["password_change_required"] is True
    token = answer.json()["data"]["token"]

    for method, path in (
        ("GET", DETAILS),
        ("GET", "/api/system/campaigns"),
        ("POST", "/api/system/test/voice/"),
    ):
        refused = await client.request(method, path, headers=_bearer(token), json={})
        assert _codes(refused) == (403, [(None, "password_change_required")])
    renewed = (await client.post(REFRESH, json={"refresh": token["refresh"]})).json()
    assert (await client.get(DETAILS, headers=_bearer(renewed))).status_code == 403

    assert (await _change(client, renewed, one_time, NEW)).status_code == 200
    assert (await client.get(DETAILS, headers=_bearer(renewed))).status_code == 200
    later = await client.post(LOGIN, json={"email": EMAIL, "password": NEW})
    assert set(later.json()["data"]) == {"token", "user_data"}
    assert (await client.post(LOGIN, json={"email": EMAIL, "password": one_time})).status_code == 401


async def test_the_one_time_password_itself_cannot_stay(client, one_time):
    token = await _log_in(client, one_time)
    assert _codes(await _change(client, token, one_time, one_time)) == (422, [("new", "password_unchanged")])


async def test_a_one_time_password_is_over_after_three_days(client, one_time, clock):
    token = await _log_in(client, one_time)
    clock.moment += ONE_TIME - timedelta(minutes=5)
    token = (await client.post(REFRESH, json={"refresh": token["refresh"]})).json()
    clock.moment += timedelta(minutes=5)

    assert (await client.post(LOGIN, json={"email": EMAIL, "password": one_time})).status_code == 401
    assert _codes(await _change(client, token, one_time, NEW)) == (422, [("current", "wrong_password")])


async def test_giving_a_one_time_password_ends_every_sign_in(client, account, parts):
    token = await _log_in(client)
    async with parts.sessions.begin() as session:
        await give_one_time_password(session, await account_of(session, EMAIL), datetime.now(UTC))

    assert (await client.get(DETAILS, headers=_bearer(token))).status_code == 401
    assert (await client.post(REFRESH, json={"refresh": token["refresh"]})).status_code == 401


async def test_a_login_that_was_checked_before_the_password_changed_gets_no_tokens(parts, account, app):
    """The order in which it happens when both come at once: checked, changed elsewhere, tokens asked for."""
    from app.accounts.service import authenticate, issue_tokens
    from app.core.errors import UnauthenticatedError

    now = datetime.now(UTC)
    async with parts.sessions.begin() as session:
        known = await authenticate(session, EMAIL, PASSWORD, now)
        async with parts.sessions.begin() as other:
            await other.execute(update(Account).values(password_hash="another"))
        with pytest.raises(UnauthenticatedError):
            await issue_tokens(session, app.state.access.tokens, known, now)
