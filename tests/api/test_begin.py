"""Begin, pause, resume and stop over HTTP: what is taken, what is refused, and what is left behind."""

import asyncio
import io
import wave
from datetime import timedelta

import httpx
import numpy as np
import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.calls.state import CallStatus
from app.core.clock import FixedClock, to_kathmandu
from app.runs.models import Run
from app.runs.state import RunState
from app.wiring import Parts
from tests.factories import make_calls, make_campaign, make_run, recipient_ids

CAMPAIGNS = "/api/system/campaigns"


def tone(seconds: float = 1.0, level: float = 0.3) -> bytes:
    """A WAV of a plain tone."""
    rate = 16_000
    wave_form = level * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((wave_form * 32767).astype("<i2").tobytes())
    return out.getvalue()


@pytest.fixture
async def campaign(api: httpx.AsyncClient) -> dict:
    answer = await api.post(
        CAMPAIGNS,
        data={"name": "Dues", "services": "PHONE"},
        files={
            "send_to_number_file": (
                "numbers.csv",
                "number,name,age,salary\n9801000001,राम,30,5000\n9801000002,सीता,,\n",
            )
        },
    )
    return answer.json()["data"]["details"][0]


@pytest.fixture
def begin(api: httpx.AsyncClient, campaign: dict):
    async def post(**body: object) -> httpx.Response:
        return await api.post(f"{CAMPAIGNS}/{campaign['id']}/begin/", json=body)

    return post


async def runs_of(parts: Parts) -> list[Run]:
    async with parts.sessions() as session:
        return list(await session.scalars(select(Run).order_by(Run.id)))


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


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"message": 5}, "message", "wrong_type"),
        ({"message": ""}, "message", "empty"),
        ({"message": "  "}, "message", "empty"),
        ({"message": "x" * 2001}, "message", "too_long"),
        ({"message": "nul\x00"}, "message", "nul_character"),
        ({"message": "Hi {tags_name"}, "message", "unbalanced_brace"),
        ({"message": "Hi tags_name}"}, "message", "unbalanced_brace"),
        ({"message": "Hi {}"}, "message", "bad_tag"),
        ({"message": "Hi {tags_village}"}, "message", "unknown_tag"),
        ({"message": "Hi {name}"}, "message", "unknown_tag"),
        ({"voice_input": "np_sita"}, "voice_input", "unknown_voice"),
        ({"voice_input": 3}, "voice_input", "wrong_type"),
        ({"priority": "video"}, "priority", "unknown_priority"),
        ({"priority": 1}, "priority", "wrong_type"),
        ({"schedule_date": "2023-05-09T17:07"}, "schedule_date", "date_in_past"),
        ({"schedule_date": "2099-05-09T17:07"}, "schedule_date", "date_too_far"),
        ({"schedule_date": "2027-02-30T10:00"}, "schedule_date", "invalid_date"),
        ({"schedule_date": "2027-13-01T10:00"}, "schedule_date", "invalid_date"),
        ({"schedule_date": "tomorrow"}, "schedule_date", "invalid_date"),
        ({"schedule_date": "2027-01-01"}, "schedule_date", "invalid_date"),
        ({"schedule_date": 1764000000}, "schedule_date", "wrong_type"),
        ({"schedule_date": ""}, "schedule_date", "empty"),
        ({"status": "sleeping"}, "status", "unknown_status"),
        ({"status": ["failed", 3]}, "status", "unknown_status"),
        ({"status": {"a": 1}}, "status", "wrong_type"),
        ({"status": ""}, "status", "empty"),
        ({"status": []}, "status", "empty"),
        ({"status": " , "}, "status", "empty"),
        ({"status": ["", " "]}, "status", "empty"),
        ({"individual": "abc"}, "individual.0", "invalid_id"),
        ({"individual": [0]}, "individual.0", "invalid_id"),
        ({"individual": [2**64]}, "individual.0", "invalid_id"),
        ({"individual": []}, "individual", "empty"),
        ({"individual": True}, "individual", "wrong_type"),
        ({"individual": [True]}, "individual.0", "invalid_id"),
        ({"aud_file": "missing.mp3"}, "aud_file", "file_not_found"),
        ({"aud_file": "/etc/passwd"}, "aud_file", "file_not_found"),
        ({"aud_file": 5}, "aud_file", "wrong_type"),
    ],
)
async def test_a_bad_begin_is_refused_and_makes_no_run(
    api: httpx.AsyncClient, campaign: dict, begin, parts: Parts, body: dict, field: str, code: str
) -> None:
    answer = await begin(**{"message": "Hello", **body})
    assert answer.status_code == 422, answer.text
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)
    assert await runs_of(parts) == []
    shown = (await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")).json()["data"]["details"][0]
    assert shown == {**campaign, "status_counts": {"not started": 2}}


async def test_refusals_of_a_tag_list_the_usable_ones(begin) -> None:
    error = (await begin(message="Hi {tags_village}")).json()["errors"][0]
    assert all(name in error["message"] for name in ("{tags_name}", "{tags_age}", "{tags_salary}"))


async def test_a_past_date_quotes_the_servers_clock(begin, clock: FixedClock) -> None:
    error = (await begin(message="Hello", schedule_date="2023-05-09T17:07")).json()["errors"][0]
    assert to_kathmandu(clock.now()).isoformat() in error["message"]


async def test_every_fault_of_a_begin_is_told_at_once(begin) -> None:
    answer = await begin(message="{", voice_input="x", schedule_date="never", status="asleep", priority="x")
    assert {error["field"] for error in answer.json()["errors"]} == {
        "message",
        "voice_input",
        "schedule_date",
        "status",
        "priority",
    }


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "notice.mp3", "empty_file"),
        (b"This is a text, not a sound. " * 50, "notice.mp3", "unsupported_audio"),
        (tone(2.0)[:30], "cut.wav", "broken_audio"),
        (tone(2.0, level=0.0), "silence.wav", "silent_audio"),
    ],
)
async def test_a_bad_audio_is_refused_and_makes_no_run(
    api: httpx.AsyncClient, campaign: dict, parts: Parts, content: bytes, name: str, code: str
) -> None:
    answer = await api.post(f"{CAMPAIGNS}/{campaign['id']}/begin", files={"aud_file": (name, content)})
    assert answer.status_code in {415, 422}, answer.text
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == ("aud_file", code)
    assert await runs_of(parts) == []


async def test_an_audio_over_twenty_megabytes_is_refused(api: httpx.AsyncClient, campaign: dict) -> None:
    content = b"RIFF" + bytes(20 * 1024**2)
    answer = await api.post(f"{CAMPAIGNS}/{campaign['id']}/begin", files={"aud_file": ("big.wav", content)})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "file_too_large")


async def test_pause_resume_and_stop_move_the_run(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=RunState.RUNNING)
    path = f"{CAMPAIGNS}/{campaign.id}"

    async def move(verb: str) -> tuple[int, str]:
        answer = (await api.post(f"{path}/{verb}/")).json()
        if answer["success"]:
            assert answer["data"]["run"]["id"] == run.id
            return answer["status"], answer["message"]
        return answer["status"], answer["errors"][0]["code"]

    assert await move("resume") == (409, "cannot_resume")
    assert await move("pause") == (200, "Campaign is paused")
    assert await move("pause") == (409, "cannot_pause")
    assert await move("resume") == (200, "Campaign is running")
    assert await move("stop") == (200, "Campaign is stopped")
    assert (await api.get(f"/api/system/runs/{run.id}")).json()["data"]["run"]["stopping"] is True
    assert await move("stop") == (409, "cannot_stop")
    waiting = {job.decode() for job in await parts.redis.zrange("tingting:control", 0, -1)}
    assert waiting == {f"advance_run:{run.id}", f"end_queued:{run.id}"}


@pytest.mark.parametrize("verb", ["pause", "resume", "stop"])
async def test_without_a_run_there_is_nothing_to_move(
    api: httpx.AsyncClient, campaign: dict, verb: str
) -> None:
    answer = await api.post(f"{CAMPAIGNS}/{campaign['id']}/{verb}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "no_active_run")
    assert (await api.get(f"{CAMPAIGNS}/{campaign['id']}/{verb}")).status_code == 405
