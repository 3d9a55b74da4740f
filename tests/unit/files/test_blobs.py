import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import StorageFullError, UnavailableError
from app.files.blobs import BlobStore


@pytest.fixture(params=["folder", "file_url", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    places = {
        "folder": str(tmp_path / "new" / "blobs"),
        "file_url": f"file://{tmp_path}/a%20b",
        "memory": "memory:///",
    }
    return BlobStore.open(places[request.param])


async def test_what_is_put_is_got_until_it_is_deleted(store: BlobStore):
    assert await store.get("speech/ab/x") is None
    assert await store.length("speech/ab/x") is None
    await store.put("speech/ab/x", b"first")
    await store.put("speech/ab/x", b"second")
    assert await store.get("speech/ab/x") == b"second"
    assert await store.length("speech/ab/x") == 6
    await store.delete("speech/ab/x")
    await store.delete("speech/ab/x")
    assert await store.get("speech/ab/x") is None


async def test_files_are_stored_and_sizes_counted_by_prefix(store: BlobStore, tmp_path: Path):
    path = tmp_path / "upload"
    path.write_bytes(b"x" * 6_000_000)
    await store.put_file("uploads/one", path)
    await store.put("uploads/two", b"y" * 10)
    await store.put("speech/other", b"z" * 99)
    assert await store.get("uploads/one") == path.read_bytes()
    assert await store.size("uploads") == 6_000_010
    assert {info.key async for info in store.list("uploads")} == {"uploads/one", "uploads/two"}
    assert await store.size("nothing") == 0


async def test_trim_drops_the_least_recently_written_first(tmp_path: Path):
    store = BlobStore.open(str(tmp_path))
    for age, name in enumerate(("new", "middle", "old")):
        await store.put(f"speech/{name}", bytes(100))
        os.utime(tmp_path / "speech" / name, (1_700_000_000 - age, 1_700_000_000 - age))
    await store.put("uploads/kept", bytes(1000))
    assert await store.trim("speech", 150) == 200
    assert {info.key async for info in store.list("speech")} == {"speech/new"}
    assert await store.trim("speech", 150) == 0
    assert await store.length("uploads/kept") == 1000


async def test_a_reader_sees_the_old_bytes_or_the_new_and_never_a_part(tmp_path: Path):
    store = BlobStore.open(str(tmp_path))
    versions = [bytes([number]) * 300_000 for number in range(4)]
    await store.put("k", versions[0])

    async def write() -> None:
        for _ in range(10):
            for version in versions:
                await store.put("k", version)

    writer = asyncio.create_task(write())
    while not writer.done():
        assert await store.get("k") in versions
    await writer


@pytest.mark.parametrize("key", ["../outside", "a/../../b", "a//b"])
async def test_keys_cannot_leave_the_store(key: str, store: BlobStore):
    with pytest.raises(ValueError):
        await store.put(key, b"x")


async def test_an_unreachable_store_says_so(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    store = BlobStore.open("s3://bucket/folder")
    with pytest.raises(UnavailableError) as caught:
        await store.get("k")
    assert caught.value.items[0].code == "blob_store_unavailable"


def test_an_address_of_no_known_kind_is_refused():
    with pytest.raises(UnavailableError):
        BlobStore.open("ftp://127.0.0.1/x")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError):
        BlobStore.open(str(tmp_path / "file" / "folder"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for 64 kB; only root can mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_a_full_disk_is_told_apart_and_leaves_nothing_behind(small_disk: Path):
    store = BlobStore.open(str(small_disk))
    with pytest.raises(StorageFullError) as caught:
        await store.put("k", bytes(200_000))
    assert caught.value.items[0].code == "storage_full"
    assert list(small_disk.iterdir()) == []
