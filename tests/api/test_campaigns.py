"""The list, adding, changing, deleting and showing campaigns."""

import httpx
import pytest

from app.accounts.models import Account, CallerNumber
from app.runs.state import RunState
from app.wiring import Parts
from tests.factories import make_campaign, make_run

CAMPAIGNS = "/api/system/campaigns"
PHONE = {"name": "IPO notice", "services": "PHONE", "individual_number": [9876543210, 98675432123]}


async def add(api: httpx.AsyncClient, **changes: object) -> dict:
    answer = await api.post(CAMPAIGNS, json={**PHONE, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["details"][0]


async def test_the_list_has_the_shape_of_the_original(api: httpx.AsyncClient) -> None:
    first = await add(api, description="This campaign is to notify users that an IPO has been opened")
    second = await add(api, name="Second", services="SMS")
    answer = await api.get(CAMPAIGNS)
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["pagination", "result"]
    assert body["pagination"] == {
        "total_items": 2,
        "total_pages": 1,
        "page_number": 1,
        "has_next": False,
        "has_previous": False,
        "links": [],
    }
    assert body["result"]["messages"] == "Campaign Successfully Retrieved"
    listed = body["result"]["campaign-lists"]
    assert [campaign["id"] for campaign in listed] == [second["id"], first["id"]]
    original = {"id", "name", "user_phone", "services", "description", "usable_tags"}
    assert original <= set(listed[1])
    assert {key: listed[1][key] for key in original} == {
        "id": first["id"],
        "name": "IPO notice",
        "user_phone": [],
        "services": "PHONE",
        "description": "This campaign is to notify users that an IPO has been opened",
        "usable_tags": [],
    }


@pytest.mark.parametrize("path", [CAMPAIGNS, f"{CAMPAIGNS}/"])
async def test_the_list_answers_with_and_without_a_slash(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 200
    assert (await api.post(path, json=PHONE)).status_code == 201


async def test_pages_tell_where_the_others_are(api: httpx.AsyncClient) -> None:
    ids = [(await add(api, name=f"Campaign {number}"))["id"] for number in range(5)]
    page = (await api.get(CAMPAIGNS, params={"page": 2, "page_size": 2})).json()
    assert [each["id"] for each in page["result"]["campaign-lists"]] == [ids[2], ids[1]]
    assert page["pagination"] | {"links": 0} == {
        "total_items": 5,
        "total_pages": 3,
        "page_number": 2,
        "has_next": True,
        "has_previous": True,
        "links": 0,
    }
    assert len(page["pagination"]["links"]) == 2
    beyond = (await api.get(CAMPAIGNS, params={"page": 9, "page_size": 2})).json()
    assert beyond["result"]["campaign-lists"] == []
    assert beyond["pagination"]["has_next"] is False


@pytest.mark.parametrize("query", [{"page": 0}, {"page": "x"}, {"page_size": 201}, {"status": "Sleeping"}])
async def test_a_page_that_cannot_be_is_refused(api: httpx.AsyncClient, query: dict) -> None:
    answer = await api.get(CAMPAIGNS, params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(query))


async def test_search_finds_parts_of_names_and_takes_wildcards_for_themselves(api: httpx.AsyncClient) -> None:
    dues = await add(api, name="Bank dues 100%")
    await add(api, name="Bank dues 1000")
    described = await add(api, name="Other", description="about the BANK")
    found = (await api.get(CAMPAIGNS, params={"search": "100%"})).json()["result"]["campaign-lists"]
    assert [each["id"] for each in found] == [dues["id"]]
    found = (await api.get(CAMPAIGNS, params={"search": "about the bank"})).json()["result"]["campaign-lists"]
    assert [each["id"] for each in found] == [described["id"]]


async def test_the_status_filter_goes_by_the_latest_run(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        idle = await make_campaign(session, account_id=account.id)
        again = await make_campaign(session, account_id=account.id)
        await make_run(session, again, state=RunState.COMPLETED)
        await make_run(session, again, state=RunState.PAUSED)
        done = await make_campaign(session, account_id=account.id)
        await make_run(session, done, state=RunState.COMPLETED)

    async def ids(status: str) -> list[int]:
        body = (await api.get(CAMPAIGNS, params={"status": status})).json()
        assert body["pagination"]["total_items"] == len(body["result"]["campaign-lists"])
        assert all(each["status"].lower() == status.lower() for each in body["result"]["campaign-lists"])
        return [each["id"] for each in body["result"]["campaign-lists"]]

    assert await ids("Completed") == [done.id]
    assert await ids("paused") == [again.id]
    assert await ids("Not Started") == [idle.id]
    assert await ids("Running") == []


async def test_adding_answers_what_was_stored(api: httpx.AsyncClient) -> None:
    answer = await api.post(CAMPAIGNS, json=PHONE)
    body = answer.json()
    assert (answer.status_code, body["status"], body["success"]) == (201, 201, True)
    assert body["message"] == "Campaign Created Successfully"
    imported = body["data"]["import"]
    assert (imported["accepted"], imported["duplicates"], imported["rejected"]) == (2, 0, 0)
    assert [warning["code"] for warning in imported["warnings"]] == ["not_a_mobile_length"]
    assert (imported["number_column"], imported["header_row"], imported["sheet"]) == (None, None, None)
    campaign = body["data"]["details"][0]
    assert campaign["status"] == "Not Started"
    assert campaign["recipients"] == 2
    assert campaign["latest_run"] is campaign["audio"] is campaign["message"] is None
    assert campaign["voice_input"] == "np_rija"
    assert campaign["created_at"].endswith("+05:45")
    listed = (await api.get(CAMPAIGNS)).json()["result"]["campaign-lists"]
    assert listed == [campaign]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("phone", "PHONE"),
        ("Sms", "SMS"),
        ("SMS & PHONE", "SMS & PHONE"),
        ("phone & sms", "SMS & PHONE"),
        (" PHONE ", "PHONE"),
    ],
)
async def test_services_are_taken_in_any_case(api: httpx.AsyncClient, sent: str, stored: str) -> None:
    assert (await add(api, services=sent))["services"] == stored


@pytest.mark.parametrize(
    ("form", "accepted"),
    [
        ({"individual_number": ["9876543210", "98675432123"]}, 2),
        ({"individual_number[]": ["9876543210", "98675432123"]}, 2),
        ({"individual_number": "[9876543210, 98675432123]"}, 2),
        ({"individual_number": "9876543210, 98675432123"}, 2),
        ({"individual_number": "9876543210"}, 1),
        ({"individual_number": "९८७६५४३२१०,+977 9811111111, 00977-9822222222, 09833333333"}, 4),
    ],
)
async def test_a_form_lists_numbers_in_every_usual_way(
    api: httpx.AsyncClient, form: dict, accepted: int
) -> None:
    fields = {"name": "Form", "services": "SMS & PHONE", **form}
    plain = await api.post(f"{CAMPAIGNS}/", data=fields)
    assert plain.status_code == 201, plain.text
    assert plain.json()["data"]["import"]["accepted"] == accepted
    parts = [
        (name, (None, value))
        for name, given in fields.items()
        for value in ([given] if isinstance(given, str) else given)
    ]
    multipart = await api.post(CAMPAIGNS, files=parts)
    assert multipart.status_code == 201, multipart.text
    assert multipart.json()["data"]["import"]["accepted"] == accepted


async def test_unknown_fields_and_those_the_server_owns_are_ignored(api: httpx.AsyncClient) -> None:
    campaign = await add(api, id=1_000_000, status="Completed", recipients=7, category="bank", account_id=99)
    assert campaign["id"] != 1_000_000
    assert campaign["status"] == "Not Started"
    assert campaign["recipients"] == 2


async def test_the_same_key_adds_one_campaign(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "add-1"}
    first = await api.post(CAMPAIGNS, json=PHONE, headers=headers)
    again = await api.post(CAMPAIGNS, json=PHONE, headers=headers)
    assert again.status_code == 201
    assert again.content == first.content
    other = await api.post(CAMPAIGNS, json={**PHONE, "name": "Another"}, headers=headers)
    assert other.status_code == 422
    assert (await api.get(CAMPAIGNS)).json()["pagination"]["total_items"] == 1


async def test_caller_numbers_must_be_the_accounts_own(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        caller = CallerNumber(account_id=account.id, number="+97714412345")
        session.add(caller)
    assert (await add(api, user_phone=[caller.id, caller.id]))["user_phone"] == [caller.id]
    assert (await add(api, user_phone=caller.id))["user_phone"] == [caller.id]
    refused = await other_api.post(CAMPAIGNS, json={**PHONE, "user_phone": [caller.id]})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "unknown_caller_number"


async def test_update_changes_the_fields_given(api: httpx.AsyncClient) -> None:
    campaign = await add(api, message="Hello {tags_name|friend}", description="old")
    given = {"name": "new campaign name", "services": "SMS", "description": "Election campaign for 2023"}
    answer = await api.put(f"{CAMPAIGNS}/{campaign['id']}/update/", json=given)
    assert answer.status_code == 200
    assert answer.json()["message"] == "Campaign details successfully updated."
    updated = answer.json()["data"]["details"][0]
    assert {key: updated[key] for key in given} == given
    assert updated["message"] == "Hello {tags_name|friend}"
    form = await api.put(f"{CAMPAIGNS}/{campaign['id']}/update", data={"description": "", "message": ""})
    assert form.status_code == 200
    updated = form.json()["data"]["details"][0]
    assert (updated["description"], updated["message"], updated["name"]) == ("", None, "new campaign name")


async def test_services_stay_while_a_run_is_active(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=RunState.PAUSED)
    path = f"{CAMPAIGNS}/{campaign.id}/update"
    refused = await api.put(path, json={"services": "SMS", "name": "New"})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "run_active"
    assert refused.json()["data"]["run"]["id"] == run.id
    assert (await api.put(path, json={"services": "phone", "name": "New"})).status_code == 200


async def test_a_deleted_campaign_is_gone_but_its_runs_stay(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=RunState.COMPLETED)
    answer = await api.delete(f"{CAMPAIGNS}/{campaign.id}/delete/")
    assert answer.status_code == 200
    assert answer.json()["data"] == {"camaign": "Campaign Deleted Succesfully"}
    for method, tail in [
        ("GET", "details"),
        ("PUT", "update"),
        ("DELETE", "delete"),
        ("POST", "begin"),
        ("GET", "runs"),
    ]:
        assert (await api.request(method, f"{CAMPAIGNS}/{campaign.id}/{tail}")).status_code == 404, tail
    assert (await api.get(CAMPAIGNS)).json()["pagination"]["total_items"] == 0
    assert (await api.get(f"/api/system/runs/{run.id}")).status_code == 200
    assert (await api.get(f"/api/system/runs/{run.id}/report.csv")).status_code == 200


@pytest.mark.parametrize("state", [RunState.SCHEDULED, RunState.RUNNING, RunState.PAUSED, RunState.STOPPING])
async def test_a_campaign_with_an_active_run_is_not_deleted(
    api: httpx.AsyncClient, parts: Parts, account: Account, state: RunState
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=state)
    refused = await api.delete(f"{CAMPAIGNS}/{campaign.id}/delete")
    assert refused.status_code == 409
    assert refused.json()["data"]["run"]["id"] == run.id
    assert (await api.get(f"{CAMPAIGNS}/{campaign.id}/details")).status_code == 200


async def test_details_of_a_fresh_campaign(api: httpx.AsyncClient) -> None:
    campaign = await add(api)
    answer = await api.get(f"{CAMPAIGNS}/{campaign['id']}/details/")
    data = answer.json()["data"]
    assert data["messages"]
    assert data["details"] == [{**campaign, "status_counts": {"not started": 2}}]
    refused = await api.delete(f"{CAMPAIGNS}/{campaign['id']}/details")
    assert refused.status_code == 405
    assert refused.json()["success"] is False
