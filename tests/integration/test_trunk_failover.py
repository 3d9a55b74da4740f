"""Failover between trunks: when a call goes to another, and when it must not."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, func, select, text, update

from app.accounts.models import DialledDay
from app.calls.models import LEASE, REST, Call, Line
from app.calls.state import CallStatus, Channel, LineState
from app.carriers.carrier import Cause, Ended
from app.dispatch import dead_lines, finishing, stopping
from app.dispatch.claiming import claim
from app.dispatch.engine_status import engine_now
from app.dispatch.leader_view import lines_now
from app.dispatch.without_trunk import end_without_trunk
from app.line.trunk_failover import TrunkFailover
from app.local.status import as_dict
from app.runs.models import Run, RunCount
from app.runs.state import RunState
from app.wiring import open_parts
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run
from workers.dispatcher import LEAD_LOCK, Dispatcher

ONE, TWO = "sip:one.example.net", "sip:two.example.net"
UNAVAILABLE = Ended(Cause.REJECTED, sip_status=503, sip_call_id="abc@one")
NOTHING = Ended(Cause.NO_ROUTE)


@pytest.fixture
async def dialled(engine, sessions):
    """A call that a line on trunk one has dialled, and a line on trunk two."""
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 1))
        one, two = [await make_line(session, trunk=trunk) for trunk in (ONE, TWO)]
        (call,) = await make_calls(session, run, [CallStatus.CLAIMED], line_id=one.id)
    async with sessions.begin() as session:
        await change(session, Call, status=CallStatus.DIALING, dialed_at=NOW)
    failover = TrunkFailover(engine, one.id)
    return SimpleNamespace(run=run, one=one, two=two, call_id=call.id, failover=failover)


async def change(session, model, *where, **values):
    await session.execute(update(model).where(*where).values(**values))


async def row(sessions, call_id):
    async with sessions() as session:
        return await session.get_one(Call, call_id)


async def claim_for(engine, line, run):
    async with engine.begin() as connection:
        return (await claim(connection, line_id=line.id, run_id=run.id, calls=5, now=NOW)).calls


async def resting(engine):
    async with engine.connect() as connection:
        return [line.trunk for line in await lines_now(connection) if line.resting]


# -- passed on ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", [UNAVAILABLE, NOTHING])
async def test_a_call_that_its_trunk_did_not_take_is_for_another_trunk_alone(
    dialled, engine, sessions, ended
):
    assert await dialled.failover.pass_on(dialled.call_id, ended)
    call = await row(sessions, dialled.call_id)
    assert (call.status, call.refused_by) == (CallStatus.QUEUED, [ONE])
    # No telephone rang, so it is the same attempt; the trunk's tries are counted apart.
    assert (call.attempt, call.trunk_try) == (1, 2)
    assert (call.line_id, call.dialed_at, call.ended_at) == (None, None, None)
    assert call.sip_status == ended.sip_status
    assert await claim_for(engine, dialled.one, dialled.run) == []
    assert await claim_for(engine, dialled.two, dialled.run) == [(dialled.call_id, 1)]
    taken_over = await row(sessions, dialled.call_id)
    assert (taken_over.sip_status, taken_over.sip_call_id) == (None, None)
    async with sessions() as session:
        counted = await session.execute(select(RunCount.status, RunCount.n).where(RunCount.n != 0))
        assert [tuple(row) for row in counted] == [(int(CallStatus.CLAIMED), 1)]


async def test_a_call_of_a_paused_run_waits_for_its_resumption(dialled, engine, sessions):
    async with sessions.begin() as session:
        await change(session, Run, state=RunState.PAUSED)
    assert await dialled.failover.pass_on(dialled.call_id, UNAVAILABLE)
    assert await claim_for(engine, dialled.two, dialled.run) == []
    async with sessions.begin() as session:
        await change(session, Run, state=RunState.RUNNING)
    assert await claim_for(engine, dialled.two, dialled.run) == [(dialled.call_id, 1)]


async def test_a_call_counts_once_on_its_day_however_many_trunks_dial_it(dialled, engine, sessions):
    async def of_the_day():
        async with sessions() as session:
            return await session.scalar(select(func.sum(DialledDay.calls)))

    assert await of_the_day() == 1
    assert await dialled.failover.pass_on(dialled.call_id, UNAVAILABLE)
    assert await of_the_day() == 0
    await claim_for(engine, dialled.two, dialled.run)
    async with sessions.begin() as session:
        await change(session, Call, status=CallStatus.DIALING, dialed_at=NOW)
    assert await of_the_day() == 1


async def test_passing_on_a_second_time_changes_nothing(dialled, engine, sessions):
    assert await dialled.failover.pass_on(dialled.call_id, NOTHING)
    assert not await dialled.failover.pass_on(dialled.call_id, NOTHING)
    await claim_for(engine, dialled.two, dialled.run)
    async with sessions.begin() as session:
        await change(session, Call, status=CallStatus.DIALING)
        await make_line(session, trunk="sip:three.example.net")
    assert not await dialled.failover.pass_on(dialled.call_id, NOTHING)
    call = await row(sessions, dialled.call_id)
    assert (call.status, call.attempt, call.trunk_try) == (CallStatus.DIALING, 1, 2)
    assert call.line_id == dialled.two.id


# -- not passed on ------------------------------------------------------------------------------------------


async def stays(dialled, sessions, status=CallStatus.DIALING):
    before = await row(sessions, dialled.call_id)
    assert not await dialled.failover.pass_on(dialled.call_id, UNAVAILABLE)
    after = await row(sessions, dialled.call_id)
    assert after.status is status
    assert (after.attempt, after.refused_by, after.line_id) == (1, before.refused_by, dialled.one.id)


@pytest.mark.parametrize("state", [RunState.STOPPING, RunState.TERMINATED])
async def test_a_stop_that_came_first_wins(dialled, sessions, state):
    async with sessions.begin() as session:
        await change(session, Run, state=state)
    await stays(dialled, sessions)


async def test_a_stop_that_comes_with_it_ends_the_call_and_nobody_dials_it(dialled, engine, sessions):
    async with sessions.begin() as stop:
        await change(stop, Run, state=RunState.STOPPING)
        # The stop is not committed yet, and holds nothing that a refused call waits for.
        async with asyncio.timeout(5):
            assert await dialled.failover.pass_on(dialled.call_id, UNAVAILABLE)
    assert await claim_for(engine, dialled.two, dialled.run) == []
    async with sessions() as session:
        assert await stopping.runs_to_end(session) == [dialled.run.id]
    await stopping.end_queued(sessions, dialled.run.id, NOW)
    call = await row(sessions, dialled.call_id)
    assert (call.status, call.reason) == (CallStatus.TERMINATED, "stopped")


async def test_a_line_that_was_buried_meanwhile_passes_nothing_on(dialled, engine, sessions):
    async with engine.begin() as connection:
        assert await dead_lines.declare_gone(connection, dialled.one.id, dialled.one.heartbeat, NOW)
    await stays(dialled, sessions, CallStatus.FAILED)
    assert (await row(sessions, dialled.call_id)).reason == "interrupted"


@pytest.mark.parametrize("status", [CallStatus.RINGING, CallStatus.ANSWERED])
async def test_a_call_whose_phone_rang_is_not_passed_on(dialled, sessions, status):
    async with sessions.begin() as session:
        await change(session, Call, status=status)
    await stays(dialled, sessions, status)


@pytest.mark.parametrize(
    "other",
    [{"trunk": ONE}, {"kind": "smpp"}, {"state": LineState.DRAINING}, {"state": LineState.GONE}],
    ids=["same trunk", "messages", "draining", "gone"],
)
async def test_without_an_open_line_of_another_trunk_the_call_ends_here(dialled, sessions, other):
    async with sessions.begin() as session:
        await change(session, Line, Line.id == dialled.two.id, **other)
    await stays(dialled, sessions)


async def test_a_call_that_every_trunk_refused_ends_with_the_last(dialled, sessions):
    async with sessions.begin() as session:
        await change(session, Call, refused_by=[TWO])
    await stays(dialled, sessions)


# -- rest ---------------------------------------------------------------------------------------------------


async def test_a_trunk_rests_after_two_calls_in_a_row_that_another_took_over(dialled, engine, sessions):
    async def refuse():
        assert await dialled.failover.pass_on(dialled.call_id, UNAVAILABLE)
        async with sessions.begin() as session:
            await change(session, Call, status=CallStatus.DIALING, line_id=dialled.one.id, refused_by=None)

    await refuse()
    dialled.failover.note_taken()
    await refuse()
    assert (await resting(engine), dialled.failover.in_doubt) == ([], False)
    await refuse()
    assert (await resting(engine), dialled.failover.in_doubt) == ([ONE], True)
    dialled.failover.note_taken()
    assert not dialled.failover.in_doubt
    async with engine.connect() as connection:
        shown = as_dict(await engine_now(connection, LEAD_LOCK), {})
    assert [line["resting"] for line in shown["lines"]] == [True, False]


async def test_a_trunk_whose_calls_nobody_takes_over_does_not_rest(dialled, engine, sessions):
    async with sessions.begin() as session:
        await change(session, Line, trunk=ONE)
    for _ in range(3):
        await stays(dialled, sessions)
    assert (await resting(engine), dialled.failover.in_doubt) == ([], False)


@pytest.mark.parametrize("away", [-timedelta(seconds=1), 2 * REST], ids=["over", "a clock jumped back"])
async def test_a_rest_ends(dialled, engine, sessions, away):
    async with sessions.begin() as session:
        await change(session, Line, resting_until=func.now() + away)
    assert await resting(engine) == []


async def test_a_resting_line_gets_nothing(settings, sessions):
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 8))
        one, two = [await make_line(session, cps=1000, trunk=trunk) for trunk in (ONE, TWO)]
        await make_calls(session, run, [CallStatus.QUEUED] * 8)
        await change(session, Line, Line.id == one.id, resting_until=func.now() + REST)
    async with open_parts(settings, application="tests", speech=False) as parts:
        leader = Dispatcher(parts)
        for _ in range(2):  # at the first it does not know yet that the lines live
            async with parts.engine.connect() as connection:
                await leader._look(connection)
            async with sessions.begin() as session:
                await change(session, Line, heartbeat=Line.heartbeat + 1)
        await asyncio.gather(*leader._errands.values(), *leader._bells, return_exceptions=True)
    async with sessions() as session:
        assert set(await session.scalars(select(Call.line_id))) == {two.id}


# -- no trunk left ------------------------------------------------------------------------------------------


@pytest.fixture
async def passed_on(dialled, sessions):
    """A call that waits for trunk two, whose line has left."""
    assert await dialled.failover.pass_on(dialled.call_id, UNAVAILABLE)
    async with sessions.begin() as session:
        await change(session, Line, Line.id == dialled.two.id, state=LineState.GONE)
        await change(session, Line, seen_at=func.now() - 2 * LEASE)
    return dialled


@pytest.mark.parametrize(("sip_status", "reason"), [(503, "trunk_error"), (None, "no_route")])
async def test_a_call_that_no_trunk_is_left_for_ends_with_the_reason_of_the_last(
    passed_on, engine, sessions, sip_status, reason
):
    async with sessions.begin() as session:
        await change(session, Call, sip_status=sip_status)
        await change(session, Run, fanout_done_at=NOW)
    assert await end_without_trunk(engine, NOW) == 1
    call = await row(sessions, passed_on.call_id)
    assert (call.status, call.reason, call.ended_at) == (CallStatus.FAILED, reason, NOW)
    async with sessions.begin() as session:
        assert await finishing.finish_runs(session, NOW) == [passed_on.run.id]


async def test_the_text_that_stands_in_for_a_call_is_queued_when_no_trunk_is_left(
    passed_on, engine, sessions
):
    async with sessions.begin() as session:
        await change(session, Run, failover=[int(CallStatus.FAILED)])
    assert await end_without_trunk(engine, NOW) == 1
    async with sessions() as session:
        waiting = await session.scalars(select(Call.channel).where(Call.status == CallStatus.QUEUED))
        assert list(waiting) == [Channel.SMS]


@pytest.mark.parametrize("state", [LineState.OPEN, LineState.DRAINING])
async def test_a_line_of_another_trunk_is_waited_for(passed_on, engine, sessions, state):
    # Silent since long, for the database was away: only the leader's own count makes a line gone.
    async with sessions.begin() as session:
        await change(session, Line, Line.id == passed_on.two.id, state=state)
    assert await end_without_trunk(engine, NOW) == 0


async def test_a_line_that_has_just_left_may_come_back(passed_on, engine, sessions):
    async with sessions.begin() as session:
        await change(session, Line, Line.id == passed_on.two.id, seen_at=func.now() - LEASE / 2)
    assert await end_without_trunk(engine, NOW) == 0


async def test_calls_of_a_paused_run_and_calls_that_nobody_refused_are_left_alone(
    passed_on, engine, sessions
):
    async with sessions.begin() as session:
        await change(session, Run, state=RunState.PAUSED)
    assert await end_without_trunk(engine, NOW) == 0
    async with sessions.begin() as session:
        await change(session, Run, state=RunState.RUNNING)
        await change(session, Call, refused_by=None)
    assert await end_without_trunk(engine, NOW) == 0


# -- what others pay ----------------------------------------------------------------------------------------


async def test_the_steps_of_other_calls_touch_no_index(engine, sessions):
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 1))
        line = await make_line(session)
        await make_calls(session, run, [CallStatus.CLAIMED], line_id=line.id)
    query = text(
        "SELECT pg_stat_get_xact_tuples_hot_updated(c.oid) FROM pg_class c WHERE c.relname = 'calls'"
    )
    async with engine.begin() as connection:
        before = await connection.scalar(query)
        for status in (CallStatus.DIALING, CallStatus.RINGING, CallStatus.ANSWERED):
            await connection.execute(update(Call).values(status=status))
        assert await connection.scalar(query) - before == 3


async def test_the_look_for_calls_without_a_trunk_reads_none_that_wait_in_a_run(engine, sessions):
    """With the statistics of a time at which every call was over, as they are when a large run begins."""
    many = 2_000
    async with sessions.begin() as session:
        campaign = await make_campaign(session, many)
        earlier = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, earlier, [CallStatus.QUEUED] * many)
    async with sessions.begin() as session:
        await change(session, Call, status=CallStatus.TERMINATED, ended_at=NOW)
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("VACUUM ANALYZE calls"))
    async with sessions.begin() as session:
        await make_calls(session, await make_run(session, campaign), [CallStatus.QUEUED] * many)
    plan = "\n".join(await plan_of(engine, end_without_trunk(engine, NOW)))
    assert "ix_calls_passed_on" in plan
    assert "ix_calls_queued" not in plan
    assert "uq_calls_attempt" not in plan
    assert "Seq Scan on calls" not in plan


async def plan_of(engine, work):
    """How PostgreSQL goes about the one statement of `work`."""
    said = []

    def note(_connection, _cursor, statement, parameters, *_):
        said.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    await work
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    ((statement, parameters),) = said
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        return [line for (line,) in await driver.fetch(f"EXPLAIN {statement}", *parameters)]
