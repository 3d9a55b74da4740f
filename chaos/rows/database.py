"""Row 6: the database crashes and comes back."""

import asyncio
import contextlib
import os
import signal
import time

import httpx

from chaos.campaign import add, begin, finish
from chaos.progress import pause_of_dialling, spread
from chaos.rig import Rig
from chaos.rows.doorbell import RECOVERY_S
from chaos.rows.drains import MESSAGE, heard_whole
from chaos.scale import Scale
from chaos.witness import Numbers, Report, judge, mixed

_AWAY_S = 1.5


async def crashes(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 6: immediate shutdown, no checkpoint (what `pg_ctl stop -m immediate` sends is SIGQUIT), then recovery."""
    report = Report()
    book = await add(rig, numbers.take(1, [0]))
    run = await begin(rig, numbers.take(scale.calls, mixed()), message=MESSAGE)
    written: list[str] = []
    writer = asyncio.create_task(_write(rig, book, written))
    longest, times, graves = 0.0, scale.times(20, 1), len(rig.graves)
    async for _ in spread(rig, run, times):
        os.kill(rig.postgres.process.pid, signal.SIGQUIT)
        await asyncio.sleep(_AWAY_S)
        await asyncio.to_thread(rig.postgres.start)
        back = time.monotonic()
        await pause_of_dialling(rig, run)
        await rig.until(rig.is_ready, "a ready API")
        longest = max(longest, time.monotonic() - back)
    writer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writer
    await finish(rig, run)
    report.figures.update({"database crashes": times, "s longest recovery": round(longest, 1)})
    await judge(rig, run.run_id, run.numbers, report)
    await heard_whole(rig, report, run)
    await _nothing_lost(rig, book, written, report)
    report.must(len(rig.graves) == graves, f"parts that died: {rig.graves[graves:][:5]}")
    report.must(longest <= RECOVERY_S, f"a recovery took {longest:.1f} s")
    return report


async def _write(rig: Rig, campaign_id: int, acknowledged: list[str]) -> None:
    """Add one recipient after the other; note each that the API has acknowledged."""
    client = await rig.logged_in()
    nth = 0
    while True:
        number = f"97{nth:08d}"
        nth += 1
        with contextlib.suppress(httpx.HTTPError):
            answer = await client.post(
                f"/api/system/campaigns/number/{campaign_id}/", json={"number": number}
            )
            if answer.is_success:
                acknowledged.append(number)
        await asyncio.sleep(0.02)


async def _nothing_lost(rig: Rig, campaign_id: int, written: list[str], report: Report) -> None:
    rows = await rig.fetch("SELECT national FROM recipients WHERE campaign_id = $1", campaign_id)
    lost = set(written) - {row["national"] for row in rows}
    report.figures.update({"acknowledged writes": len(written), "lost": len(lost)})
    report.must(bool(written), "no write was acknowledged")
    report.must(not lost, f"acknowledged and lost: {sorted(lost)[:5]}")
