"""The control worker: starts runs, ends what a stop left queued, and dispatches calls to lines."""

import asyncio
import contextlib
from typing import Any

from arq.worker import func

from app import checks
from app.core.logging import get_logger
from app.core.settings import Settings
from app.core.vitals import Vitals
from app.dispatch import stopping
from app.dispatch.fair_starts import FairTurns
from app.dispatch.starting import advance
from app.queue.queue import CONTROL_QUEUE
from app.queue.worker import SteadyWorker
from app.wiring import Parts, open_parts
from workers.dispatcher import Dispatcher
from workers.health import watching
from workers.process import Signals, run_process
from workers.receipt_sweep import ReceiptSweep

_DRAIN_S = 10.0
_JOB_S = 3600

log = get_logger(__name__)


async def advance_run(ctx: dict[str, Any], run_id: int) -> None:
    """Job: start a run whose time has come and write its calls."""
    parts: Parts = ctx["parts"]
    await advance(parts.sessions, run_id, parts.clock.now(), ctx["turns"])


async def end_queued(ctx: dict[str, Any], run_id: int) -> None:
    """Job: end what a stopped run still has queued."""
    parts: Parts = ctx["parts"]
    await stopping.end_queued(parts.sessions, run_id, parts.clock.now())


async def _main(settings: Settings, signals: Signals, vitals: Vitals) -> int:
    async with (
        open_parts(settings, application="tingting worker", speech=False) as parts,
        watching(vitals, (checks.database(parts), checks.queue(parts))),
    ):
        turns = FairTurns()
        functions = [func(advance_run, name="advance_run"), func(end_queued, name="end_queued")]
        worker = SteadyWorker(
            functions,
            parts.redis,
            CONTROL_QUEUE,
            max_jobs=20,
            job_timeout=_JOB_S,
            ctx={"parts": parts, "turns": turns},
        )
        tasks = [
            asyncio.create_task(worker.async_run(), name="worker"),
            asyncio.create_task(Dispatcher(parts, turns).run(), name="dispatcher"),
            asyncio.create_task(ReceiptSweep(parts).run(), name="receipts"),
        ]
        asking = asyncio.create_task(signals.drain.wait(), name="signals")
        log.info("control_worker_up")
        done, _ = await asyncio.wait([asking, *tasks], return_when=asyncio.FIRST_COMPLETED)
        worker.allow_pick_jobs = False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*worker.tasks.values(), return_exceptions=True), _DRAIN_S)
        for task in (asking, *tasks):
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await worker.close()
        for result in results:
            if isinstance(result, Exception):
                log.error("control_worker_failed", exc_info=result)
        return 0 if asking in done else 1


def run(settings: Settings) -> int:
    """Run a control worker until SIGTERM; returns the exit code."""
    return run_process(settings, _main)
