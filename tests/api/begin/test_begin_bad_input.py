"""Every bad begin gets a clear refusal and makes no run."""

import httpx
import pytest

from app.core.clock import FixedClock, to_kathmandu
from app.wiring import Parts
from tests.api.begin.kit import CAMPAIGNS, runs_of, tone


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
        ({"schedule_date": "2069-05-09T17:07"}, "schedule_date", "date_too_far"),
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
