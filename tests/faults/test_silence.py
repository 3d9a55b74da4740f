"""Servers that fall silent with their connections open: every wait has an end, and what was broken off is found."""

import asyncio
from contextlib import AsyncExitStack

import pytest
import uvloop
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.core.errors import UnavailableError
from app.db.engine import make_engine
from app.http.outages import database_problem
from app.queue.queue import Queue, line_queue
from app.queue.redis import OUTAGES, open_redis
from chaos.proxy import Manner, Proxy

PATIENCE_S = 20


@pytest.fixture
async def database(postgres_url):
    """A proxy before the database, and an engine through it whose statements wait a second at most."""
    url = make_url(postgres_url)
    proxy = Proxy(url.port)
    await proxy.start()
    engine = make_engine(
        url.set(port=proxy.port).render_as_string(hide_password=False),
        application="tests",
        statement_timeout_s=1,
    )
    yield proxy, engine
    await engine.dispose()
    await proxy.close()


@pytest.fixture
async def doorbell(redis_url):
    """A proxy before Redis, and a client through it."""
    port = int(redis_url.rpartition(":")[2].partition("/")[0])
    proxy = Proxy(port)
    await proxy.start()
    redis = await open_redis(redis_url.replace(f":{port}/", f":{proxy.port}/"))
    yield proxy, redis
    await redis.aclose()
    await proxy.close()


async def ask(engine):
    async with engine.begin() as connection:
        return await connection.scalar(text("SELECT 1"))


async def test_a_statement_that_is_under_way_when_the_database_falls_silent_fails(database):
    proxy, engine = database
    async with asyncio.timeout(PATIENCE_S):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            proxy.be(Manner.SILENT)
            with pytest.raises(TimeoutError) as raised:
                await connection.execute(text("SELECT 2"))
        assert isinstance(database_problem(raised.value), UnavailableError)
        proxy.be(Manner.HONEST)
        assert await ask(engine) == 1


async def test_a_connection_that_was_lent_before_the_silence_is_replaced_after_it(database):
    proxy, engine = database
    async with asyncio.timeout(PATIENCE_S):
        assert await ask(engine) == 1
        proxy.be(Manner.SILENT)
        with pytest.raises((OSError, TimeoutError)):
            await ask(engine)
        proxy.be(Manner.HONEST)
        assert await ask(engine) == 1


async def driver_of(connection):
    return (await connection.get_raw_connection()).driver_connection


async def test_connections_that_the_server_closed_cost_no_statement(database):
    proxy, engine = database
    async with asyncio.timeout(PATIENCE_S):
        async with AsyncExitStack() as stack:
            lent = [await stack.enter_async_context(engine.connect()) for _ in range(8)]
            ends = [asyncio.Event() for _ in lent]
            for connection, end in zip(lent, ends, strict=True):
                (await driver_of(connection)).add_termination_listener(lambda _, end=end: end.set())
        proxy.reset()
        await asyncio.gather(*(end.wait() for end in ends))
        assert await asyncio.gather(*(ask(engine) for _ in range(8))) == [1] * 8


async def test_broken_connections_that_lay_unused_cost_no_statement(database, monkeypatch):
    proxy, engine = database
    monkeypatch.setattr("app.db.engine._FRESH_S", 0)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(ask(engine) for _ in range(8)))
        proxy.reset()
        assert await asyncio.gather(*(ask(engine) for _ in range(8))) == [1] * 8


@pytest.mark.parametrize(("fresh_s", "trips"), [(60, 0), (0, 1)])
async def test_a_connection_is_asked_on_loan_unless_it_was_used_a_moment_ago(
    database, monkeypatch, fresh_s, trips
):
    _, engine = database
    monkeypatch.setattr("app.db.engine._FRESH_S", fresh_s)
    sent = []
    async with engine.connect() as connection:
        (await driver_of(connection)).add_query_logger(lambda record: sent.append(record.query))
    assert await ask(engine) == 1
    assert sent.count(";") == trips


async def test_a_client_that_vanishes_in_a_transaction_does_not_keep_its_locks_for_hours(database):
    _, engine = database
    async with engine.connect() as connection:
        for setting, longest in (
            ("idle_in_transaction_session_timeout", 60),
            ("tcp_user_timeout", 60),
            ("tcp_keepalives_idle", 60),
        ):
            shown = await connection.scalar(
                text("SELECT setting::int FROM pg_settings WHERE name = :name"), {"name": setting}
            )
            unit = await connection.scalar(
                text("SELECT unit FROM pg_settings WHERE name = :name"), {"name": setting}
            )
            assert 0 < shown / (1000 if unit == "ms" else 1) <= longest, setting


async def test_a_redis_that_falls_silent_is_given_up(doorbell):
    proxy, redis = doorbell
    proxy.be(Manner.SILENT)
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OUTAGES):
            await redis.ping()
        proxy.be(Manner.HONEST)
        assert await redis.ping()


def test_a_write_right_after_a_reset_is_an_outage(redis_url):
    async def write() -> None:
        redis = await open_redis(redis_url)
        connection = await redis.connection_pool.get_connection()
        # uvloop closes the handle at once and tells its users at the next turn of the loop.
        connection._writer.transport.abort()
        with pytest.raises(OUTAGES):
            await connection.send_command("PING")
        await redis.connection_pool.release(connection)
        assert await redis.ping()
        await redis.aclose()

    uvloop.run(write())


async def test_a_full_redis_is_an_outage_and_no_fault_of_ours(redis_url):
    redis = await open_redis(redis_url)
    before = (await redis.config_get("maxmemory"))["maxmemory"]
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(OUTAGES):
            await Queue(redis).enqueue_calls(1, [(1, 1)])
    finally:
        await redis.config_set("maxmemory", before)
        await redis.aclose()


async def test_the_doorbell_is_heard_whatever_the_clock_says(redis_url):
    redis = await open_redis(redis_url)
    await Queue(redis).enqueue_calls(7, [(1, 1), (2, 1)])
    scores = await redis.zrange(line_queue(7), 0, -1, withscores=True)
    assert {score for _, score in scores} == {1.0}
    assert await redis.pttl(line_queue(7)) > 0, "the queue of a line that nobody buries must go by itself"
    await redis.aclose()


async def test_nothing_is_left_of_the_queue_of_a_line_that_is_gone(redis_url):
    redis = await open_redis(redis_url)
    await Queue(redis).enqueue_calls(8, [(1, 1), (2, 1)])
    before = await redis.keys("*:8:*")
    await Queue(redis).drop_line(8)
    await Queue(redis).drop_line(8)
    assert len(before) == 2
    assert await redis.keys("*:8*") == []
    await redis.aclose()
