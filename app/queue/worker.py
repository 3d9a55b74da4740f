"""An arq worker that outlives Redis.

arq's own loop ends at the first connection error, and an error between taking a slot and starting the job leaks the
slot. Both are mended here, so that a Redis restart costs a pause and nothing else.
"""

import asyncio
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

    async def _poll_iteration(self) -> None:
        try:
            await super()._poll_iteration()
        except OUTAGES as error:
            log.warning("redis_unreachable", queue=self.queue_name, error=repr(error))
            # Tasks that failed with the outage are collected one an iteration; drop them all.
            self.tasks = {job: task for job, task in self.tasks.items() if not task.done()}
            await asyncio.sleep(_PAUSE_AFTER_OUTAGE_S)
            self._return_leaked_slots()

    def _return_leaked_slots(self) -> None:
        running = sum(not task.done() for task in self.tasks.values())
        for _ in range(self.job_counter - running):
            self._release_sem_dec_counter_on_complete()
