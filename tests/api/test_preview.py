"""What recipients would hear, an account's abbreviations, and the warnings that begin counts."""

import pytest
from sqlalchemy import select

from app.calls.models import Call
from app.calls.state import CallStatus
from app.line.claims import ClaimReader
from app.runs.models import Run
from tests.factories import make_line

CAMPAIGNS = "/api/system/campaigns/"
ABBREVIATIONS = "/api/system/abbreviations/"
ROWS = """number,name,amount,otp
9801234567,राम,1250.5,4829
9801234568,Bikesh Zzimire,9841234567,000123
9801234569,,500,1
"""
MESSAGE = "नमस्ते {tags_name} जी, रु {tags_amount} बाँकी छ।"


@pytest.fixture
async def campaign(api) -> int:
    answer = await api.post(
        CAMPAIGNS,
        data={"name": "Bills", "services": "PHONE", "message": MESSAGE},
        files={"send_to_number_file": ("people.csv", ROWS.encode())},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["details"][0]["id"]


async def preview(api, campaign: int, **order: object) -> dict:
    answer = await api.post(f"{CAMPAIGNS}{campaign}/preview/", json=order)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_a_preview_shows_what_each_recipient_would_hear(api, client, campaign):
    data = await preview(api, campaign)

    first, second, third = data["previews"]
    assert first["text"] == "नमस्ते राम जी, रु 1250.5 बाँकी छ।"
    assert first["spoken_text"] == "नमस्ते राम जी, एक हजार दुई सय पचास रुपैयाँ पचास पैसा बाँकी छ।"
    assert first["number"] == "9801234567"
    assert first["warnings"] == []
    assert first["duration"] > 1
    assert (await client.get(first["voice_url"])).headers["Content-Type"] == "audio/wav"
    assert "नौ अरब चौरासी करोड" in second["spoken_text"]
    assert [warning["code"] for warning in second["warnings"]] == ["latin_guessed"]
    assert (third["spoken_text"], third["voice_url"]) == ("", None)
    assert [warning["code"] for warning in third["warnings"]] == ["missing_tag"]
    assert data["warnings"] == 2


async def test_a_preview_may_be_of_the_longest_of_those_that_lack_something_or_of_chosen_ones(api, campaign):
    ids = [one["id"] for one in (await preview(api, campaign))["previews"]]
    assert (await preview(api, campaign, which="longest"))["previews"][0]["id"] == ids[1]
    assert [one["id"] for one in (await preview(api, campaign, which="missing"))["previews"]] == [ids[2]]
    assert [one["id"] for one in (await preview(api, campaign, individual=[ids[1]]))["previews"]] == [ids[1]]
    other = {"message": "{tags_name|साथी} को कोड {tags_otp}", "which": "missing"}
    assert (await preview(api, campaign, **other))["previews"] == []


async def test_another_message_and_voice_can_be_heard_without_storing_them(api, campaign):
    data = await preview(api, campaign, message="कोड {tags_otp}", voice_input="np_binod")
    assert data["voice_input"] == "np_binod"
    assert data["previews"][1]["spoken_text"] == "कोड शून्य शून्य शून्य, एक दुई तीन"
    details = (await api.get(f"{CAMPAIGNS}{campaign}/details/")).json()["data"]["details"][0]
    assert details["message"] == MESSAGE


async def test_a_message_that_takes_over_a_minute_is_warned_of(api, campaign):
    data = await preview(api, campaign, message="यो धेरै लामो सूचना हो। " * 60)
    assert {warning["code"] for one in data["previews"] for warning in one["warnings"]} == {"too_long"}


async def test_previews_of_strangers_unknown_tags_and_nothing_are_refused(api, other_api, campaign):
    path = f"{CAMPAIGNS}{campaign}/preview/"
    assert (await other_api.post(path, json={})).status_code == 404
    unknown = await api.post(path, json={"message": "{tags_nobody}"})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_tag")
    assert (await api.post(path, json={"which": "best"})).status_code == 422


async def test_abbreviations_of_an_account_are_said_in_previews_tests_and_calls(
    api, other_api, parts, campaign
):
    stored = await api.put(ABBREVIATIONS, json={"abbreviations": {"KUKL": "खानेपानी लिमिटेड", " रा ": "राजा"}})
    assert stored.status_code == 200, stored.text
    assert (await api.get(ABBREVIATIONS)).json()["data"]["abbreviations"] == {
        "KUKL": "खानेपानी लिमिटेड",
        "रा": "राजा",
    }
    assert (await other_api.get(ABBREVIATIONS)).json()["data"]["abbreviations"] == {}

    data = await preview(api, campaign, message="KUKL को रा, राम", individual=[])
    assert data["previews"][0]["spoken_text"] == "खानेपानी लिमिटेड को राजा, राम"
    test = await api.post("/api/system/test/voice/", json={"message": "KUKL"})
    assert test.json()["data"]["spoken_text"] == "खानेपानी लिमिटेड"
    other = await other_api.post("/api/system/test/voice/", json={"message": "KUKL"})
    assert other.json()["data"]["spoken_text"] != "खानेपानी लिमिटेड"

    await api.put(ABBREVIATIONS, json={"abbreviations": {}})
    assert (await api.get(ABBREVIATIONS)).json()["data"]["abbreviations"] == {}


async def test_a_line_reads_the_abbreviations_with_the_run(api, parts, campaign):
    await api.put(ABBREVIATIONS, json={"abbreviations": {"KUKL": "खानेपानी"}})
    run_id = (await api.post(f"{CAMPAIGNS}{campaign}/begin/", json={})).json()["data"]["run"]["id"]
    async with parts.sessions.begin() as session:
        line = await make_line(session)
        run = (await session.scalars(select(Run).where(Run.id == run_id))).one()
        recipient = (await preview(api, campaign))["previews"][0]["id"]
        call = Call(
            run_id=run.id, recipient_id=recipient, attempt=1, status=CallStatus.CLAIMED, line_id=line.id
        )
        session.add(call)
        await session.flush()
        call_id, line_id = call.id, line.id
    claim = await ClaimReader(parts.engine, line_id).read(call_id)
    assert claim is not None
    assert claim.terms.script.abbreviations == (("KUKL", "खानेपानी"),)


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"": "क"}, "empty"),
        ({"क": " "}, "empty"),
        ({"क" * 41: "ख"}, "too_long"),
        ({str(n): "क" for n in range(501)}, "too_many"),
    ],
)
async def test_tables_that_cannot_be_kept_say_why(api, table, code):
    answer = await api.put(ABBREVIATIONS, json={"abbreviations": table})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_begin_answers_how_many_warnings_there_are(api, campaign):
    data = (await api.post(f"{CAMPAIGNS}{campaign}/begin/", json={})).json()["data"]
    assert data["warnings"] == 2
