"""What is costly is counted for each account: how often, and how much is stored."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import redis.asyncio as redis

from app.accounts.rates import Rates
from app.core.errors import ThrottledError
from app.wiring import Parts

FILES, CAMPAIGNS, VOICE = "/api/system/files/", "/api/system/campaigns/", "/api/system/test/voice/"
CAMPAIGN = {"name": "x", "services": "PHONE"}
MIB = 1024**2


@pytest.fixture
def limited(parts: Parts, app, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """A service that allows little."""
    for name, value in {
        "voice_tests_a_minute": 3,
        "uploads_a_minute": 3,
        "storage_quota_bytes": 2 * MIB,
    }.items():
        monkeypatch.setattr(parts.settings, name, value)
    monkeypatch.setattr(app.state.access.storage, "quota", 2 * MIB)
    return parts


async def upload(api: httpx.AsyncClient, size: int, name: str = "a.csv") -> httpx.Response:
    return await api.post(FILES, files={"file": (name, b"x" * size)})


def code(answer: httpx.Response) -> tuple[int, str | None]:
    errors = answer.json()["errors"]
    return answer.status_code, errors[0]["code"] if errors else None


async def test_test_voices_of_one_account_are_limited_and_those_of_another_are_not(limited, api, other_api):
    answers = [await api.post(VOICE, json={"message": "नमस्ते"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert code(answers[-1]) == (429, "too_many_requests")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
    assert (await other_api.post(VOICE, json={"message": "नमस्ते"})).status_code == 200


async def test_previews_count_as_test_voices(limited, api):
    body = CAMPAIGN | {"individual_number": ["9800000000"], "message": "नमस्ते"}
    campaign = (await api.post(CAMPAIGNS, json=body)).json()["data"]["details"][0]["id"]
    answers = [
        await api.post(f"{CAMPAIGNS}{campaign}/{what}/", json={})
        for what in ("preview", "sms_preview", "preview", "sms_preview")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_files_that_are_sent_or_named_count_and_small_bodies_do_not(limited, api):
    numbers = [("send_to_number_file", ("n.csv", b"phone\n9800000000\n"))]
    answers = [
        await upload(api, 10, "n.csv"),
        await api.post(CAMPAIGNS, data=CAMPAIGN, files=numbers),
        await api.post(CAMPAIGNS, json=CAMPAIGN | {"send_to_number_file": "n.csv"}),
        await api.post(CAMPAIGNS, data=CAMPAIGN, files=numbers),
        await upload(api, 10),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 422, 429, 429]
    listed = CAMPAIGN | {"individual_number": ["9800000000"]}
    assert [(await api.post(CAMPAIGNS, json=listed)).status_code for _ in range(5)] == [201] * 5


async def test_an_account_stores_no_more_than_its_quota(limited, parts: Parts, api, other_api):
    assert (await upload(api, MIB, "a.csv")).status_code == 201
    refused = await upload(api, MIB + 1, "b.csv")

    assert code(refused) == (413, "storage_quota")
    assert "2 MiB" in refused.json()["message"]
    assert len((await api.get(FILES)).json()["data"]["files"]) == 1
    assert len([blob async for blob in parts.blobs.list("uploads")]) == 1
    assert (await upload(other_api, MIB + 1)).status_code == 201


async def test_replacing_and_deleting_make_room(limited, api):
    first = (await upload(api, MIB * 3 // 2, "a.csv")).json()["data"]["file"]["id"]
    assert (await upload(api, MIB // 4, "a.csv")).status_code == 201
    assert (await api.delete(f"{FILES}{first}/")).status_code == 200
    assert (await upload(api, MIB * 3 // 2, "b.csv")).status_code == 201


async def test_uploads_at_once_pass_the_quota_by_no_byte(limited, parts: Parts, app, monkeypatch, api):
    monkeypatch.setattr(parts.settings, "uploads_a_minute", 100)
    monkeypatch.setattr(app.state.access.storage, "quota", 100 * MIB)  # as in several processes
    answers = await asyncio.gather(*(upload(api, MIB * 3 // 4, f"{n}.csv") for n in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 413, 413, 413, 413]
    assert len([blob async for blob in parts.blobs.list("uploads")]) == 2


async def test_an_upload_without_end_is_cut_at_the_quota(limited, app, api):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        while True:
            sent += 65536
            yield b"x" * 65536

    answer = await api.post(
        FILES, content=endless(), headers={"content-type": "multipart/form-data; boundary=b"}
    )
    assert code(answer) == (413, "storage_quota")
    assert sent < 8 * MIB
    assert not app.state.access.storage._under_way
    assert (await upload(api, MIB)).status_code == 201


async def test_a_disk_without_room_refuses_files_and_nothing_else(app, parts: Parts, monkeypatch, api):
    monkeypatch.setattr(app.state.access.storage, "reserve", 1 << 60)

    answer = await upload(api, MIB)
    small = await upload(api, 100)

    assert code(answer) == code(small) == (507, "storage_full")
    assert "operator" in answer.json()["message"]
    listed = CAMPAIGN | {"individual_number": ["9800000000"]}
    assert (await api.post(CAMPAIGNS, json=listed)).status_code == 201
    assert (await api.post(VOICE, json={"message": "नमस्ते"})).status_code == 200
    assert [blob async for blob in parts.blobs.list("uploads")] == []


async def test_several_processes_count_together(redis_url: str):
    async with redis.from_url(redis_url) as one, redis.from_url(redis_url) as another:
        rates = [Rates(one), Rates(another)]
        for turn in range(6):
            await rates[turn % 2].take(7, "uploads", 6)
        for each in rates:
            with pytest.raises(ThrottledError):
                await each.take(7, "uploads", 6)
        await rates[0].take(8, "uploads", 6)
        assert 0 < await one.pttl("tingting:rate:uploads:7") <= 60_000


async def test_without_redis_a_process_counts_for_itself_and_what_is_used_comes_back_evenly():
    now = 0.0
    async with redis.from_url("redis://127.0.0.1:1") as nobody:
        rates = Rates(nobody, clock=lambda: now)
        for _ in range(6):
            await rates.take(7, "uploads", 6)
        with pytest.raises(ThrottledError) as refused:
            await rates.take(7, "uploads", 6)
        assert refused.value.retry_after == 10
        now = 10.0
        await rates.take(7, "uploads", 6)
        with pytest.raises(ThrottledError):
            await rates.take(7, "uploads", 6)


async def test_a_disk_that_cannot_be_asked_refuses_nothing(app, parts: Parts, monkeypatch, api):
    monkeypatch.setattr(app.state.access.storage, "kept", Path("/nowhere/blobs"))
    assert (await upload(api, MIB)).status_code == 201
