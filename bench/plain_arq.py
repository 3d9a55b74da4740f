"""arq alone, as its manual shows it: a worker that drains jobs which do nothing. ``python -m bench.plain_arq``.

Prints the jobs and the seconds from its first look at the queue to its last job as JSON.
"""

import asyncio
import json
import sys
import time
from typing import Any

import uvloop
from arq.connections import RedisSettings, create_pool
from arq.worker import Worker, func

from bench.instant import PLACES

QUEUE = "bench:plain"
ENQUEUED_AT_ONCE = 500


async def nothing(ctx: dict[str, Any], number: int) -> None:
    """The job."""


async def fill(url: str, jobs: int, function: str = "nothing", queue: str = QUEUE, first: int = 0) -> None:
    """Queue `jobs` jobs by arq's own call, some hundreds at a time."""
    pool = await create_pool(RedisSettings.from_dsn(url))
    for start in range(first, first + jobs, ENQUEUED_AT_ONCE):
        numbers = range(start, min(start + ENQUEUED_AT_ONCE, first + jobs))
        await asyncio.gather(*(pool.enqueue_job(function, number, _queue_name=queue) for number in numbers))
    await pool.aclose()


async def drain(url: str) -> dict[str, float]:
    """Run one worker until the queue is empty."""
    worker = Worker(
        [func(nothing, name="nothing")],
        redis_settings=RedisSettings.from_dsn(url),
        queue_name=QUEUE,
        burst=True,
        max_jobs=PLACES,
        keep_result=0,
        poll_delay=0.05,
        handle_signals=False,
    )
    began, cpu = time.monotonic(), time.process_time()
    await worker.async_run()
    took = time.monotonic() - began
    done = {"jobs": worker.jobs_complete, "seconds": took, "cpu_s": time.process_time() - cpu}
    await worker.close()
    return done


if __name__ == "__main__":
    sys.stdout.write(json.dumps(uvloop.run(drain(sys.argv[1]))))
