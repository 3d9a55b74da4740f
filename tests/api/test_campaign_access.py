"""Whose campaigns there are for whom."""

import json

import httpx
import pytest

CAMPAIGNS = "/api/system/campaigns"
PHONE = {"name": "IPO notice", "services": "PHONE", "individual_number": [9876543210, 98675432123]}


async def add(api: httpx.AsyncClient, **changes: object) -> dict:
    answer = await api.post(CAMPAIGNS, json={**PHONE, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["details"][0]


async def test_the_list_holds_the_callers_own_campaigns_only(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    await add(api)
    assert (await other_api.get(CAMPAIGNS)).json()["pagination"]["total_items"] == 0


async def test_nobody_sees_campaigns_without_a_token(client: httpx.AsyncClient) -> None:
    for method, path in [
        ("GET", CAMPAIGNS),
        ("POST", CAMPAIGNS),
        ("PUT", f"{CAMPAIGNS}/1/update"),
        ("DELETE", f"{CAMPAIGNS}/1/delete"),
        ("GET", f"{CAMPAIGNS}/1/details"),
        ("POST", f"{CAMPAIGNS}/1/begin"),
        ("GET", f"{CAMPAIGNS}/number/1"),
        ("GET", "/api/system/runs/1/report.csv"),
    ]:
        answer = await client.request(method, path)
        assert answer.status_code == 401, path


async def test_another_accounts_campaign_does_not_exist(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient
) -> None:
    campaign = await add(api)
    for method, tail, body in [
        ("GET", "details", None),
        ("PUT", "update", {"name": "Mine now"}),
        ("DELETE", "delete", None),
        ("POST", "begin", {"message": "Hello"}),
        ("POST", "pause", None),
        ("POST", "resume", None),
        ("POST", "stop", None),
        ("GET", "runs", None),
    ]:
        path = f"{CAMPAIGNS}/{campaign['id']}/{tail}"
        answer = await other_api.request(method, path, content=json.dumps(body) if body else None)
        assert answer.status_code == 404, tail
        assert answer.json()["success"] is False
    assert (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0][
        "name"
    ] == "IPO notice"


@pytest.mark.parametrize("made_up", ["0", "-1", "abc", "1.5", str(2**63), "9" * 40, "%00", "१", " "])
async def test_ids_that_cannot_be_are_not_found(api: httpx.AsyncClient, made_up: str) -> None:
    for method, path in [
        ("GET", f"{CAMPAIGNS}/{made_up}/details"),
        ("PUT", f"{CAMPAIGNS}/{made_up}/update"),
        ("DELETE", f"{CAMPAIGNS}/{made_up}/delete"),
        ("POST", f"{CAMPAIGNS}/{made_up}/begin"),
        ("GET", f"{CAMPAIGNS}/number/{made_up}"),
        ("DELETE", f"{CAMPAIGNS}/number/{made_up}/delete"),
        ("GET", f"/api/system/number/{made_up}"),
        ("GET", f"/api/system/runs/{made_up}"),
        ("GET", f"/api/system/runs/{made_up}/calls"),
        ("GET", f"/api/system/runs/{made_up}/report.csv"),
    ]:
        answer = await api.request(method, path)
        assert answer.status_code in {404, 422}, path
        assert answer.status_code == 404 or made_up == "%00", path
