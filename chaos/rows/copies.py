"""Row 16: the database is put back from a copy that was taken in the middle of a run."""

import asyncio
from collections import Counter
from pathlib import Path

import asyncpg
import redis.asyncio as redis
from pydantic import SecretStr

from app.core.settings import Settings
from app.local.backup import backup
from app.local.postgres_programs import load
from app.local.restore import database_in, restore
from app.runs.state import RunState
from chaos.campaign import Begun, begin, ended_calls, finish
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.witness import Numbers, Report, dialled, mixed

_SHARE_BEFORE = 0.3


async def old_copies(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """By `tingting restore`, with a queue server that knows nothing, and by hand, with one that remembers."""
    report = Report()
    times = scale.times(6, 2)
    later = twice = 0
    for nth in range(times):
        run = await begin(rig, numbers.take(scale.times(1_000, 80), mixed()))
        before, got = await _copied(rig, run, rig.folder / f"copy-{nth}.backup")
        await _put_back(rig, rig.folder / f"copy-{nth}.backup", by_hand=nth % 2 == 1)
        await _stopped_by_a_person(rig, run, numbers)
        again = dialled(rig.phones_log, run.numbers)
        later += got.total() - before.total()
        twice += (again - got).total()
        report.must(again == got, f"dialled again: {list(again - got)[:5]}")
    report.figures.update({"copies put back": times, "calls after a copy": later, "dialled twice": twice})
    report.must(later > 0, "no call was made after a copy")
    return report


async def _copied(rig: Rig, run: Begun, file: Path) -> tuple[Counter[str], Counter[str]]:
    """Back up in the middle of the run, and let it end; who was called at the copy's beginning, and at the end."""

    async def far_enough() -> bool:
        return await ended_calls(rig, run) >= len(run.numbers) * _SHARE_BEFORE

    await rig.until(far_enough, "a run that has come far enough")
    before = dialled(rig.phones_log, run.numbers)
    await asyncio.to_thread(backup, _settings(rig), file)
    await finish(rig, run)
    return before, dialled(rig.phones_log, run.numbers)


async def _stopped_by_a_person(rig: Rig, run: Begun, numbers: Numbers) -> None:
    async def waits_for_a_person() -> bool:
        rows = await rig.fetch("SELECT state, held_why FROM runs WHERE id = $1", run.run_id)
        return bool(rows) and rows[0]["state"] == RunState.PAUSED and bool(rows[0]["held_why"])

    await rig.until(waits_for_a_person, f"a pause of run {run.run_id}")
    # Dispatch goes on for others: that nobody of this run is called is no standstill.
    await finish(rig, await begin(rig, numbers.take(10, mixed())))
    client = await rig.logged_in()
    await rig.patiently(lambda: client.post(f"/api/system/campaigns/{run.campaign_id}/stop/"))
    await finish(rig, run)


def _settings(rig: Rig) -> Settings:
    return Settings(
        home=rig.home.path,
        database_url=SecretStr(rig.postgres.url()),
        blob_url=str(rig.home.path / "blobs"),
        jwt_secret=SecretStr(rig.home.secret("jwt")),
    )


async def _put_back(rig: Rig, file: Path, *, by_hand: bool) -> None:
    parts = rig.parts_up
    await rig.hold_down(*parts)
    server = await asyncpg.connect(rig.postgres.url("postgres"))
    await server.execute("DROP DATABASE tingting WITH (FORCE)")
    await server.execute("CREATE DATABASE tingting")
    await server.close()
    if by_hand:
        await asyncio.to_thread(_load, rig.postgres.url(), file)
    else:
        client: redis.Redis = redis.Redis.from_url(rig.valkey.url())
        await client.flushall()
        await client.aclose()
        await asyncio.to_thread(restore, _settings(rig), file)
    rig.let_up(*parts)
    await rig.until(lambda: rig.all_up(*parts), "parts on the old copy")
    await rig.until(rig.is_ready, "a ready service")


def _load(url: str, file: Path) -> None:
    load(url, database_in(file, lambda _: None), "")
