"""What one account owns does not exist for another: every route of the table with its ids, and ids in bodies."""

import json

import pytest
from sqlalchemy import select

from app.accounts.models import CallerNumber
from app.calls.models import Call
from app.recipients.models import Recipient
from tests.security.routes import Route, all_routes

MARK = "zebra-7431"
"""Stands in all that the owner stores; seen by anybody else it is a leak."""

NUMBER = "9811223344"
OWNED = [route for route in all_routes() if route.guarded and route.parameters]
LISTS = [route for route in all_routes() if route.guarded and not route.parameters and route.method == "GET"]


@pytest.fixture
async def owned(api, parts, account) -> dict[str, int]:
    """One of everything that has an id, by the name of the path's parameter."""
    rows = f"phone,name\n{NUMBER},{MARK}\n"
    files = {"send_to_number_file": (f"{MARK}.csv", rows.encode(), "text/csv")}
    upload = await api.post("/api/system/files/", files={"file": (f"{MARK}.csv", rows.encode(), "text/csv")})
    added = await api.post(
        "/api/system/campaigns/",
        data={"name": MARK, "services": "PHONE", "description": MARK, "message": f"{MARK} {{tags_name}}"},
        files=files,
    )
    assert (upload.status_code, added.status_code) == (201, 201), added.text
    campaign = added.json()["data"]["details"][0]["id"]
    begun = await api.post(f"/api/system/campaigns/{campaign}/begin/")
    run = begun.json()["data"]["run"]["id"]
    async with parts.sessions.begin() as session:
        caller = CallerNumber(account_id=account.id, number="+97715970000")
        recipient = await session.scalar(select(Recipient.id).where(Recipient.campaign_id == campaign))
        call = Call(run_id=run, recipient_id=recipient)
        session.add_all([caller, call])
        await session.flush()
        return {
            "campaign_id": campaign,
            "run_id": run,
            "number_id": recipient,
            "file_id": upload.json()["data"]["file"]["id"],
            "call_id": call.id,
            "caller_id": caller.id,
        }


async def _ask(client, route: Route, owned: dict[str, int]):
    body = {"json": route.example} if route.method in {"POST", "PUT", "PATCH"} else {}
    return await client.request(route.method, route.address(owned), **body)


def _assert_hidden(answer, owner_email: str) -> None:
    assert answer.status_code == 404, f"{answer.status_code} {answer.text[:300]}"
    for told in (MARK, NUMBER, owner_email):
        assert told not in answer.text


@pytest.mark.parametrize("route", OWNED, ids=str)
async def test_no_route_shows_or_changes_what_another_account_owns(other_api, owned, account, route):
    _assert_hidden(await _ask(other_api, route, owned), account.email)


@pytest.mark.parametrize("route", OWNED, ids=str)
async def test_another_accounts_id_is_answered_as_one_that_was_never_given_out(other_api, owned, route):
    nobodys = dict.fromkeys(owned, 2**40)

    theirs, none = await _ask(other_api, route, owned), await _ask(other_api, route, nobodys)

    def shape(answer, ids):
        text = answer.text
        for value in ids.values():
            text = text.replace(str(value), "#")
        return answer.status_code, json.loads(text)["errors"]

    assert shape(theirs, owned) == shape(none, nobodys)


@pytest.mark.parametrize("route", [r for r in OWNED if r.path.count("{") > 1], ids=str)
async def test_an_own_campaign_does_not_open_the_runs_of_another(other_api, owned, account, route):
    own = await other_api.post(
        "/api/system/campaigns/",
        json={"name": "own", "services": "PHONE", "individual_number": ["9800000001"]},
    )
    mixed = {**owned, "campaign_id": own.json()["data"]["details"][0]["id"]}
    _assert_hidden(await _ask(other_api, route, mixed), account.email)


@pytest.mark.parametrize("route", LISTS, ids=str)
async def test_no_list_holds_what_another_account_owns(other_api, owned, account, route):
    for query in ("", f"?search={MARK}", "?search=%25", "?search=_", f"?cursor={2**62}", "?status=Scheduled"):
        answer = await other_api.get(route.path + query)
        assert answer.status_code in {200, 422}
        for told in (f'"{MARK}"', NUMBER, account.email):
            assert told not in answer.text


async def test_the_owner_still_has_everything_after_all_that(api, other_api, owned):
    for route in OWNED:
        await _ask(other_api, route, owned)

    campaign = (await api.get(f"/api/system/campaigns/{owned['campaign_id']}/details/")).json()["data"][
        "details"
    ][0]
    assert (campaign["name"], campaign["message"]) == (MARK, f"{MARK} {{tags_name}}")
    assert campaign["status"] in {"Scheduled", "Running"}
    number = (await api.get(f"/api/system/number/{owned['number_id']}/")).json()["data"]["details"][0]
    assert number["available_tags"] == {"tags_name": MARK}
    assert [file["id"] for file in (await api.get("/api/system/files/")).json()["data"]["files"]] == [
        owned["file_id"]
    ]


async def test_ids_and_names_in_a_body_reach_only_what_is_ones_own(other_api, owned):
    campaigns = "/api/system/campaigns/"
    new = {"name": "own", "services": "PHONE", "individual_number": ["9800000002"]}

    caller = await other_api.post(campaigns, json={**new, "user_phone": [owned["caller_id"]]})
    file = await other_api.post(campaigns, json={**new, "send_to_number_file": f"{MARK}.csv"})
    own = (await other_api.post(campaigns, json=new)).json()["data"]["details"][0]["id"]
    audio = await other_api.post(f"{campaigns}{own}/begin/", json={"aud_file": f"{MARK}.csv"})
    individual = await other_api.post(
        f"{campaigns}{own}/begin/", json={"message": "x", "individual": [owned["number_id"]]}
    )

    assert (caller.status_code, caller.json()["errors"][0]["code"]) == (422, "unknown_caller_number")
    assert (file.status_code, file.json()["errors"][0]["code"]) == (422, "file_not_found")
    assert (audio.status_code, audio.json()["errors"][0]["code"]) == (422, "file_not_found")
    assert (individual.status_code, individual.json()["errors"][0]["code"]) == (409, "none_match")


async def test_two_accounts_with_one_idempotency_key_do_not_see_each_others_answers(api, other_api):
    body = {"name": MARK, "services": "PHONE", "individual_number": [NUMBER]}
    headers = {"Idempotency-Key": "the same"}

    first = await api.post("/api/system/campaigns/", json=body, headers=headers)
    second = await other_api.post("/api/system/campaigns/", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replay" not in second.headers
    assert first.json()["data"]["details"][0]["id"] != second.json()["data"]["details"][0]["id"]


async def test_two_accounts_may_name_their_uploads_alike_and_each_reads_its_own(api, other_api):
    for client, number in ((api, "9811000001"), (other_api, "9811000002")):
        await client.post("/api/system/files/", files={"file": ("same.csv", f"phone\n{number}\n".encode())})

    for client, number in ((api, "9811000001"), (other_api, "9811000002")):
        body = {"name": "x", "services": "PHONE", "send_to_number_file": "same.csv"}
        campaign = (await client.post("/api/system/campaigns/", json=body)).json()["data"]["details"][0]["id"]
        numbers = (await client.get(f"/api/system/campaigns/number/{campaign}/")).json()["data"]["numbers"]
        assert [entry["number"] for entry in numbers] == [number]
