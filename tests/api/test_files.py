"""Uploads: kept by name, found by name, removed."""

import asyncio
import errno
from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest

from app.accounts.models import Account
from app.core.errors import InvalidError, StorageFullError
from app.files import incoming, service
from app.wiring import Parts

FILES = "/api/system/files/"


async def _upload(api: httpx.AsyncClient, name: str = "numbers.csv", content: bytes = b"phone\n9801234567\n"):
    return await api.post(FILES, files={"file": (name, content)})


async def _blobs(parts: Parts) -> int:
    return len([blob async for blob in parts.blobs.list("uploads")])


async def test_an_upload_is_answered_listed_and_stored_whole(api, parts: Parts, account: Account):
    content = bytes(range(256)) * 20_000

    answer = await _upload(api, "दर्ता सूची.csv", content)
    listed = (await api.get(FILES)).json()["data"]

    assert answer.status_code == 201
    assert answer.json()["status"] == 201
    file = answer.json()["data"]["file"]
    assert file["name"] == "दर्ता सूची.csv"
    assert file["size"] == len(content)
    assert file["sha256"] == sha256(content).hexdigest()
    assert file["created_at"].endswith("+05:45")
    assert listed == {"files": [file], "next_cursor": None}
    async with parts.sessions() as session:
        found = await service.find_named(session, account.id, "दर्ता सूची.csv")
    async with service.open_locally(parts.blobs, found) as path:
        assert path.read_bytes() == content
    assert not path.exists()


async def test_the_same_name_sent_again_replaces_the_file_and_its_bytes(api, parts: Parts):
    first = (await _upload(api, content=b"one")).json()["data"]["file"]
    second = (await _upload(api, content=b"two")).json()["data"]["file"]

    assert second["id"] == first["id"]
    assert second["sha256"] == sha256(b"two").hexdigest()
    assert len((await api.get(FILES)).json()["data"]["files"]) == 1
    assert await _blobs(parts) == 1


async def test_uploads_of_one_name_at_once_leave_one_row_and_one_blob(api, parts: Parts):
    answers = await asyncio.gather(*(_upload(api, content=b"%d" % n) for n in range(8)))

    assert {answer.status_code for answer in answers} == {201}
    assert len((await api.get(FILES)).json()["data"]["files"]) == 1
    assert await _blobs(parts) == 1


async def test_a_deleted_file_is_gone_with_its_bytes(api, parts: Parts):
    file = (await _upload(api)).json()["data"]["file"]

    answer = await api.delete(f"{FILES}{file['id']}/")
    again = await api.delete(f"{FILES}{file['id']}")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"id": file["id"]}
    assert again.status_code == 404
    assert again.json()["errors"][0]["code"] == "file_not_found"
    assert (await api.get(FILES)).json()["data"]["files"] == []
    assert await _blobs(parts) == 0


async def test_same_bytes_under_two_names_live_apart(api, parts: Parts, account: Account):
    first = (await _upload(api, "a.csv", b"same")).json()["data"]["file"]
    await _upload(api, "b.csv", b"same")

    await api.delete(f"{FILES}{first['id']}")

    async with parts.sessions() as session:
        found = await service.find_named(session, account.id, "b.csv")
    async with service.open_locally(parts.blobs, found) as path:
        assert path.read_bytes() == b"same"


async def test_another_accounts_files_do_not_exist(api, other_api, account: Account):
    file = (await _upload(other_api, "theirs.csv")).json()["data"]["file"]

    deleted = await api.delete(f"{FILES}{file['id']}/")

    assert deleted.status_code == 404
    assert (await api.get(FILES)).json()["data"]["files"] == []
    assert len((await other_api.get(FILES)).json()["data"]["files"]) == 1


async def test_files_are_paged_from_the_newest(api):
    for n in range(5):
        await _upload(api, f"{n}.csv")

    names, cursor = [], 0
    for _ in range(3):
        data = (await api.get(f"{FILES}?limit=2&cursor={cursor}")).json()["data"]
        names += [file["name"] for file in data["files"]]
        cursor = data["next_cursor"]

    assert names == ["4.csv", "3.csv", "2.csv", "1.csv", "0.csv"]
    assert cursor is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\folder\\numbers.csv", "numbers.csv"),
        ("../../etc/numbers.csv", "numbers.csv"),
        (" numbers.csv ", "numbers.csv"),
        ("num\u202ebers\u200b.csv", "numbers.csv"),
        ("श्री\u200dमान.csv", "श्री\u200dमान.csv"),
    ],
)
async def test_a_name_is_the_last_segment_without_what_cannot_be_seen(api, sent, kept):
    answer = await _upload(api, sent)

    assert answer.json()["data"]["file"]["name"] == kept


@pytest.mark.parametrize(
    ("name", "code"), [("..", "invalid_name"), ("a/", "invalid_name"), ("x" * 300, "name_too_long")]
)
async def test_a_name_that_is_none_is_refused_and_nothing_is_left(api, parts: Parts, name, code):
    answer = await _upload(api, name)

    assert answer.status_code == 422
    assert answer.json()["errors"][0] | {"message": ""} == {"field": "file", "code": code, "message": ""}
    assert await _blobs(parts) == 0


async def test_an_empty_file_is_refused(api, parts: Parts):
    answer = await _upload(api, content=b"")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "empty_file"
    assert await _blobs(parts) == 0


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"files": {"other": ("a.csv", b"1")}}, "missing"),
        ({"data": {"file": "a.csv"}}, "wrong_type"),
        ({"json": {"file": "a.csv"}}, "wrong_type"),
        ({"json": {}}, "missing"),
    ],
)
async def test_an_upload_without_a_file_is_told_how_to_send_one(api, form, code):
    answer = await api.post(FILES, **form)

    assert answer.status_code == 422
    assert [(item["field"], item["code"]) for item in answer.json()["errors"]] == [("file", code)]


async def test_a_file_over_the_cap_is_413_and_leaves_nothing(api, parts: Parts, tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"x" * 2_000_001)

    with path.open("rb") as file, pytest.raises(Exception, match="over 1 MiB") as caught:
        async with incoming.received(file, most=1024**2):
            pass

    assert caught.value.items[0].code == "file_too_large"
    stated = await api.post(
        FILES,
        content=b"",
        headers={"content-type": "multipart/form-data; boundary=e", "content-length": str(320 * 1024**2)},
    )
    assert stated.status_code == 413


async def test_nobody_unknown_has_an_upload_read(client):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024**2
            yield bytes(1024**2)

    answer = await client.post(
        FILES, content=endless(), headers={"content-type": "multipart/form-data; boundary=e"}
    )

    assert answer.status_code == 401
    assert answer.headers["Connection"] == "close"
    assert sent <= 5 * 1024**2, "what comes while the answer leaves is forgotten, the rest never taken in"


async def test_a_later_request_finds_a_file_by_the_last_segment_of_any_path(
    api, parts: Parts, account: Account
):
    await _upload(api, "audio.mp3")

    async with parts.sessions() as session:
        for value in (
            "audio.mp3",
            "path/containing/audio.mp3",
            "C:\\x\\audio.mp3",
            "https://example.com/audio.mp3",
        ):
            assert (await service.find_named(session, account.id, value)).name == "audio.mp3"


@pytest.mark.parametrize("value", ["other.mp3", "", "/", "audio.mp3/", "Audio.mp3"])
async def test_a_name_that_was_never_uploaded_says_where_to_upload(
    api, parts: Parts, account: Account, value
):
    await _upload(api, "audio.mp3")

    async with parts.sessions() as session:
        with pytest.raises(InvalidError) as caught:
            await service.find_named(session, account.id, value, "aud_file")

    assert caught.value.items[0].field == "aud_file"
    assert caught.value.items[0].code == "file_not_found"
    assert "/api/system/files/" in caught.value.items[0].message


async def test_a_file_whose_bytes_are_gone_is_not_found(api, parts: Parts, account: Account):
    await _upload(api, "audio.mp3")
    async with parts.sessions() as session:
        found = await service.find_named(session, account.id, "audio.mp3")
    await parts.blobs.delete(found.blob_key)

    with pytest.raises(InvalidError) as caught:
        async with service.open_locally(parts.blobs, found, "aud_file"):
            pass

    assert (caught.value.items[0].field, caught.value.items[0].code) == ("aud_file", "file_not_found")


def test_a_full_disk_is_said_so_and_other_faults_are_not_taken_for_one():
    with pytest.raises(StorageFullError) as caught, incoming.refused_when_full():
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(PermissionError), incoming.refused_when_full():
        raise PermissionError(errno.EACCES, "Permission denied")

    assert caught.value.items[0].code == "storage_full"
