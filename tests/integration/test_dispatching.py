import asyncio

import pytest
from sqlalchemy import func, select, update

from app.calls.models import Call, Line
from app.calls.state import CallStatus, Channel, LineState
from app.dispatch.claiming import claim
from app.dispatch.dead_lines import declare_gone, interrupt, leave, return_claims
from app.dispatch.leader_view import lines_now, waiting_runs
from app.dispatch.lines import LineTerms, beat, held_besides, open_line, set_state
from app.runs.models import Run, RunCount
from app.runs.state import RunState
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run


@pytest.fixture
async def queued(sessions):
    """A running run with 20 queued calls, and a line."""
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 20))
        line = await make_line(session)
        await make_calls(session, run, [CallStatus.QUEUED] * 20)
    return run, line


async def claim_some(engine, run, line, calls):
    async with engine.begin() as connection:
        return (await claim(connection, line_id=line.id, run_id=run.id, calls=calls, now=NOW)).calls


async def statuses(sessions, run):
    async with sessions() as session:
        rows = await session.execute(
            select(Call.status, func.count()).where(Call.run_id == run.id).group_by(Call.status)
        )
        counted = {status.name: n for status, n in rows}
        kept = await session.execute(select(RunCount).where(RunCount.run_id == run.id, RunCount.n != 0))
        # The trigger's counts are the truth's at every look.
        assert {CallStatus(row.status).name: row.n for row in kept.scalars()} == counted
    return counted


async def test_claims_at_once_never_take_a_call_twice(engine, queued):
    run, line = queued
    taken = await asyncio.gather(*(claim_some(engine, run, line, 3) for _ in range(10)))
    ids = [call_id for claims in taken for call_id, _ in claims]
    assert len(ids) == len(set(ids)) == 20


async def test_a_claim_leaves_counts_right(engine, sessions, queued):
    run, line = queued
    await claim_some(engine, run, line, 5)
    assert await statuses(sessions, run) == {"QUEUED": 15, "CLAIMED": 5}
    async with engine.connect() as connection:
        (view,) = await lines_now(connection)
        (waiting,) = (await waiting_runs(connection))[Channel.VOICE]
    assert (view.held, view.state) == (5, LineState.OPEN)
    assert waiting.queued == 15


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.RUNNING])
async def test_only_a_running_run_is_claimed_from(engine, sessions, queued, state):
    run, line = queued
    async with sessions.begin() as session:
        await session.execute(update(Run).values(state=state))
    assert await claim_some(engine, run, line, 5) == []


@pytest.mark.parametrize("state", [LineState.DRAINING, LineState.GONE])
async def test_a_draining_line_gets_nothing(engine, queued, state):
    run, line = queued
    async with engine.begin() as connection:
        await set_state(connection, line.id, state)
    assert await claim_some(engine, run, line, 5) == []


async def test_a_silent_line_gives_back_claims_and_interrupts_what_it_dialled(engine, sessions):
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 6))
        line = await make_line(session)
        held = [
            CallStatus.CLAIMED,
            CallStatus.DIALING,
            CallStatus.RINGING,
            CallStatus.ANSWERED,
            CallStatus.COMPLETED,
        ]
        await make_calls(session, run, held, line_id=line.id)
    async with engine.begin() as connection:
        assert await declare_gone(connection, line.id, line.heartbeat, NOW)
    assert await statuses(sessions, run) == {"QUEUED": 1, "FAILED": 3, "COMPLETED": 1}
    async with sessions() as session:
        reasons = await session.scalars(select(Call.reason).where(Call.status == CallStatus.FAILED))
        assert set(reasons) == {"interrupted"}
        freed = await session.scalar(select(Call).where(Call.status == CallStatus.QUEUED))
        assert freed.line_id is None
    async with engine.begin() as connection:
        assert not await beat(connection, line.id)


async def test_a_line_whose_heart_beat_after_all_is_not_buried(engine, queued):
    run, line = queued
    await claim_some(engine, run, line, 2)
    async with engine.begin() as connection:
        assert await beat(connection, line.id)
        assert not await declare_gone(connection, line.id, line.heartbeat, NOW)
        (view,) = await lines_now(connection)
    assert (view.state, view.held, view.heartbeat) == (LineState.OPEN, 2, 1)


async def test_claims_that_nobody_has_in_hand_are_found_by_their_line(engine, queued):
    run, line = queued
    claims = await claim_some(engine, run, line, 3)
    in_hand = claims[0][0]
    async with engine.connect() as connection:
        besides = await held_besides(connection, line.id, [in_hand])
    assert sorted(besides) == sorted((*claim, CallStatus.CLAIMED) for claim in claims[1:])


async def test_what_a_line_began_and_follows_no_more_is_found_and_ended_alone(engine, sessions, queued):
    run, line = queued
    (lost, attempt), (in_hand, _) = await claim_some(engine, run, line, 2)
    async with engine.begin() as connection:
        await connection.execute(
            update(Call).where(Call.line_id == line.id).values(status=CallStatus.RINGING)
        )
        besides = await held_besides(connection, line.id, [in_hand])
        assert besides == [(lost, attempt, CallStatus.RINGING)]
        await interrupt(connection, line.id, NOW, [lost])
    assert await statuses(sessions, run) == {"QUEUED": 18, "RINGING": 1, "FAILED": 1}


async def test_a_line_that_leaves_holds_nothing_more(engine, sessions, queued):
    run, _ = queued
    async with engine.begin() as connection:
        line_id = await open_line(connection, LineTerms("sip", "sip:127.0.0.1", 10, 20.0), host="test", pid=1)
        claims = (await claim(connection, line_id=line_id, run_id=run.id, calls=4, now=NOW)).calls
        await connection.execute(
            update(Call).where(Call.id == claims[0][0]).values(status=CallStatus.ANSWERED)
        )
    async with engine.begin() as connection:
        await leave(connection, line_id, NOW)
    assert await statuses(sessions, run) == {"QUEUED": 19, "FAILED": 1}
    async with sessions() as session:
        assert await session.scalar(select(Line.state).where(Line.id == line_id)) == LineState.GONE


async def test_a_drain_gives_back_what_was_not_dialled(engine, sessions, queued):
    run, line = queued
    await claim_some(engine, run, line, 4)
    async with engine.begin() as connection:
        assert await return_claims(connection, line.id) == 4
    assert await statuses(sessions, run) == {"QUEUED": 20}
