"""What a begin takes, and the run that it makes."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from app.accounts.models import Account
from app.calls.state import CallStatus
from app.core.clock import FixedClock, to_kathmandu
from app.runs.models import Run
from app.runs.state import RunState
from app.wiring import Parts
from tests.api.begin.kit import CAMPAIGNS, runs_of, tone
from tests.factories import make_calls, make_campaign, make_run, recipient_ids


async def test_begin_answers_with_its_run(
    api: httpx.AsyncClient, campaign: dict, begin, parts: Parts
) -> None:
    answer = await begin(
        message="Hi {tags_name}, you are {tags_age|some} years old.", voice_input="np_prasanna"
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["message"] == "Campaign is running"
    run = body["data"]["run"]
    assert (run["recipients"], run["status"]) == (2, "Running")
    assert run["scheduled_for"].endswith("+05:45")
    (stored,) = await runs_of(parts)
    assert (stored.id, stored.message) == (run["id"], "Hi {tags_name}, you are {tags_age|some} years old.")
    assert (stored.voice_input, stored.first, stored.audio_key) == ("np_prasanna", "message", None)
    shown = (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0]
    assert shown["message"] == stored.message
    assert shown["voice_input"] == "np_prasanna"
    assert shown["latest_run"]["id"] == run["id"]


async def test_begin_rings_the_control_worker(begin, parts: Parts) -> None:
    run = (await begin(message="Hello")).json()["data"]["run"]
    waiting = await parts.redis.zrange("tingting:control", 0, -1)
    assert [job.decode() for job in waiting] == [f"advance_run:{run['id']}"]


@pytest.mark.parametrize("form", [True, False])
async def test_a_form_begins_as_json_does(
    api: httpx.AsyncClient, campaign: dict, parts: Parts, form: bool
) -> None:
    path = f"{CAMPAIGNS}/{campaign['id']}/begin"
    fields = {"message": "नमस्ते {tags_name}", "voice_input": "np_prashanna", "priority": "message"}
    if form:
        answer = await api.post(path, data=fields)
    else:
        answer = await api.post(path, files={name: (None, value) for name, value in fields.items()})
    assert answer.status_code == 200, answer.text
    (run,) = await runs_of(parts)
    assert (run.message, run.voice_input) == ("नमस्ते {tags_name}", "np_prasanna")


@pytest.mark.parametrize("field", ["aud_file", "audio"])
async def test_an_uploaded_audio_is_what_the_call_plays(
    api: httpx.AsyncClient, campaign: dict, parts: Parts, field: str
) -> None:
    answer = await api.post(f"{CAMPAIGNS}/{campaign['id']}/begin", files={field: ("notice.wav", tone(1.5))})
    assert answer.status_code == 200, answer.text
    (run,) = await runs_of(parts)
    assert (run.first, run.audio_name, run.message) == ("audio", "notice.wav", None)
    pcm = await parts.blobs.get(run.audio_key or "")
    assert pcm is not None
    assert abs(len(pcm) / 16_000 - 1.5) < 0.6
    shown = (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0]
    assert shown["audio"] == {"name": "notice.wav", "duration": pytest.approx(1.5, abs=0.6)}


async def test_an_audio_uploaded_before_is_named(
    api: httpx.AsyncClient, campaign: dict, begin, parts: Parts
) -> None:
    await api.post("/api/system/files/", files={"file": ("audio.wav", tone())})
    answer = await begin(aud_file="path/containing/audio.wav", message="Hi {tags_name}", priority="audio")
    assert answer.status_code == 200, answer.text
    (run,) = await runs_of(parts)
    assert (run.first, run.audio_name, run.message) == ("audio", "audio.wav", "Hi {tags_name}")


async def test_both_without_priority_names_the_options(
    api: httpx.AsyncClient, campaign: dict, parts: Parts
) -> None:
    path = f"{CAMPAIGNS}/{campaign['id']}/begin"
    files = {"aud_file": ("a.wav", tone())}
    answer = await api.post(path, data={"message": "Hello"}, files=files)
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (error["field"], error["code"]) == ("priority", "priority_required")
    assert "'message'" in error["message"]
    assert "'audio'" in error["message"]
    assert await runs_of(parts) == []
    shown = (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0]
    assert shown["message"] is shown["audio"] is None
    assert (
        await api.post(path, data={"message": "Hello", "priority": "Audio"}, files=files)
    ).status_code == 200


async def test_a_schedule_in_kathmandu_time_is_kept_in_utc(begin, parts: Parts, clock: FixedClock) -> None:
    moment = to_kathmandu(clock.now() + timedelta(days=30)).replace(second=0)
    answer = await begin(message="Hello", schedule_date=moment.strftime("%Y-%m-%dT%H:%M"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == f"Campaign scheduled for {moment:%Y-%m-%d %H:%M} (Asia/Kathmandu)"
    run = answer.json()["data"]["run"]
    assert (run["status"], run["scheduled_for"]) == ("Scheduled", moment.isoformat())
    (stored,) = await runs_of(parts)
    assert stored.scheduled_for == moment


async def test_a_status_reruns_those_whose_latest_call_ended_so(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id, recipients=5)
        run = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(
            session,
            run,
            [
                CallStatus.FAILED,
                CallStatus.HUNGUP,
                CallStatus.FAILED,
                CallStatus.COMPLETED,
                CallStatus.UNANSWERED,
            ],
        )
    path = f"{CAMPAIGNS}/{campaign.id}/begin"
    for status, expected in [
        ("Failed", 2),
        (["FAILED", "hungup"], 3),
        ("failed, hungup", 3),
        ("terminated", None),
    ]:
        answer = await api.post(path, json={"message": "Again", "status": status})
        if expected is None:
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "none_match")
        else:
            assert answer.json()["data"]["run"]["recipients"] == expected, answer.text
            stopped = await api.post(f"{CAMPAIGNS}/{campaign.id}/stop")
            assert stopped.status_code == 200
            async with parts.sessions.begin() as session:
                await session.execute(Run.__table__.update().values(state=RunState.TERMINATED))
    answer = await api.post(path, data={"message": "Again", "status[]": ["failed", "completed"]})
    assert answer.json()["data"]["run"]["recipients"] == 3


async def test_the_sample_with_all_attributes_works_as_written(
    api: httpx.AsyncClient, parts: Parts, account: Account, clock: FixedClock
) -> None:
    async with parts.sessions.begin() as session:
        tags = ["tags_name", "tags_age", "tags_salary"]
        campaign = await make_campaign(session, account_id=account.id, usable_tags=tags)
        run = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, run, [CallStatus.FAILED, CallStatus.COMPLETED])
    await api.post("/api/system/files/", files={"file": ("audio.mp3", tone())})
    sample = {
        "message": "Hi {tags_name}, you are {tags_age} years old and your salary is {tags_salary}.",
        "aud_file": "path/containing/audio.mp3",
        "priority": "message",
        "voice_input": "np_prasanna",
        "schedule_date": to_kathmandu(clock.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
        "status": "failed",
    }
    answer = await api.post(f"{CAMPAIGNS}/{campaign.id}/begin/", json=sample)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["run"]["recipients"] == 1
    shown = (await api.get(f"/api/system/runs/{answer.json()['data']['run']['id']}")).json()["data"]["run"]
    assert shown["statuses"] == ["failed"]
    assert (shown["priority"], shown["audio"]) == ("message", "audio.mp3")
    assert shown["voice_input"] == "np_prasanna"
    assert shown["message"] == sample["message"]


async def test_individual_calls_only_those(api: httpx.AsyncClient, parts: Parts, account: Account) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        other = await make_campaign(session)
        mine, *_ = await recipient_ids(session, campaign)
        strange, *_ = await recipient_ids(session, other)
    path = f"{CAMPAIGNS}/{campaign.id}/begin"
    refused = await api.post(path, json={"message": "Hello", "individual": [strange]})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "none_match")
    answer = await api.post(path, json={"message": "Hello", "individual": [mine, strange]})
    assert answer.json()["data"]["run"]["recipients"] == 1


async def test_one_run_at_a_time(begin, parts: Parts) -> None:
    first = (await begin(message="Hello")).json()["data"]["run"]
    second = await begin(message="Other words")
    assert second.status_code == 409
    assert second.json()["errors"][0]["code"] == "run_active"
    assert second.json()["data"]["run"]["id"] == first["id"]
    (run,) = await runs_of(parts)
    assert run.message == "Hello"


async def test_begins_at_the_same_moment_make_one_run(begin, parts: Parts) -> None:
    answers = await asyncio.gather(*(begin(message="Hello") for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15
    assert len(await runs_of(parts)) == 1


async def test_the_same_key_begins_once(api: httpx.AsyncClient, campaign: dict, parts: Parts) -> None:
    path, headers = f"{CAMPAIGNS}/{campaign['id']}/begin", {"Idempotency-Key": "begin-1"}
    first = await api.post(path, json={"message": "Hello"}, headers=headers)
    again = await api.post(path, json={"message": "Hello"}, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    assert len(await runs_of(parts)) == 1


@pytest.mark.parametrize("services", ["SMS", "SMS & PHONE"])
async def test_sms_has_no_gateway_yet(api: httpx.AsyncClient, campaign: dict, begin, services: str) -> None:
    await api.put(f"{CAMPAIGNS}/{campaign['id']}/update", json={"services": services})
    answer = await begin(message="Hello {tags_name}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "sms_gateway_not_configured")


async def test_a_begin_without_a_body_uses_what_is_stored(api: httpx.AsyncClient, campaign: dict) -> None:
    path = f"{CAMPAIGNS}/{campaign['id']}"
    refused = await api.post(f"{path}/begin")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "message_or_audio_required")
    await api.put(f"{path}/update", json={"message": "Hello {tags_name}"})
    assert (await api.post(f"{path}/begin", json={})).status_code == 200


async def test_a_begin_warns_of_a_priority_above_the_accounts_own(
    api: httpx.AsyncClient, campaign: dict
) -> None:
    body = {"message": "नमस्ते", "queue_priority": "high"}
    begun = await api.post(f"{CAMPAIGNS}/{campaign['id']}/begin/", json=body)
    (warning,) = begun.json()["data"]["changed"]
    assert (begun.status_code, warning["field"], warning["code"]) == (
        200,
        "queue_priority",
        "priority_lowered",
    )
    run = (await api.get(f"/api/system/runs/{begun.json()['data']['run']['id']}")).json()["data"]["run"]
    assert run["queue_priority"] == "normal"
