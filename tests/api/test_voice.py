"""Hearing a message before anybody is called with it."""

import io
import wave
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import av
import pytest

VOICE = "/api/system/test/voice/"
MESSAGE = "नमस्ते, तपाईंको रु १,२५,००० बाँकी छ।"


def _wav_seconds(data: bytes) -> float:
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        return sound.getnframes() / sound.getframerate()


def _mp3_seconds(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as sound:
        assert sound.format.name == "mp3"
        return sum(frame.samples / frame.sample_rate for frame in sound.decode(audio=0))


@pytest.mark.parametrize("form", ["json", "data"])
async def test_a_message_is_answered_with_an_address_that_plays(api, client, form):
    answer = await api.post(VOICE, **{form: {"message": MESSAGE}})

    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert set(data) == {"voice_url", "voice_input", "duration", "spoken_text", "warnings"}
    assert data["voice_input"] == "np_rija"
    assert not set("0123456789०१२३४५६७८९") & set(data["spoken_text"])
    assert data["voice_url"].startswith("http://test/api/system/voice/")
    sound = await client.get(data["voice_url"])
    assert sound.status_code == 200
    assert sound.headers["Content-Type"] == "audio/wav"
    assert abs(_wav_seconds(sound.content) - data["duration"]) < 0.01


async def test_the_same_address_with_mp3_answers_an_mp3(api, client):
    data = (await api.post(VOICE, json={"message": MESSAGE})).json()["data"]

    sound = await client.get(data["voice_url"].replace(".wav?", ".mp3?"))

    assert sound.headers["Content-Type"] == "audio/mpeg"
    assert abs(_mp3_seconds(sound.content) - data["duration"]) < 0.2


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("audio/wav", "audio/wav"),
        ("audio/mpeg", "audio/mpeg"),
        ("audio/mpeg;q=0.9, */*", "audio/mpeg"),
        ("*/*", "application/json"),
        ("application/json, audio/wav", "application/json"),
    ],
)
async def test_accept_decides_whether_the_sound_comes_at_once(api, accept, media):
    answer = await api.post(VOICE, json={"message": MESSAGE}, headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media
    if media == "audio/wav":
        assert _wav_seconds(answer.content) > 1
    if media == "audio/mpeg":
        assert _mp3_seconds(answer.content) > 1


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("np_prasanna", "np_prasanna"),
        ("NP_Binod", "np_binod"),
        ("np_prashanna", "np_prasanna"),
        (None, "np_rija"),
    ],
)
async def test_each_voice_is_known_by_its_names(api, asked, named):
    answer = await api.post(VOICE, json={"message": "नमस्ते", "voice_input": asked})

    assert answer.json()["data"]["voice_input"] == named


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "message", "missing"),
        ({"message": ""}, "message", "empty"),
        ({"message": " \n "}, "message", "empty"),
        ({"message": "😀"}, "message", "nothing_to_say"),
        ({"message": "न" * 2001}, "message", "too_long"),
        ({"message": 5}, "message", "wrong_type"),
        ({"message": "x\x00y"}, "message", "nul_character"),
        ({"message": "नमस्ते", "voice_input": "np_nobody"}, "voice_input", "unknown_voice"),
        ({"message": "नमस्ते", "voice_input": ""}, "voice_input", "unknown_voice"),
        ({"message": "नमस्ते", "voice_input": 3}, "voice_input", "wrong_type"),
    ],
)
async def test_what_cannot_be_spoken_is_422_with_the_field(api, body, field, code):
    answer = await api.post(VOICE, json=body)

    assert answer.status_code == 422
    assert [(item["field"], item["code"]) for item in answer.json()["errors"]] == [(field, code)]


async def test_the_longest_message_is_spoken(api):
    answer = await api.post(VOICE, json={"message": ("नमस्ते " * 400)[:2000]})

    assert answer.status_code == 200


async def test_test_voice_needs_a_token(client):
    assert (await client.post(VOICE, json={"message": "नमस्ते"})).status_code == 401


async def test_an_address_expires_after_an_hour(api, client, clock):
    url = (await api.post(VOICE, json={"message": "नमस्ते"})).json()["data"]["voice_url"]

    clock.moment += timedelta(seconds=3599)
    before = await client.get(url)
    clock.moment += timedelta(seconds=2)
    after = await client.get(url)

    assert before.status_code == 200
    assert after.status_code == 401
    assert after.json()["errors"][0]["code"] == "link_expired"


async def test_an_address_that_was_tampered_with_is_refused(api, client):
    url = (await api.post(VOICE, json={"message": "नमस्ते"})).json()["data"]["voice_url"]
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    other_key = parts.path.replace(parts.path[-12:-4], "0" * 8)

    for path, changed in [
        (parts.path, query | {"expires": str(int(query["expires"]) + 1)}),
        (parts.path, query | {"signature": "0" * 64}),
        (parts.path, query | {"signature": "é"}),
        (parts.path, query | {"expires": "९" * 10}),
        (parts.path, {}),
        (other_key, query),
    ]:
        answer = await client.get(path, params=changed)
        assert answer.status_code == 401, answer.text
        assert answer.json()["errors"][0]["code"] == "link_invalid"
    assert (await client.get(parts.path.replace(".wav", ".ogg"), params=query)).status_code == 404


async def test_a_sound_that_was_dropped_from_the_store_is_404(app, client):
    path = app.state.access.links.sign(f"/api/system/voice/{'0' * 64}.wav")

    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "voice_gone"


async def test_the_public_address_is_used_where_one_is_set(app, api):
    app.state.parts.settings.public_url = "https://calls.example.com/"
    try:
        answer = await api.post(VOICE, json={"message": "नमस्ते"})
    finally:
        app.state.parts.settings.public_url = ""

    assert answer.json()["data"]["voice_url"].startswith("https://calls.example.com/api/system/voice/")
