import asyncio

import pytest
from sqlalchemy import func, select, text, update

from app.calls.models import Call
from app.dispatch import fan_out
from app.dispatch.claiming import claim
from app.runs.models import Run
from app.runs.state import RunState
from tests.factories import NOW, make_campaign, make_line, make_run

_WAITS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def until_it_waits(watching):
    async with asyncio.timeout(30):
        while not await watching.scalar(_WAITS):
            await watching.rollback()


async def test_a_claim_and_a_fan_out_of_the_same_run_never_wait_for_each_other_in_a_circle(engine, sessions):
    async with sessions.begin() as session:
        line = await make_line(session)
        run = await make_run(session, await make_campaign(session, 300), fanout_until=2**62)
    assert await fan_out.fan_out_chunk(sessions, run.id, NOW)
    async with engine.begin() as claiming, engine.connect() as watching:
        await claiming.execute(select(Run.id).where(Run.id == run.id).with_for_update(read=True))
        chunk = asyncio.create_task(fan_out.fan_out_chunk(sessions, run.id, NOW))
        await until_it_waits(watching)
        claims = await claim(claiming, line_id=line.id, run_id=run.id, calls=3, now=NOW)
        assert len(claims.calls) == 3
    assert not await chunk
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Call)) == 300
        assert (await session.get_one(Run, run.id)).fanout_done_at == NOW


@pytest.mark.parametrize(("state", "written"), [(RunState.STOPPING, 200), (RunState.PAUSED, 300)])
async def test_an_order_that_comes_while_a_chunk_is_written_decides_whether_it_stays(
    engine, sessions, state, written
):
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 300), fanout_until=2**62)
    assert await fan_out.fan_out_chunk(sessions, run.id, NOW)
    async with engine.begin() as order, engine.connect() as watching:
        await order.execute(update(Run).values(state=state))
        chunk = asyncio.create_task(fan_out.fan_out_chunk(sessions, run.id, NOW))
        await until_it_waits(watching)
    assert not await chunk
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Call)) == written
        assert bool((await session.get_one(Run, run.id)).fanout_done_at) is (written == 300)
