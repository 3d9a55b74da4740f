"""Row 9: no room left in the data folder, and a blob store that is gone."""

import asyncio
import contextlib
import os
import subprocess
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path

import httpx

from chaos.campaign import add, begin, finish
from chaos.rig import Rig, rig
from chaos.rows.drains import MESSAGE, heard_whole
from chaos.scale import Scale
from chaos.witness import LISTENS, Numbers, Report, judge

_DISK_MIB = 700
_REFUSALS = {503, 507}


async def no_room(scale: Scale) -> Report:
    """Row 9, on a rig of its own whose data folder is a file system of 700 MiB; needs root to mount one."""
    report = Report()
    if os.geteuid() != 0:
        report.must(False, "only root can mount a small file system: the disk cannot be full")
        return report
    async with _small_disk() as small:
        numbers = Numbers()
        await _full_disk(small, numbers, scale, report)
        await _store_gone(small, numbers, scale, report)
        report.figures["parts that died"] = len(small.graves)
    return report


@asynccontextmanager
async def _small_disk() -> AsyncIterator[Rig]:
    """A rig whose home is a tmpfs of `_DISK_MIB`."""
    mounted = Path(f"/run/tingting-chaos-{os.getpid()}")
    mounted.mkdir(mode=0o711)
    options = f"size={_DISK_MIB}m,mode=711"
    await asyncio.to_thread(
        subprocess.run, ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(mounted)], check=True
    )
    try:
        async with rig(lines=1, home=mounted / "home") as small:
            yield small
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", "-l", str(mounted)], check=True)
        mounted.rmdir()


async def _full_disk(small: Rig, numbers: Numbers, scale: Scale, report: Report) -> None:
    first = await add(small, numbers.take(2, [LISTENS]))
    run = await begin(small, numbers.take(scale.times(100, 12), [LISTENS]), message=_long(scale))
    await _until_talking(small, run.run_id, scale.times(50, 12))
    client = await small.logged_in()
    with _filled(small.home.path):
        answers = [await _upload(client, nth) for nth in range(3)]
        answers += [await _begin_with_audio(client, first, nth) for nth in range(3)]
        # The database may need its disk for the next write ahead log; what matters is how the API takes it.
        answers += [await _add(client, numbers) for _ in range(3)]
    report.figures["answers on a full disk"] = "/".join(str(status) for status in answers)
    report.must(set(answers[:6]) <= _REFUSALS, f"uploads and begins on a full disk: {answers[:6]}")
    report.must(500 not in answers, "500 on a full disk")
    await _recovered(small)
    await finish(small, run)
    await judge(small, run.run_id, run.numbers, report)
    await heard_whole(small, report, run)
    await _works_again(client, first, report)


async def _store_gone(small: Rig, numbers: Numbers, scale: Scale, report: Report) -> None:
    """The folder of blobs becomes a file: nothing can be read nor written below it."""
    first = await add(small, numbers.take(2, [LISTENS]))
    run = await begin(small, numbers.take(scale.times(100, 12), [LISTENS]), message=_long(scale))
    await _until_talking(small, run.run_id, 1)
    client = await small.logged_in()
    blobs = small.home.path / "blobs"
    aside = blobs.with_name("blobs.aside")
    blobs.rename(aside)
    blobs.touch()
    answers = [await _upload(client, 9), await _begin_with_audio(client, first, 9)]
    report.figures["answers without a blob store"] = "/".join(str(status) for status in answers)
    report.must(set(answers) <= _REFUSALS, f"upload and begin without a blob store: {answers}")
    # The calls' audio is in the line's memory by now: they go on to their end without the store.
    await finish(small, run)
    part = Report()
    await judge(small, run.run_id, run.numbers, part)
    await heard_whole(small, part, run)
    report.broken += part.broken
    blobs.unlink()
    aside.rename(blobs)
    await _works_again(client, first, report)


def _long(scale: Scale) -> str:
    """A message that is still being heard when the fault is over, or nearly."""
    return MESSAGE * (3 if scale.quick else 6)


async def _until_talking(small: Rig, run_id: int, calls: int) -> None:
    async def talking() -> bool:
        rows = await small.fetch(
            "SELECT count(*) AS n FROM calls WHERE run_id = $1 AND answered_at IS NOT NULL", run_id
        )
        return bool(rows[0]["n"] >= calls)

    await small.until(talking, f"{calls} answered calls")


@contextmanager
def _filled(folder: Path) -> Iterator[None]:
    """Every byte of the file system taken, while the context is open."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1024**2, 4096, 1):
            piece = b"\0" * size
            with contextlib.suppress(OSError):
                while True:
                    file.write(piece)
    try:
        yield
    finally:
        ballast.unlink()


def _sound(nth: int) -> bytes:
    """A WAV that was never uploaded before."""
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes((i * (nth + 3)) % 251 for i in range(64_000)))
    return out.getvalue()


async def _upload(client: httpx.AsyncClient, nth: int) -> int:
    files = {"file": (f"sound-{nth}.wav", _sound(nth), "audio/wav")}
    return (await client.post("/api/system/files/", files=files)).status_code


async def _begin_with_audio(client: httpx.AsyncClient, campaign_id: int, nth: int) -> int:
    files = {"aud_file": (f"begin-{nth}.wav", _sound(nth + 100), "audio/wav")}
    return (await client.post(f"/api/system/campaigns/{campaign_id}/begin/", files=files)).status_code


async def _add(client: httpx.AsyncClient, numbers: Numbers) -> int:
    body = {"name": "Full", "services": "PHONE", "individual_number": numbers.take(500, [LISTENS])}
    return (await client.post("/api/system/campaigns/", json=body)).status_code


async def _recovered(small: Rig) -> None:
    """A database that gave up on its full disk is started again, as its own supervisor would."""
    await asyncio.sleep(0.5)
    if small.postgres.process.exit_code is not None:
        await asyncio.to_thread(small.postgres.start)
    await small.until(small.is_ready, "a ready service")


async def _works_again(client: httpx.AsyncClient, campaign_id: int, report: Report) -> None:
    """With room, or with its store, the service does again what it refused."""
    again = (
        await _upload(client, campaign_id + 1000),
        await _begin_with_audio(client, campaign_id, campaign_id),
    )
    report.must(all(status in {200, 201} for status in again), f"an upload and a begin afterwards: {again}")
