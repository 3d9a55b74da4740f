"""A database that forgot calls calls nobody by itself: its runs wait for a person."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from rich.console import Console

from app.core.clock import SystemClock
from app.core.errors import ConflictError
from app.core.settings import Settings
from app.dispatch.engine_status import engine_now
from app.dispatch.starting import advance
from app.local.status import tables
from app.runs import service
from app.runs.models import Run
from app.runs.state import RunState
from app.wiring import Parts, open_parts
from workers.copy_watch import CopyWatch
from workers.dispatcher import LEAD_LOCK

_RUNS = """
INSERT INTO accounts (id, email, username, password_hash) VALUES (1, 'a@example.com', 'a', '');
INSERT INTO campaigns (id, account_id, name, services, voice_input)
SELECT n, 1, 'c', 'PHONE', 'np_rija' FROM generate_series(0, 5) AS n;
INSERT INTO recipients (campaign_id, number, national, tags) VALUES (0, '+9779800000000', '9800000000', '{}');
INSERT INTO runs (id, campaign_id, account_id, state, services, voice_input, first, ring_timeout_s, recipients,
                  scheduled_for, started_at)
SELECT n, n, 1, n, 'PHONE', 'np_rija', 'message', 5, 1, now() - interval '1 hour',
       CASE WHEN n > 0 THEN now() END FROM generate_series(0, 5) AS n;
INSERT INTO lines (id, kind, trunk, places, cps, host, pid) VALUES (7, 'sip', 'sip:127.0.0.1:1', 9, 9, 'h', 1);
INSERT INTO calls (run_id, recipient_id, status, line_id) VALUES (1, 1, 1, 7), (1, 2, 2, 7), (1, 3, 0, NULL);
"""


@pytest.fixture
async def parts(settings: Settings, clean_database: str) -> AsyncIterator[Parts]:
    connection = await asyncpg.connect(clean_database)
    await connection.execute(_RUNS)
    await connection.close()
    async with open_parts(settings, application="tests", speech=False) as opened:
        yield opened


async def _run(parts: Parts, run_id: int) -> Run:
    async with parts.sessions() as session:
        return await session.get(Run, run_id)


async def _states(parts: Parts) -> list[RunState]:
    return [(await _run(parts, n)).state for n in range(6)]


async def _do(parts: Parts, statement: str) -> None:
    async with parts.engine.begin() as connection:
        await connection.exec_driver_sql(statement)


async def _restored(parts: Parts) -> None:
    await CopyWatch(parts).step()
    await _do(parts, "UPDATE installation SET restored_from = '2026-11-30T13:20:00Z'")
    await CopyWatch(parts).step()


async def test_an_epoch_that_grows_in_step_holds_nothing(parts: Parts) -> None:
    before = await _states(parts)
    for _ in range(3):
        await CopyWatch(parts).step()
    assert await _states(parts) == before


async def test_a_database_behind_the_queue_pauses_everything_and_says_why(parts: Parts) -> None:
    watch = CopyWatch(parts)
    await watch.step()
    await watch.step()
    await _do(parts, "UPDATE installation SET epoch = epoch - 1")
    await watch.step()
    over = [RunState.STOPPING, RunState.COMPLETED, RunState.TERMINATED]
    assert await _states(parts) == [*[RunState.PAUSED] * 3, *over]
    why = [(await _run(parts, n)).held_why for n in range(6)]
    assert all("epoch is 1, the queue server has seen 2" in sentence for sentence in why[:3])
    assert why[3:] == [None, None, None]
    async with parts.engine.connect() as connection:
        calls = await connection.exec_driver_sql("SELECT status, line_id FROM calls ORDER BY recipient_id")
        assert list(calls) == [(0, None), (2, 7), (0, None)]


async def test_status_says_why_runs_are_paused(parts: Parts) -> None:
    await _restored(parts)
    async with parts.engine.connect() as connection:
        now = await engine_now(connection, LEAD_LOCK)
    console = Console(width=400)
    with console.capture() as shown:
        console.print(tables(now, {}))
    assert (
        shown.get().count("Paused by the service itself: This run comes from a backup of 2026-11-30 19:05")
        == 1
    )


async def test_who_resumes_is_not_paused_again(parts: Parts) -> None:
    await _do(parts, "UPDATE installation SET epoch = 0")
    watch = CopyWatch(parts)
    await watch.step()
    await _do(parts, "UPDATE installation SET epoch = 0")
    await watch.step()
    async with parts.sessions.begin() as session:
        await service.resume(session, 1, 1)
    await watch.step()
    assert (await _run(parts, 1)).state is RunState.RUNNING


async def test_an_emptied_queue_server_holds_nothing(parts: Parts) -> None:
    watch = CopyWatch(parts)
    await watch.step()
    before = await _states(parts)
    await parts.redis.flushall()
    await watch.step()
    assert await _states(parts) == before


async def test_the_queue_of_another_service_says_nothing(parts: Parts) -> None:
    watch = CopyWatch(parts)
    await watch.step()
    await watch.step()
    before = await _states(parts)
    await _do(parts, "UPDATE installation SET epoch = 0, uuid = gen_random_uuid()")
    await watch.step()
    assert await _states(parts) == before


async def test_a_restored_database_holds_its_runs_until_a_person_says_what_becomes_of_each(
    parts: Parts,
) -> None:
    await _restored(parts)
    assert "backup of 2026-11-30 19:05 (Asia/Kathmandu)" in ((await _run(parts, 1)).held_why or "")
    async with parts.sessions.begin() as session:
        assert (await service.resume(session, 1, 1)).state is RunState.RUNNING
        stopped = await service.stop(session, 1, 2, now=SystemClock().now())
        assert stopped.state is RunState.TERMINATED
        # Due long ago: it starts when a person says so and no sooner.
        assert (await service.resume(session, 1, 0)).state is RunState.SCHEDULED
    assert [(await _run(parts, n)).held_why for n in range(3)] == [None, None, None]


async def test_a_held_run_that_had_not_started_writes_no_calls(parts: Parts) -> None:
    await _restored(parts)
    await advance(parts.sessions, 0, SystemClock().now() + timedelta(days=1))
    async with parts.engine.connect() as connection:
        assert list(await connection.exec_driver_sql("SELECT count(*) FROM calls WHERE run_id = 0")) == [(0,)]


async def test_a_person_pauses_what_runs_and_nothing_else(parts: Parts) -> None:
    async with parts.sessions() as session:
        with pytest.raises(ConflictError, match="cannot pause"):
            await service.pause(session, 1, 0)
