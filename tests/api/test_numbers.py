"""Recipients one by one: list, add, show, change, delete."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from app.accounts.models import Account
from app.calls.models import Call
from app.calls.state import CallStatus
from app.core.clock import FixedClock
from app.runs.state import RunState
from app.wiring import Parts
from tests.factories import make_calls, make_campaign, make_run, recipient_ids

CAMPAIGNS = "/api/system/campaigns"


@pytest.fixture
async def campaign(api: httpx.AsyncClient) -> dict:
    answer = await api.post(
        CAMPAIGNS,
        data={"name": "Dues", "services": "PHONE"},
        files={"send_to_number_file": ("numbers.csv", "number,name\n9801000001,राम\n9801000002,सीता\n")},
    )
    return answer.json()["data"]["details"][0]


async def ids_of(api: httpx.AsyncClient, campaign: dict) -> list[int]:
    listed = await api.get(f"{CAMPAIGNS}/number/{campaign['id']}/")
    return [each["id"] for each in listed.json()["data"]["numbers"]]


async def recipients(api: httpx.AsyncClient, campaign: dict) -> int:
    details = (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0]
    return details["recipients"]


async def test_a_recipient_has_the_fields_that_clients_read(api: httpx.AsyncClient, campaign: dict) -> None:
    answer = await api.get(f"{CAMPAIGNS}/number/{campaign['id']}")
    assert answer.status_code == 200
    first = answer.json()["data"]["numbers"][0]
    assert first == {
        "id": first["id"],
        "number": "9801000001",
        "campaing": "Dues",
        "available_tags": {"tags_name": "राम"},
        "status": "not started",
        "duration": 0,
        "playback": 0,
        "credit_consumed": 0,
    }
    assert answer.json()["data"]["next_cursor"] is None
    shown = await api.get(f"/api/system/number/{first['id']}/")
    assert shown.json()["data"]["details"] == [first]


async def test_the_latest_call_fills_status_duration_playback_and_credit(
    api: httpx.AsyncClient, parts: Parts, account: Account, clock: FixedClock
) -> None:
    began = clock.now()
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        first = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, first, [CallStatus.FAILED, CallStatus.COMPLETED])
        again = await make_run(session, campaign, state=RunState.RUNNING)
        times = {"answered_at": began, "ended_at": began + timedelta(seconds=60.5)}
        await make_calls(session, again, [CallStatus.HUNGUP], played_ms=7_550, audio_ms=20_000, **times)
    first_number, second, third = (await api.get(f"{CAMPAIGNS}/number/{campaign.id}")).json()["data"][
        "numbers"
    ]
    figures = {key: first_number[key] for key in ("status", "duration", "playback", "credit_consumed")}
    assert figures == {"status": "hungup", "duration": 60.5, "playback": 37, "credit_consumed": 2}
    assert (second["status"], second["playback"]) == ("completed", 100)
    assert third["status"] == "not started"


async def test_pages_go_on_behind_the_cursor(api: httpx.AsyncClient, campaign: dict) -> None:
    path = f"{CAMPAIGNS}/number/{campaign['id']}"
    first = (await api.get(path, params={"limit": 1})).json()["data"]
    second = (await api.get(path, params={"limit": 1, "cursor": first["next_cursor"]})).json()["data"]
    assert [first["numbers"][0]["number"], second["numbers"][0]["number"]] == ["9801000001", "9801000002"]
    assert second["next_cursor"] is None
    for bad in ({"limit": 0}, {"limit": 201}, {"cursor": -1}, {"cursor": 2**64}, {"cursor": "x"}):
        assert (await api.get(path, params=bad)).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"number": "+977-9801000003", "available_tags": {"tags_name": "हरि", "Due Date": "2026-12-01"}},
        {"number": 9801000003, "available_tags": {"name": " हरि ", "tags_due_date": "2026-12-01"}},
    ],
)
async def test_an_added_number_brings_its_tags(api: httpx.AsyncClient, campaign: dict, body: dict) -> None:
    answer = await api.post(f"{CAMPAIGNS}/number/{campaign['id']}/", json=body)
    assert answer.status_code == 201, answer.text
    added = answer.json()["data"]["details"][0]
    assert added["number"] == "9801000003"
    assert added["available_tags"] == {"tags_name": "हरि", "tags_due_date": "2026-12-01"}
    details = (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0]
    assert details["usable_tags"] == ["tags_name", "tags_due_date"]
    assert details["recipients"] == 3
    assert details["status_counts"] == {"not started": 3}


async def test_a_form_adds_and_changes_numbers_too(api: httpx.AsyncClient, campaign: dict) -> None:
    tags = json.dumps({"tags_name": "गीता"})
    answer = await api.post(
        f"{CAMPAIGNS}/number/{campaign['id']}", data={"number": "9801000004", "available_tags": tags}
    )
    assert answer.status_code == 201, answer.text
    number_id = answer.json()["data"]["details"][0]["id"]
    changed = await api.put(f"/api/system/number/{number_id}", data={"number": "९८०१००००१५"})
    assert changed.json()["data"]["details"][0]["number"] == "9801000015"
    assert changed.json()["data"]["details"][0]["available_tags"] == {"tags_name": "गीता"}


async def test_a_number_is_in_a_campaign_once(api: httpx.AsyncClient, campaign: dict) -> None:
    first, second = await ids_of(api, campaign)
    refused = await api.post(f"{CAMPAIGNS}/number/{campaign['id']}", json={"number": "09801000001"})
    assert refused.status_code == 409
    assert refused.json()["errors"][0] | {"message": ""} == {
        "field": "number",
        "code": "duplicate_number",
        "message": "",
    }
    assert refused.json()["data"]["number_id"] == first
    refused = await api.put(f"/api/system/number/{second}", json={"number": "9801000001"})
    assert refused.status_code == 409
    same = await api.put(f"/api/system/number/{first}", json={"number": "+9779801000001"})
    assert same.status_code == 200
    assert await recipients(api, campaign) == 2


async def test_tags_that_are_not_named_stay_and_null_takes_one_away(
    api: httpx.AsyncClient, campaign: dict
) -> None:
    first, _ = await ids_of(api, campaign)
    path = f"/api/system/number/{first}"
    await api.put(path, json={"available_tags": {"amount": 1250.5}})
    shown = (await api.get(path)).json()["data"]["details"][0]["available_tags"]
    assert shown == {"tags_name": "राम", "tags_amount": "1250.5"}
    answer = await api.put(path, json={"available_tags": {"tags_name": None}})
    assert answer.json()["data"]["details"][0]["available_tags"] == {"tags_amount": "1250.5"}


async def test_a_deleted_number_is_gone_and_may_come_back(api: httpx.AsyncClient, campaign: dict) -> None:
    first, second = await ids_of(api, campaign)
    answer = await api.delete(f"{CAMPAIGNS}/number/{first}/delete/")
    assert answer.status_code == 200
    assert await ids_of(api, campaign) == [second]
    assert await recipients(api, campaign) == 1
    for method, path in [
        ("GET", f"/api/system/number/{first}"),
        ("PUT", f"/api/system/number/{first}"),
        ("DELETE", f"{CAMPAIGNS}/number/{first}/delete"),
    ]:
        assert (await api.request(method, path)).status_code == 404
    again = await api.post(f"{CAMPAIGNS}/number/{campaign['id']}", json={"number": "9801000001"})
    assert again.status_code == 201
    assert await recipients(api, campaign) == 2


async def test_changes_at_the_same_moment_keep_the_count_right(
    api: httpx.AsyncClient, campaign: dict
) -> None:
    path = f"{CAMPAIGNS}/number/{campaign['id']}"
    sent = [9801000010 + number % 8 for number in range(16)]
    answers = await asyncio.gather(*(api.post(path, json={"number": number}) for number in sent))
    assert sorted(answer.status_code for answer in answers) == [201] * 8 + [409] * 8
    assert await recipients(api, campaign) == 10
    first, *_ = await ids_of(api, campaign)
    deletes = await asyncio.gather(*(api.delete(f"{CAMPAIGNS}/number/{first}/delete") for _ in range(6)))
    assert sorted(answer.status_code for answer in deletes) == [200] + [404] * 5
    assert await recipients(api, campaign) == len(await ids_of(api, campaign)) == 9


async def test_another_accounts_numbers_do_not_exist(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, campaign: dict
) -> None:
    first, _ = await ids_of(api, campaign)
    for method, path in [
        ("GET", f"{CAMPAIGNS}/number/{campaign['id']}"),
        ("POST", f"{CAMPAIGNS}/number/{campaign['id']}"),
        ("DELETE", f"{CAMPAIGNS}/number/{first}/delete"),
        ("GET", f"/api/system/number/{first}"),
        ("PUT", f"/api/system/number/{first}"),
    ]:
        answer = await other_api.request(method, path, json={"number": "9801000009"})
        assert answer.status_code == 404, (method, path)
    assert await recipients(api, campaign) == 2


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.PAUSED, RunState.STOPPING])
async def test_numbers_stay_as_they_are_while_a_run_calls_them(
    api: httpx.AsyncClient, parts: Parts, account: Account, state: RunState
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=state)
        first, *_ = await recipient_ids(session, campaign)
    for method, path in [
        ("DELETE", f"{CAMPAIGNS}/number/{first}/delete"),
        ("PUT", f"/api/system/number/{first}"),
    ]:
        refused = await api.request(method, path, json={"available_tags": {"name": "x"}})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "run_active")
        assert refused.json()["data"]["run"]["id"] == run.id
    assert (await api.get(f"/api/system/number/{first}")).json()["data"]["details"][0]["available_tags"] == {}


async def test_numbers_of_a_scheduled_run_may_still_go(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        await make_run(session, campaign, state=RunState.SCHEDULED)
        first, *_ = await recipient_ids(session, campaign)
    assert (await api.delete(f"{CAMPAIGNS}/number/{first}/delete")).status_code == 200


async def test_calls_of_a_deleted_number_stay_in_the_report(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, run, [CallStatus.COMPLETED] * 3)
        first, *_ = await recipient_ids(session, campaign)
    await api.delete(f"{CAMPAIGNS}/number/{first}/delete")
    calls = (await api.get(f"/api/system/runs/{run.id}/calls")).json()["data"]["calls"]
    assert calls[0]["number_id"] == first
    async with parts.sessions() as session:
        assert await session.get(Call, calls[0]["id"]) is not None


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "number", "missing"),
        ({"number": ""}, "number", "empty_number"),
        ({"number": None}, "number", "empty_number"),
        ({"number": "abc"}, "number", "invalid_number"),
        ({"number": 12}, "number", "invalid_number"),
        ({"number": True}, "number", "invalid_number"),
        ({"number": 1.5}, "number", "invalid_number"),
        ({"number": [9801000003]}, "number", "invalid_number"),
        ({"number": "+14155552671"}, "number", "foreign_number"),
        ({"number": "98\x0001000003"}, "number", "nul_character"),
        ({"number": 9801000003, "available_tags": "x"}, "available_tags", "wrong_type"),
        ({"number": 9801000003, "available_tags": [1]}, "available_tags", "wrong_type"),
        ({"number": 9801000003, "available_tags": {"": "x"}}, "available_tags.", "bad_tag"),
        ({"number": 9801000003, "available_tags": {"{}": "x"}}, "available_tags.{}", "bad_tag"),
        (
            {"number": 9801000003, "available_tags": {"n" * 200: "x"}},
            f"available_tags.{'n' * 100}",
            "too_long",
        ),
        ({"number": 9801000003, "available_tags": {"a": {}}}, "available_tags.a", "wrong_type"),
        ({"number": 9801000003, "available_tags": {"a": True}}, "available_tags.a", "wrong_type"),
        ({"number": 9801000003, "available_tags": {"a": "x" * 5001}}, "available_tags.a", "too_long"),
        ({"number": 9801000003, "available_tags": {"a": "x", "A": "y"}}, "available_tags.A", "duplicate_tag"),
        ({"number": 9801000003, "available_tags": {"a": "nul\x00"}}, "available_tags.a", "nul_character"),
        (
            {"number": 9801000003, "available_tags": dict.fromkeys(map(str, range(201)), "x")},
            "available_tags",
            "too_many_tags",
        ),
    ],
)
async def test_a_bad_number_is_refused_and_nothing_is_stored(
    api: httpx.AsyncClient, campaign: dict, body: dict, field: str, code: str
) -> None:
    answer = await api.post(f"{CAMPAIGNS}/number/{campaign['id']}", json=body)
    assert answer.status_code == 422, answer.text
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert await recipients(api, campaign) == 2


async def test_a_changed_number_leaves_the_calls_to_the_old_one_as_they_were(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, 1, account_id=account.id)
        (number_id,) = await recipient_ids(session, campaign)
        run = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, run, [CallStatus.COMPLETED])
    answer = await api.put(f"/api/system/number/{number_id}/", json={"number": "9841234567"})
    assert answer.json()["data"]["details"][0]["number"] == "9841234567"
    calls = await api.get(f"/api/system/runs/{run.id}/calls/")
    assert [call["number"] for call in calls.json()["data"]["calls"]] == ["9800000000"]
    report = await api.get(f"/api/system/runs/{run.id}/report.csv")
    assert "9800000000" in report.text
    assert "9841234567" not in report.text
