"""Rows 4 and 5: Redis forgets everything, and Redis dies."""

import asyncio

import redis.asyncio as redis

from chaos.campaign import begin, finish
from chaos.progress import pause_of_dialling, spread
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.witness import Numbers, Report, judge, mixed

RECOVERY_S = 15.0
_AWAY_S = 1.0


async def flushed(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 4: FLUSHALL in the middle of dialling."""
    report = Report()
    run = await begin(rig, numbers.take(scale.calls, mixed()))
    longest, times = 0.0, scale.times(20, 2)
    client: redis.Redis = redis.Redis.from_url(rig.valkey.url())
    async for _ in spread(rig, run, times):
        await client.flushall()
        longest = max(longest, await pause_of_dialling(rig, run))
    await client.aclose()
    await finish(rig, run)
    report.figures.update({"FLUSHALL": times, "s longest pause": round(longest, 1)})
    report.must(longest <= RECOVERY_S, f"dialling paused for {longest:.1f} s")
    await judge(rig, run.run_id, run.numbers, report)
    return report


async def restarted(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 5: Redis killed, a second later started again; nobody restarts our processes."""
    report = Report()
    run = await begin(rig, numbers.take(scale.calls, mixed()))
    longest, times, graves = 0.0, scale.times(20, 1), len(rig.graves)
    async for _ in spread(rig, run, times):
        rig.valkey.process.kill()
        await asyncio.sleep(_AWAY_S)
        await asyncio.to_thread(_wait_for_valkey, rig)
        longest = max(longest, await pause_of_dialling(rig, run))
    await finish(rig, run)
    report.figures.update({"Redis restarts": times, "s longest pause": round(longest, 1)})
    report.figures["parts that died"] = len(rig.graves) - graves
    report.must(len(rig.graves) == graves, f"parts that died: {rig.graves[graves:][:5]}")
    report.must(longest <= RECOVERY_S, f"dialling paused for {longest:.1f} s")
    await judge(rig, run.run_id, run.numbers, report)
    return report


def _wait_for_valkey(rig: Rig) -> None:
    rig.valkey.start()
