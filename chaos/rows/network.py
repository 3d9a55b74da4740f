"""Row 8: a bad network between us and our servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.prober import Prober
from chaos.progress import pause_of_dialling
from chaos.proxy import Manner, Proxy
from chaos.rig import Rig
from chaos.rows.doorbell import RECOVERY_S
from chaos.runs import Runs
from chaos.scale import Scale
from chaos.witness import Numbers, Report

_SILENCE_S = 20.0
_QUICK_SILENCE_S = 4.0
_BETWEEN_RESETS_S = 0.7


async def bad_network(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 8: 500 ms of latency, resets, and silence with every connection open."""
    report = Report()
    async with _between(rig, scale) as (database, doorbell):
        graves = len(rig.graves)
        runs = Runs(rig, numbers, scale.calls)
        await runs.under_way()
        async with Prober(rig, report):
            longest = await _trouble(rig, runs, scale, database, doorbell)
        report.figures["s longest pause after trouble"] = round(longest, 1)
        report.must(longest <= RECOVERY_S, f"dialling went on {longest:.1f} s after the trouble")
        await runs.judge(report)
        report.must(report.figures["interrupted"] == 0, "a bad network had calls declared lost")
        report.figures["parts that died"] = len(rig.graves) - graves
        report.must(len(rig.graves) == graves, f"parts that died: {rig.graves[graves:][:5]}")
    return report


async def _trouble(rig: Rig, runs: Runs, scale: Scale, database: Proxy, doorbell: Proxy) -> float:
    """All that the row is about, one after the other; the longest pause of dialling after it ended, seconds."""
    silence_s = _QUICK_SILENCE_S if scale.quick else _SILENCE_S
    longest = 0.0
    for proxies in (
        ((database,), (doorbell,)) if scale.quick else ((database,), (doorbell,), (database, doorbell))
    ):
        for manner in (Manner.SLOW, Manner.SILENT):
            for proxy in proxies:
                proxy.be(manner)
            await asyncio.sleep(silence_s)
            for proxy in proxies:
                proxy.be(Manner.HONEST)
            longest = max(longest, await pause_of_dialling(rig, await runs.under_way()))
        for _ in range(scale.times(20, 2)):
            for proxy in proxies:
                proxy.reset()
            await asyncio.sleep(_BETWEEN_RESETS_S)
        longest = max(longest, await pause_of_dialling(rig, await runs.under_way()))
    return longest


@asynccontextmanager
async def _between(rig: Rig, scale: Scale) -> AsyncIterator[tuple[Proxy, Proxy]]:
    """Every part behind a proxy to the database and one to Redis, while the context is open."""
    direct = rig.urls()
    database, doorbell = Proxy(rig.postgres.port or 0), Proxy(rig.valkey.port or 0)
    for proxy in (database, doorbell):
        await proxy.start()
    detour = {
        "TINGTING_DATABASE_URL": direct["TINGTING_DATABASE_URL"].replace(
            f":{database.upstream}/", f":{database.port}/"
        ),
        "TINGTING_REDIS_URL": direct["TINGTING_REDIS_URL"].replace(
            f":{doorbell.upstream}/", f":{doorbell.port}/"
        ),
    }
    await rig.restart(*rig.parts, **detour)
    try:
        yield database, doorbell
    finally:
        rig.settings.update(direct)
        if not scale.quick:  # tests restart everything anyhow, for what comes next
            await rig.restart(*rig.parts)
        for proxy in (database, doorbell):
            await proxy.close()
