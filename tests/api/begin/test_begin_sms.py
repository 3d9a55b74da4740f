"""Begin of campaigns that write: what it needs, what it answers, what the run keeps."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import insert, update

from app.calls.models import Line
from app.calls.state import CallStatus
from app.dispatch.starting import advance
from app.runs.models import Run
from tests.api.begin.kit import CAMPAIGNS, runs_of
from tests.factories import make_calls


@pytest.fixture(autouse=True)
async def gateway(app, parts, clock):
    """A live line of messages."""
    async with parts.sessions.begin() as session:
        line = {"kind": "smpp", "trunk": "smpp://centre", "places": 0, "cps": 1, "host": "test", "pid": 1}
        await session.execute(insert(Line).values(**line, seen_at=clock.now()))


def data_of(answer: httpx.Response) -> dict:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def code_of(answer: httpx.Response) -> tuple[int, str | None, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["field"], error["code"]


async def change(api, campaign, **fields):
    answer = await api.put(f"{CAMPAIGNS}/{campaign['id']}/update/", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["details"][0]


async def test_an_sms_campaign_begins_and_says_how_many_segments_it_takes(api, campaign, begin, parts):
    await change(api, campaign, services="sms")
    answer = data_of(await begin(message="नमस्ते {tags_name}, " + "क" * 60))
    assert answer["sms"] == {"least": 2, "most": 2, "segments": 4, "exact": True, "warnings": []}
    (run,) = await runs_of(parts)
    assert (run.services, run.sms_message, run.failover) == ("SMS", "नमस्ते {tags_name}, " + "क" * 60, None)


async def test_a_text_of_over_ten_segments_is_begun_with_a_warning_of_its_cost(api, campaign, begin):
    await change(api, campaign, services="sms")
    text = "क" * 67 * 11

    preview = data_of(
        await api.post(f"{CAMPAIGNS}/{campaign['id']}/sms_preview/", json={"sms_message": text})
    )
    begun = data_of(await begin(message=text))

    for warnings in (preview["total"]["warnings"], begun["sms"]["warnings"]):
        assert [warning["code"] for warning in warnings] == ["many_segments"]
        assert "11 segments a person, 22 in all" in warnings[0]["message"]


async def test_a_text_of_ten_segments_is_not_warned_of(api, campaign, begin):
    await change(api, campaign, services="sms")
    assert data_of(await begin(message="क" * 67 * 10))["sms"]["warnings"] == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"message": "क" * (67 * 20 + 1)}, "message"),
        ({"message": "नमस्ते", "sms_message": "क" * (67 * 20 + 1)}, "sms_message"),
        ({"message": "क" * 67 * 20 + "{tags_name}"}, "message"),
    ],
)
async def test_a_text_of_more_segments_than_are_sent_begins_nothing(api, campaign, begin, parts, sent, field):
    await change(api, campaign, services="sms & phone")
    assert code_of(await begin(**sent)) == (422, field, "too_many_segments")
    assert await runs_of(parts) == []
    details = (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0]
    assert (details["message"], details["sms_message"]) == (None, None)


async def test_a_preview_shows_whose_text_has_too_many_segments(api, campaign, parts, monkeypatch):
    monkeypatch.setattr(parts.settings, "sms_most_segments", 2)
    path = f"{CAMPAIGNS}/{campaign['id']}/sms_preview/"
    preview = data_of(await api.post(path, json={"sms_message": "क" * 200}))
    assert [shown["problem"] for shown in preview["previews"]] == ["too_long"] * 2
    (warning,) = preview["total"]["warnings"]
    assert warning["code"] == "too_many_segments"
    assert "takes 3 segments" in warning["message"]


@pytest.mark.parametrize(("alphabet", "segments"), [("gsm7", 1), ("latin1", 1), ("ascii", 2)])
async def test_segments_are_counted_by_the_centres_default_alphabet(
    api, campaign, begin, parts, monkeypatch, alphabet, segments
):
    monkeypatch.setattr(parts.settings, "sms_alphabet", alphabet)
    await change(api, campaign, services="SMS")
    message = "Café " + "x" * 90
    path = f"{CAMPAIGNS}/{campaign['id']}/sms_preview/"
    preview = data_of(await api.post(path, json={"sms_message": message}))
    assert [shown["segments"] for shown in preview["previews"]] == [segments] * 2
    assert preview["total"]["segments"] == 2 * segments
    assert data_of(await begin(message=message))["sms"]["segments"] == 2 * segments


async def test_a_silent_line_is_no_gateway(api, campaign, begin, parts, clock):
    await change(api, campaign, services="SMS")
    clock.moment += timedelta(seconds=16)
    assert code_of(await begin(message="Hello")) == (409, "services", "sms_gateway_not_configured")


async def test_failover_needs_a_gateway_too(api, begin, parts):
    async with parts.sessions.begin() as session:
        await session.execute(update(Line).values(state=2))
    refused = await begin(message="Hello", failover_target="failed")
    assert code_of(refused) == (409, "services", "sms_gateway_not_configured")
    assert data_of(await begin(message="Hello"))["sms"] is None


async def test_an_sms_campaign_needs_a_text_and_no_audio(api, campaign, begin):
    await change(api, campaign, services="SMS")
    assert code_of(await begin()) == (422, "message", "message_required")
    data_of(await begin(sms_message="Hello"))


async def test_sms_and_phone_says_one_thing_and_writes_another(api, campaign, begin, parts, clock):
    await change(api, campaign, services="SMS & PHONE", message="spoken")
    data_of(await begin(sms_message="written"))
    (run,) = await runs_of(parts)
    assert (run.message, run.sms_message) == ("spoken", "written")
    await advance(parts.sessions, run.id, clock.now())
    shown = data_of(await api.get(f"/api/system/runs/{run.id}/"))["run"]
    assert shown["service_counts"] == {"PHONE": {"queued": 2}, "SMS": {"queued": 2}}
    assert (shown["counts"], shown["progress"]["total"]) == ({"queued": 4}, 4)
    calls = data_of(await api.get(f"/api/system/runs/{run.id}/calls/"))["calls"]
    assert sorted((call["number"], call["service"]) for call in calls) == [
        (number, service) for number in ("9801000001", "9801000002") for service in ("PHONE", "SMS")
    ]


@pytest.mark.parametrize(
    "sent",
    ["unanswered, Failed", ["unanswered", "failed"], "unanswered,failed"],
    ids=["text", "list", "tight"],
)
async def test_failover_is_kept_by_campaign_and_run(api, begin, parts, clock, sent):
    data_of(await begin(message="Hello", failover_target=sent))
    (run,) = await runs_of(parts)
    assert run.failover == [CallStatus.UNANSWERED, CallStatus.FAILED]
    await advance(parts.sessions, run.id, clock.now())
    shown = data_of(await api.get(f"/api/system/runs/{run.id}/"))["run"]
    assert shown["failover_target"] == ["unanswered", "failed"]
    assert shown["service_counts"] == {"PHONE": {"queued": 2}}


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"failover_target": "terminated"}, "failover_target", "unknown_status"),
        ({"failover_target": ["asleep"]}, "failover_target", "unknown_status"),
        ({"failover_target": ""}, "failover_target", "empty"),
        ({"failover_target": []}, "failover_target", "empty"),
        ({"sms_message": "  "}, "sms_message", "empty"),
        ({"sms_message": "{tags_name"}, "sms_message", "unbalanced_brace"),
        ({"sms_message": "{tags_unknown}", "failover_target": "failed"}, "sms_message", "unknown_tag"),
        ({"sms_message": "x" * 2001}, "sms_message", "too_long"),
    ],
)
async def test_a_faulty_field_is_named_and_nothing_begins(begin, parts, fields, field, code):
    assert code_of(await begin(message="Hello", **fields)) == (422, field, code)
    assert await runs_of(parts) == []


async def test_a_rerun_repeats_each_channel_where_it_ended_so(api, campaign, begin, parts, clock):
    await change(api, campaign, services="SMS & PHONE")
    data_of(await begin(message="Hello"))
    (run,) = await runs_of(parts)
    async with parts.sessions.begin() as session:
        failed, done = CallStatus.FAILED, CallStatus.COMPLETED
        await make_calls(session, run, [failed, done])
        await make_calls(session, run, [done, done], channel=1)
        await session.execute(update(Run).values(state=4, fanout_done_at=clock.now()))
    again = data_of(await begin(status="failed"))
    assert again["run"]["recipients"] == 1
    await advance(parts.sessions, again["run"]["id"], clock.now())
    calls = data_of(await api.get(f"/api/system/runs/{again['run']['id']}/calls/"))["calls"]
    assert [(call["number"], call["service"]) for call in calls] == [("9801000001", "PHONE")]


async def test_campaign_fields_are_kept_changed_and_taken_away(api):
    given = {
        "name": "Both",
        "services": "SMS & PHONE",
        "individual_number": ["9801000001"],
        "message": "spoken",
        "sms_message": "written",
        "failover_target": "hungup",
    }
    added = (await api.post(CAMPAIGNS, json=given)).json()["data"]["details"][0]
    assert (added["sms_message"], added["failover_target"]) == ("written", ["hungup"])
    changed = await change(api, added, sms_message="", failover_target=[])
    assert (changed["sms_message"], changed["failover_target"]) == (None, None)
    kept = await change(api, added, name="Other")
    assert kept["message"] == "spoken"


@pytest.mark.parametrize("value", ["terminated", "no status", ["hungup", 7]])
async def test_a_campaign_with_a_faulty_failover_is_not_stored(api, value):
    given = {"name": "X", "services": "PHONE", "individual_number": ["9801000001"], "failover_target": value}
    assert code_of(await api.post(CAMPAIGNS, json=given)) == (422, "failover_target", "unknown_status")


async def test_a_form_carries_the_fields_too(api):
    form = {
        "name": "Form",
        "services": "PHONE",
        "individual_number": "9801000001",
        "sms_message": "written",
        "failover_target": "hungup, failed",
    }
    added = (await api.post(CAMPAIGNS, data=form)).json()["data"]["details"][0]
    assert (added["sms_message"], added["failover_target"]) == ("written", ["hungup", "failed"])


async def test_the_preview_shows_texts_segments_and_problems(api, campaign):
    answer = await api.post(
        f"{CAMPAIGNS}/{campaign['id']}/sms_preview/", json={"sms_message": "{tags_name}: Rs {tags_salary}"}
    )
    found = data_of(answer)
    first, second = found["previews"]
    assert (first["number"], first["text"], first["alphabet"]) == ("9801000001", "राम: Rs 5000", "ucs2")
    assert (first["segments"], first["units"], first["problem"]) == (1, 12, None)
    assert (second["segments"], second["text"], second["problem"]) == (0, "", "missing_tag")
    assert second["explanation"]
    assert found["total"] == {"least": 0, "most": 1, "segments": 1, "exact": True, "warnings": []}


async def test_the_preview_needs_a_text_of_known_tags(api, campaign):
    path = f"{CAMPAIGNS}/{campaign['id']}/sms_preview/"
    assert code_of(await api.post(path, json={})) == (422, "sms_message", "message_required")
    assert code_of(await api.post(path, json={"sms_message": "{tags_x}"}))[2] == "unknown_tag"
