"""The same key and body give the first answer, and nothing is done twice."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from app.accounts import idempotency
from app.accounts.models import Account, IdempotencyKey
from app.campaigns.models import Campaign
from app.core.errors import ConflictError
from app.wiring import Parts

CAMPAIGNS = "/api/system/campaigns/"
BODY = {"name": "once", "services": "PHONE", "individual_number": [9801234567]}
CSV = b"phone,name\n9801234567,\xe0\xa4\x86\xe0\xa4\xb6\xe0\xa4\xbe\n"


async def _add(api: httpx.AsyncClient, key: str = "key-1", **form) -> httpx.Response:
    return await api.post(CAMPAIGNS, headers={"Idempotency-Key": key}, **(form or {"json": BODY}))


async def _campaigns(parts: Parts) -> int:
    async with parts.sessions() as session:
        return await session.scalar(select(func.count()).select_from(Campaign))


async def test_the_same_key_and_body_give_the_first_answer_byte_for_byte(api, parts: Parts):
    first = await _add(api)
    second = await _add(api)

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert await _campaigns(parts) == 1


async def test_without_a_key_and_with_another_key_it_is_done_again(api, parts: Parts):
    await _add(api)
    await _add(api, "key-2")
    await api.post(CAMPAIGNS, json=BODY)

    assert await _campaigns(parts) == 3


async def test_the_same_key_with_another_body_or_address_is_422(api, parts: Parts):
    added = await _add(api)
    other_body = await _add(api, json=BODY | {"name": "other"})
    campaign = added.json()["data"]["details"][0]["id"]
    other_address = await api.post(
        f"{CAMPAIGNS}{campaign}/begin/", json=BODY, headers={"Idempotency-Key": "key-1"}
    )

    for answer in (other_body, other_address):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert await _campaigns(parts) == 1


async def test_the_last_slash_makes_no_other_request(api, parts: Parts):
    await _add(api)
    answer = await api.post(CAMPAIGNS.rstrip("/"), json=BODY, headers={"Idempotency-Key": "key-1"})

    assert answer.headers["Idempotent-Replay"] == "true"


async def test_an_upload_is_the_same_by_its_bytes(api, parts: Parts):
    async def upload(content: bytes) -> httpx.Response:
        return await _add(
            api,
            data={"name": "once", "services": "PHONE"},
            files={"send_to_number_file": ("numbers.csv", content)},
        )

    first, second, other = await upload(CSV), await upload(CSV), await upload(CSV.replace(b"67,", b"68,"))

    assert first.status_code == 201, first.text
    assert second.content == first.content
    assert other.status_code == 422
    assert await _campaigns(parts) == 1


async def test_another_account_may_use_the_same_key(api, other_api, parts: Parts):
    first = await _add(api)
    second = await _add(other_api)

    assert first.status_code == second.status_code == 201
    assert "Idempotent-Replay" not in second.headers
    assert await _campaigns(parts) == 2


async def test_of_many_at_once_one_is_done(api, parts: Parts):
    answers = await asyncio.gather(*(_add(api) for _ in range(12)))

    assert await _campaigns(parts) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["errors"][0]["code"] == "idempotency_in_progress"


async def test_a_refused_request_gives_its_key_back(api, parts: Parts):
    refused = await _add(api, json=BODY | {"individual_number": ["12"]})
    mended = await _add(api)

    assert refused.status_code == 422
    assert mended.status_code == 201
    assert await _campaigns(parts) == 1


async def test_an_answer_is_kept_for_a_day(api, parts: Parts, clock, token_of, account: Account):
    await _add(api)

    clock.moment += timedelta(hours=23, minutes=59)
    api.headers["Authorization"] = f"Bearer {token_of(account)}"
    within = await _add(api)
    clock.moment += timedelta(minutes=2)
    after = await _add(api)

    assert within.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in after.headers
    assert await _campaigns(parts) == 2


async def _claim(parts: Parts, account: Account, fingerprint: bytes = b"f"):
    async with parts.sessions.begin() as session:
        return await idempotency.claim(session, account.id, "key-1", fingerprint, parts.clock.now())


async def test_while_the_first_runs_a_second_is_409(parts: Parts, account: Account):
    await _claim(parts, account)

    with pytest.raises(ConflictError) as caught:
        await _claim(parts, account)

    assert caught.value.items[0].code == "idempotency_in_progress"


async def test_a_claim_of_a_process_that_died_is_taken_over_after_a_minute_and_the_late_one_keeps_nothing(
    parts: Parts, account: Account, clock
):
    late = await _claim(parts, account)
    clock.moment += timedelta(seconds=61)
    fresh = await _claim(parts, account)

    async with parts.sessions.begin() as session:
        with pytest.raises(ConflictError):
            await idempotency.keep(session, late, 201, b"late")
    async with parts.sessions.begin() as session:
        await idempotency.release(session, late)
        await idempotency.keep(session, fresh, 201, b"fresh")
    again = await _claim(parts, account)

    assert again == idempotency.Answered(201, b"fresh")


async def test_old_keys_are_swept_out(parts: Parts, account: Account, clock):
    await _claim(parts, account)
    clock.moment += timedelta(hours=25)
    async with parts.sessions.begin() as session:
        await idempotency.claim(session, account.id, "key-2", b"f", clock.now())

    async with parts.sessions() as session:
        assert list(await session.scalars(select(IdempotencyKey.key))) == ["key-2"]


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_of_a_wrong_length_is_422(api, key):
    answer = await _add(api, key)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "invalid_idempotency_key"
