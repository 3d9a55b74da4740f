import asyncio

import pytest
from sqlalchemy import func, select, update

from app.calls.models import Call, Line
from app.calls.state import CallStatus
from app.dispatch.starting import MOST_OF_ONE, runs_to_advance
from app.runs.models import Run
from app.runs.state import QueuePriority, RunState
from app.wiring import open_parts
from tests.factories import NOW, make_account, make_calls, make_campaign, make_line, make_run
from workers.dispatcher import Dispatcher


@pytest.fixture
async def leader(settings, clean_database):
    """A dispatcher that looks when it is told to, and its parts."""
    async with open_parts(settings, application="tests", speech=False) as parts:
        dispatcher = Dispatcher(parts)
        yield dispatcher, parts
        # What a look set going goes on beside it, and must not meet the emptying of the tables.
        await asyncio.gather(*dispatcher._errands.values(), *dispatcher._bells, return_exceptions=True)


async def look(leader, sessions):
    """One look, at lines whose heart has beaten since the last."""
    dispatcher, parts = leader
    async with sessions.begin() as session:
        await session.execute(update(Line).values(heartbeat=Line.heartbeat + 1))
    async with parts.engine.connect() as connection:
        return await dispatcher._look(connection)


async def claimed(sessions):
    async with sessions() as session:
        query = (
            select(Call.run_id, func.count().label("calls"))
            .where(Call.status == CallStatus.CLAIMED)
            .group_by(Call.run_id)
        )
        return {row.run_id: row.calls for row in await session.execute(query)}


async def hang_up(sessions):
    async with sessions.begin() as session:
        await session.execute(
            update(Call)
            .where(Call.status == CallStatus.CLAIMED)
            .values(status=CallStatus.FAILED, ended_at=func.now())
        )


async def make_queued(sessions, calls, **values):
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, calls), **values)
        await make_calls(session, run, [CallStatus.QUEUED] * calls)
    return run


async def test_the_leader_looks_more_often_while_calls_wait_and_most_often_while_only_places_lack(
    leader, sessions
):
    quiet = await look(leader, sessions)
    await make_queued(sessions, 20)
    waiting = await look(leader, sessions)
    async with sessions.begin() as session:
        await make_line(session, cps=10_000, places=5)
    await look(leader, sessions)  # at the first it does not know yet that the line lives
    hurried = await look(leader, sessions)
    assert quiet > waiting > hurried


async def test_a_small_run_is_served_at_the_first_look_beside_anothers_large_one(leader, sessions):
    large = await make_queued(sessions, 300)
    async with sessions.begin() as session:
        await make_line(session, places=10, cps=1000)
    for _ in range(3):
        await look(leader, sessions)
        await hang_up(sessions)
    small = await make_queued(sessions, 10)
    await look(leader, sessions)
    assert await claimed(sessions) == {large.id: 5, small.id: 5}


async def test_high_priority_gets_twice_the_calls_of_normal(leader, sessions):
    normal = await make_queued(sessions, 100)
    high = await make_queued(sessions, 100, queue_priority=QueuePriority.HIGH)
    async with sessions.begin() as session:
        await make_line(session, places=30, cps=1000)
    await look(leader, sessions)
    await look(leader, sessions)
    assert await claimed(sessions) == {normal.id: 10, high.id: 20}


async def test_a_limit_of_calls_at_once_holds_over_looks_and_lets_go_when_it_is_lifted(leader, sessions):
    run = await make_queued(sessions, 50, max_calls=4)
    async with sessions.begin() as session:
        await make_line(session, places=20, cps=1000)
    for _ in range(4):
        await look(leader, sessions)
    assert await claimed(sessions) == {run.id: 4}
    async with sessions.begin() as session:
        await session.execute(update(Run).values(max_calls=None))
    await look(leader, sessions)
    assert await claimed(sessions) == {run.id: 20}


async def make_due(sessions, runs, account_id=None):
    """As many runs that are due, of one call each."""
    async with sessions.begin() as session:
        account_id = account_id or (await make_account(session)).id
        made = []
        for _ in range(runs):
            campaign = await make_campaign(session, 1, account_id=account_id)
            made.append(await make_run(session, campaign, state=RunState.SCHEDULED, services="PHONE"))
        return made


async def test_runs_that_are_due_are_started_by_account_and_some_at_a_time(sessions):
    many = await make_due(sessions, MOST_OF_ONE + 10)
    (other,) = await make_due(sessions, 1)
    async with sessions() as session:
        order = await runs_to_advance(session, NOW)
    assert order[:2] == [many[0].id, other.id]
    assert len(order) == MOST_OF_ONE + 1


async def test_three_hundred_starts_of_one_account_do_not_delay_anothers_first_call(leader, sessions):
    many = await make_due(sessions, 300)
    (other,) = await make_due(sessions, 1)
    dispatcher, _ = leader
    await dispatcher._move_runs()
    for _ in range(10_000):
        await asyncio.sleep(0.001)
        async with sessions() as session:
            written = set(await session.scalars(select(Call.run_id)))
        if other.id in written:
            break
    assert other.id in written
    assert len(written) <= MOST_OF_ONE + 1
    await asyncio.gather(*dispatcher._errands.values())
    while len(written) < len(many) + 1:
        await dispatcher._move_runs()
        await asyncio.gather(*dispatcher._errands.values())
        async with sessions() as session:
            now_written = set(await session.scalars(select(Call.run_id)))
        assert now_written > written
        written = now_written
