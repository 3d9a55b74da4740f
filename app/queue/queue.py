"""The doorbell: tells workers through arq that Postgres holds work for them.

Nothing here is the truth. A job that is lost (FLUSHALL, a Redis that was down) is found again by the control
worker's and the line's own sweeps of Postgres.
"""

from collections.abc import Sequence
from datetime import datetime
from time import time

from arq.connections import ArqRedis
from arq.constants import expires_extra_ms, job_key_prefix
from arq.jobs import serialize_job

from app.core.logging import get_logger
from app.queue.redis import OUTAGES, to_json

CONTROL_QUEUE = "tingting:control"

_ALWAYS_DUE = 1
"""Score of a call's job: arq leaves jobs alone whose score lies ahead of the clock, and a clock may jump back."""

log = get_logger(__name__)


def line_queue(line_id: int) -> str:
    """The queue of one life of one line worker."""
    return f"tingting:line:{line_id}"


class Queue:
    """Rings for the control workers and for the lines."""

    def __init__(self, redis: ArqRedis) -> None:
        self.redis = redis

    async def ring_start(self, run_id: int, at: datetime) -> None:
        """Ask a control worker to start run `run_id` at `at` (aware). A Redis outage is left to the sweep."""
        await self._ring("advance_run", run_id, at)

    async def ring_stop(self, run_id: int) -> None:
        """Ask a control worker to end what run `run_id` still has queued."""
        await self._ring("end_queued", run_id, None)

    async def _ring(self, function: str, run_id: int, at: datetime | None) -> None:
        try:
            await self.redis.enqueue_job(
                function, run_id, _job_id=f"{function}:{run_id}", _queue_name=CONTROL_QUEUE, _defer_until=at
            )
        except OUTAGES as error:
            log.warning("doorbell_unreachable", function=function, run=run_id, error=repr(error))

    async def enqueue_calls(
        self, line_id: int, claims: Sequence[tuple[int, int]], delays: Sequence[float] = ()
    ) -> None:
        """Put one `place_call` job per claim on the line's queue, all in one round trip.

        arq's own `enqueue_job` takes two round trips a job (6–8k jobs/s measured); this writes the same keys in one
        MULTI (75–97k/s). Ringing again is harmless: a call in hand is not taken twice.

        Args:
            line_id: the line that holds the claims.
            claims: pairs of call id and attempt.
            delays: seconds from now at which each call may start; those that it does not reach start at once.

        Raises:
            OUTAGES: Redis cannot be reached; the claims stay and the line rings again for itself.
        """
        now_ms = int(time() * 1000)
        jobs: dict[str, tuple[int, ...]] = {}
        for nth, (call_id, attempt) in enumerate(claims):
            wait_ms = int(delays[nth] * 1000) if nth < len(delays) else 0
            jobs[f"call:{line_id}:{call_id}:{attempt}"] = (call_id, wait_ms) if wait_ms > 0 else (call_id,)
        async with self.redis.pipeline(transaction=True) as pipe:
            for job_id, arguments in jobs.items():
                job = serialize_job("place_call", arguments, {}, None, now_ms, serializer=to_json)
                pipe.psetex(job_key_prefix + job_id, expires_extra_ms, job)
            pipe.zadd(line_queue(line_id), dict.fromkeys(jobs, _ALWAYS_DUE))
            # The queue of a line that was buried while Redis was away is dropped by nobody.
            pipe.pexpire(line_queue(line_id), expires_extra_ms)
            await pipe.execute()

    async def drop_line(self, line_id: int) -> None:
        """Forget the queue of a line that is gone, and the jobs in it: nobody else reads them."""
        jobs = await self.redis.zrange(line_queue(line_id), 0, -1)
        await self.redis.delete(line_queue(line_id), *(job_key_prefix + job.decode() for job in jobs))
