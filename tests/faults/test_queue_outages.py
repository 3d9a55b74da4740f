"""The control worker's end of the queue while Redis is reset, silent and back."""

import asyncio
import inspect

import pytest
from arq.worker import Worker, func

from app.queue.redis import open_redis
from app.queue.worker import SteadyWorker
from chaos.proxy import Manner, Proxy

QUEUE = "tingting:outages"
PATIENCE_S = 30


@pytest.fixture
async def steady(redis_url):
    """A worker of two slots behind a proxy, its jobs, and a client that the proxy does not harm."""
    port = int(redis_url.rpartition(":")[2].partition("/")[0])
    proxy = Proxy(port)
    await proxy.start()
    redis = await open_redis(redis_url.replace(f":{port}/", f":{proxy.port}/"))
    client = await open_redis(redis_url)
    ran, go_on = [], asyncio.Event()

    async def job(ctx, number):
        ran.append(number)
        await go_on.wait()

    worker = SteadyWorker([func(job, name="job")], redis, QUEUE, max_jobs=2, job_timeout=60)
    working = asyncio.create_task(worker.async_run())
    yield proxy, worker, client, ran, go_on
    proxy.be(Manner.HONEST)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await worker.close()
    await client.aclose()
    await proxy.close()


async def enqueue(client, *numbers):
    for number in numbers:
        await client.enqueue_job("job", number, _job_id=f"job:{number}", _queue_name=QUEUE)


async def until(met):
    async with asyncio.timeout(PATIENCE_S):
        while not met():  # noqa: ASYNC110 - what is waited for is arq's own state
            await asyncio.sleep(0.005)


async def until_empty(client):
    async with asyncio.timeout(PATIENCE_S):
        while await client.zcard(QUEUE) or await client.keys("arq:in-progress:*"):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


async def test_jobs_that_end_while_redis_is_silent_leave_the_queue_once_it_speaks(steady):
    proxy, worker, client, ran, go_on = steady
    await enqueue(client, 1, 2)
    await until(lambda: len(ran) == 2)
    proxy.be(Manner.SILENT)
    go_on.set()
    await until(lambda: len(worker._unfinished) == 2)
    proxy.be(Manner.HONEST)

    await until_empty(client)
    assert sorted(ran) == [1, 2]


async def test_a_slot_whose_job_was_never_started_is_used_again(steady):
    proxy, worker, client, ran, go_on = steady
    go_on.set()
    proxy.be(Manner.SLOW)
    await enqueue(client, 1)
    # The slot is taken, and what arq asks before it starts the job is on its way.
    await until(lambda: worker.job_counter == 1 and not worker.tasks)
    proxy.be(Manner.SILENT)
    await until(lambda: worker.job_counter == 0)
    proxy.be(Manner.HONEST)
    await enqueue(client, 2, 3)

    await until_empty(client)
    await until(lambda: worker.job_counter == 0)
    assert worker.sem._value == worker.max_jobs + 1
    assert sorted(ran) == [1, 2, 3]


def test_only_public_names_of_arqs_worker_are_overridden():
    own = {name for name in vars(SteadyWorker) if not name.startswith("__")}
    theirs = {name for name, _ in inspect.getmembers(Worker)}
    assert {name for name in own & theirs if name.startswith("_")} == set()
    assert own & theirs == {"main", "close", "heart_beat", "finish_job"}
