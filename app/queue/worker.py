"""An arq worker that outlives Redis.

arq's own loop ends at the first connection error; an error between taking a slot and starting the job leaks the slot;
and a job that ends while Redis is away stays in the queue for an hour, marked as in progress, in the way of others.
All three are mended here, so that a Redis restart costs a pause and nothing else. Only public names of arq's worker are
used and overridden, for the private ones change with any release.
"""

import asyncio
import contextlib
from typing import Any

from arq.connections import ArqRedis
from arq.worker import Worker

from app.core.logging import get_logger
from app.queue.redis import OUTAGES, from_json, to_json

POLL_DELAY_S = 0.05
_PAUSE_AFTER_OUTAGE_S = 0.5

log = get_logger(__name__)


class SteadyWorker(Worker):
    """arq's worker with our serializer, no kept results, and no death by Redis."""

    def __init__(self, functions: list[Any], redis: ArqRedis, queue_name: str, **options: Any) -> None:
        super().__init__(
            functions,
            redis_pool=redis,
            queue_name=queue_name,
            handle_signals=False,
            keep_result=0,
            # Our jobs look at Postgres before they act, so running one again is harmless; a count that a few
            # restarts could use up would lose it.
            max_tries=1_000_000,
            poll_delay=POLL_DELAY_S,
            health_check_interval=10,
            job_serializer=to_json,
            job_deserializer=from_json,
            log_results=False,
            **options,
        )
        self._unfinished: dict[str, tuple[Any, ...]] = {}

    async def main(self) -> None:
        while True:
            try:
                await super().main()
            except OUTAGES as error:
                log.warning("redis_unreachable", queue=self.queue_name, error=repr(error))
                self._drop_failed()
                await asyncio.sleep(_PAUSE_AFTER_OUTAGE_S)
                self._return_leaked_slots()
            else:
                return

    async def close(self) -> None:
        # What is left to say is the removal of a health key that runs out by itself.
        with contextlib.suppress(*OUTAGES):
            await super().close()

    async def heart_beat(self) -> None:
        # arq calls this after each look at the queue.
        await self._finish_unfinished()
        await super().heart_beat()

    def _drop_failed(self) -> None:
        """Forget the tasks that failed with the outage; arq would take one an iteration and stop at each."""
        for job_id, task in list(self.tasks.items()):
            if task.done():
                del self.tasks[job_id]
                error = None if task.cancelled() else task.exception()
                if error is not None and not isinstance(error, OUTAGES):
                    log.error("job_failed", job=job_id, exc_info=error)

    def _return_leaked_slots(self) -> None:
        """Leave as many in use as tasks run; those of tasks that ended were returned during the pause."""
        running = sum(not task.done() for task in self.tasks.values())
        for _ in range(self.job_counter - running):
            self.job_counter -= 1
            self.sem.release()

    async def finish_job(self, job_id: str, *how: Any) -> None:
        try:
            await super().finish_job(job_id, *how)
        except OUTAGES:
            self._unfinished[job_id] = how

    async def _finish_unfinished(self) -> None:
        while self._unfinished:
            job_id, how = next(iter(self._unfinished.items()))
            await super().finish_job(job_id, *how)
            self._unfinished.pop(job_id, None)
