"""The line's end of its queue: arq's jobs in arq's wire form, taken many at a time.

arq's own worker takes four round trips a job, one job after the other, for any number of workers may share its queue.
A line's queue has one reader, and a job that is lost with its reader is found again in Postgres. So jobs are popped:
three round trips for as many as there are free places, and none when a job ends. That they come together is worth
more than the round trips: claims are then read, and steps written, by the hundred and not one by one (measured on two
busy cores: 143 calls a second with arq's worker, each at 4.6 ms of processor time, servers included).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from arq.connections import ArqRedis
from arq.constants import job_key_prefix
from arq.jobs import SerializationError, deserialize_job_raw

from app.core.logging import get_logger
from app.queue.redis import OUTAGES, from_json

_LISTEN_S = 1
"""Seconds of one wait for a job; below the silence after which a connection is given up."""
_PAUSE_AFTER_OUTAGE_S = 0.5

JobFunction = Callable[..., Awaitable[None]]

log = get_logger(__name__)


class Intake:
    """Takes jobs from one queue and runs them, at most `places` at once.

    Args:
        redis: where the queue is.
        queue_name: a queue that nobody else reads.
        functions: by the name that jobs carry.
        places: jobs at once.
        job_timeout_s: seconds after which a job is cancelled.

    Attributes:
        allow_pick_jobs: whether further jobs are taken.
    """

    def __init__(
        self,
        redis: ArqRedis,
        queue_name: str,
        functions: Mapping[str, JobFunction],
        *,
        places: int,
        job_timeout_s: float,
    ) -> None:
        self._redis = redis
        self._queue_name = queue_name
        self._functions = functions
        self._places = places
        self._job_timeout_s = job_timeout_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._room.set()
        self.allow_pick_jobs = True

    async def async_run(self) -> None:
        """Take and run jobs until cancelled or `allow_pick_jobs` is off; a Redis outage costs a pause."""
        while self.allow_pick_jobs:
            await self._room.wait()
            if not self.allow_pick_jobs:
                return
            try:
                jobs = await self._take(self._places - len(self._tasks))
            except OUTAGES as error:
                log.warning("redis_unreachable", queue=self._queue_name, error=repr(error))
                await asyncio.sleep(_PAUSE_AFTER_OUTAGE_S)
                continue
            for job_id, raw in jobs:
                self._start(job_id, raw)

    async def close(self) -> None:
        """Cancel what still runs."""
        self.allow_pick_jobs = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, most: int) -> Sequence[tuple[str, bytes | None]]:
        """Wait for a job and take it with up to `most` - 1 of those behind it; empty when none came in a second."""
        first = await self._redis.bzpopmin(self._queue_name, timeout=_LISTEN_S)
        if first is None:
            return ()
        ids = [first[1].decode()]
        if most > 1:
            ids += [member.decode() for member, _ in await self._redis.zpopmin(self._queue_name, most - 1)]
        keys = [job_key_prefix + job_id for job_id in ids]
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.mget(keys)
            pipe.delete(*keys)
            found, _ = await pipe.execute()
        return list(zip(ids, found, strict=True))

    def _start(self, job_id: str, raw: bytes | None) -> None:
        if raw is None:
            log.warning("job_without_body", job=job_id)
            return
        try:
            name, args, kwargs, _, _ = deserialize_job_raw(raw, deserializer=from_json)
            work = self._run(job_id, self._functions[name], args, kwargs)
        except (SerializationError, KeyError) as error:
            log.warning("job_not_understood", job=job_id, error=repr(error)[:200])
            return
        task = asyncio.create_task(work, name=job_id)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if len(self._tasks) >= self._places:
            self._room.clear()

    async def _run(
        self, job_id: str, function: JobFunction, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        try:
            async with asyncio.timeout(self._job_timeout_s):
                await function(*args, **kwargs)
        except Exception:
            log.exception("job_failed", job=job_id)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.set()
