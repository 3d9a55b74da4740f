"""Every bad campaign gets a clear refusal, and nothing of it is stored."""

import httpx
import pytest
from sqlalchemy import func, select

from app.campaigns.models import Campaign
from app.recipients.models import Recipient
from app.wiring import Parts

CAMPAIGNS = "/api/system/campaigns"
GOOD = {"name": "IPO notice", "services": "PHONE", "individual_number": [9876543210]}


@pytest.fixture
async def nothing_stored(api: httpx.AsyncClient, parts: Parts):
    yield
    async with parts.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Campaign)) == 0
        assert await session.scalar(select(func.count()).select_from(Recipient)) == 0


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": ...}, "name", "missing"),
        ({"name": ""}, "name", "empty"),
        ({"name": "   "}, "name", "empty"),
        ({"name": "x" * 256}, "name", "too_long"),
        ({"name": 12}, "name", "wrong_type"),
        ({"name": None}, "name", "wrong_type"),
        ({"name": ["a"]}, "name", "wrong_type"),
        ({"name": {"a": 1}}, "name", "wrong_type"),
        ({"name": "nul\x00here"}, "name", "nul_character"),
        ({"services": ...}, "services", "missing"),
        ({"services": ""}, "services", "unknown_service"),
        ({"services": "FAX"}, "services", "unknown_service"),
        ({"services": "SMS & FAX"}, "services", "unknown_service"),
        ({"services": 1}, "services", "wrong_type"),
        ({"description": 5}, "description", "wrong_type"),
        ({"description": "x" * 5001}, "description", "too_long"),
        ({"message": 5}, "message", "wrong_type"),
        ({"message": "x" * 2001}, "message", "too_long"),
        ({"message": "Hello {tags_name"}, "message", "unbalanced_brace"),
        ({"message": "Hello tags_name}"}, "message", "unbalanced_brace"),
        ({"message": "Hello {}"}, "message", "bad_tag"),
        ({"user_phone": "abc"}, "user_phone.0", "wrong_type"),
        ({"user_phone": [1.5]}, "user_phone.0", "wrong_type"),
        ({"user_phone": [123456]}, "user_phone", "unknown_caller_number"),
        ({"user_phone": [2**70]}, "user_phone", "unknown_caller_number"),
        ({"individual_number": ...}, "individual_number", "no_recipients"),
        ({"individual_number": None}, "individual_number", "no_recipients"),
        ({"individual_number": []}, "individual_number", "empty"),
        ({"individual_number": {"a": 1}}, "individual_number", "wrong_type"),
        ({"user_phone": [True]}, "user_phone.0", "wrong_type"),
        ({"individual_number": True}, "individual_number", "wrong_type"),
        ({"individual_number": ["abc"]}, "individual_number.0", "invalid_number"),
        ({"individual_number": ["", "12"]}, "individual_number.0", "empty_number"),
        ({"individual_number": [None]}, "individual_number.0", "empty_number"),
        ({"individual_number": [[9876543210]]}, "individual_number.0", "invalid_number"),
        ({"individual_number": [{"number": 9876543210}]}, "individual_number.0", "invalid_number"),
        ({"individual_number": ["+14155552671"]}, "individual_number.0", "foreign_number"),
        ({"individual_number": [-9876543210]}, "individual_number.0", "invalid_number"),
        ({"individual_number": [10**400]}, "individual_number.0", "invalid_number"),
        ({"send_to_number_file": "numbers.csv"}, "send_to_number_file", "file_not_found"),
        ({"send_to_number_file": "../../etc/passwd"}, "send_to_number_file", "file_not_found"),
        ({"send_to_number_file": "http://example.com/numbers.csv"}, "send_to_number_file", "file_not_found"),
        ({"send_to_number_file": 7}, "send_to_number_file", "wrong_type"),
        ({"send_to_number_file": ["numbers.csv", 7]}, "send_to_number_file", "wrong_type"),
    ],
)
async def test_a_bad_field_is_named(api: httpx.AsyncClient, changes: dict, field: str, code: str) -> None:
    body = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    answer = await api.post(CAMPAIGNS, json=body)
    assert answer.status_code == 422, answer.text
    said = answer.json()
    assert said["success"] is False
    assert said["data"] == {}
    assert (said["errors"][0]["field"], said["errors"][0]["code"]) == (field, code)
    assert said["errors"][0]["message"]


@pytest.mark.usefixtures("nothing_stored")
async def test_every_fault_is_told_at_once(api: httpx.AsyncClient) -> None:
    answer = await api.post(CAMPAIGNS, json={"services": "FAX", "description": 5, "individual_number": {}})
    faults = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert faults == {
        "name": "missing",
        "services": "unknown_service",
        "description": "wrong_type",
        "individual_number": "wrong_type",
    }


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b'{"name": ', "application/json", 400, "invalid_json"),
        (b"[1, 2]", "application/json", 422, "not_an_object"),
        (b'"text"', "application/json", 422, "not_an_object"),
        (b'{"name": "\xff"}', "application/json", 400, "invalid_encoding"),
        (b'{"name": "\\ud800"}', "application/json", 422, "lone_surrogate"),
        (b'{"name": NaN}', "application/json", 400, "invalid_json"),
        (b"name=%FF&services=PHONE", "application/x-www-form-urlencoded", 400, "invalid_encoding"),
        (b"<campaign/>", "application/xml", 415, "unsupported_media_type"),
        (b"name: x", "text/plain", 415, "unsupported_media_type"),
        (b"nonsense", "multipart/form-data", 400, "invalid_multipart"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    api: httpx.AsyncClient, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = await api.post(CAMPAIGNS, content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["code"] == code


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": ""}, "name", "empty"),
        ({"name": 4}, "name", "wrong_type"),
        ({"services": "FAX"}, "services", "unknown_service"),
        ({"message": "{tags_name"}, "message", "unbalanced_brace"),
        ({"user_phone": [77]}, "user_phone", "unknown_caller_number"),
    ],
)
async def test_a_bad_update_changes_nothing(
    api: httpx.AsyncClient, changes: dict, field: str, code: str
) -> None:
    before = (await api.post(CAMPAIGNS, json=GOOD)).json()["data"]["details"][0]
    answer = await api.put(f"{CAMPAIGNS}/{before['id']}/update", json={"description": "new", **changes})
    assert answer.status_code == 422
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert (await api.get(CAMPAIGNS)).json()["result"]["campaign-lists"] == [before]
