"""The text that stands in for a call is queued once, whichever way the call ended, and never by a stop."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.calls.models import Call, Line
from app.calls.state import CallStatus, Channel, LineState
from app.calls.steps import end
from app.dispatch.claiming import MOST_DAYS, claim
from app.dispatch.dead_lines import declare_gone, interrupt, leave
from app.dispatch.finishing import finish_runs
from app.dispatch.requeue import requeue
from app.dispatch.stopping import end_queued
from app.dispatch.without_trunk import end_without_trunk
from app.line.ledger import Ledger, Step
from app.runs.models import Run, RunCount
from app.runs.service import stop
from app.runs.state import GOING_ON, RunState
from app.runs.stopping import end_at_once
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run

ENDS = [CallStatus.COMPLETED, CallStatus.HUNGUP, CallStatus.UNANSWERED, CallStatus.FAILED]


class Desk:
    """One call of a run that writes after every end, as a test wants to have it."""

    def __init__(self, engine, sessions, run, line) -> None:
        self.engine = engine
        self.sessions = sessions
        self.run = run
        self.line = line

    async def call(self, status, **values):
        async with self.sessions.begin() as session:
            (call,) = await make_calls(session, self.run, [status], **values)
        return call.id

    async def of(self, channel):
        async with self.sessions() as session:
            found = await session.scalars(select(Call).where(Call.channel == channel))
            return found.all()


@pytest.fixture
async def desk(engine, sessions):
    async with sessions.begin() as session:
        campaign = await make_campaign(session, 1)
        run = await make_run(
            session, campaign, sms_message="Hello", failover=[int(status) for status in ENDS]
        )
        line = await make_line(session)
    return Desk(engine, sessions, run, line)


async def _by_the_ledger(desk, *ends):
    call_id = await desk.call(CallStatus.DIALING, line_id=desk.line.id)
    ledger = Ledger(desk.engine, desk.line.id)
    for status in ends:
        assert await ledger.record(Step(call_id, status, ended_at=NOW if status in ENDS else None))
    await ledger.close()
    return ends[-1]


async def _played(desk):
    return await _by_the_ledger(desk, CallStatus.ANSWERED, CallStatus.COMPLETED)


async def _hung_up(desk):
    return await _by_the_ledger(desk, CallStatus.ANSWERED, CallStatus.HUNGUP)


async def _not_answered(desk):
    return await _by_the_ledger(desk, CallStatus.RINGING, CallStatus.UNANSWERED)


async def _refused(desk):
    return await _by_the_ledger(desk, CallStatus.FAILED)


async def _line_declared_gone(desk):
    await desk.call(CallStatus.DIALING, line_id=desk.line.id)
    async with desk.engine.begin() as connection:
        assert await declare_gone(connection, desk.line.id, 0, NOW)
    return CallStatus.FAILED


async def _line_left(desk):
    await desk.call(CallStatus.ANSWERED, line_id=desk.line.id)
    async with desk.engine.begin() as connection:
        await leave(connection, desk.line.id, NOW)
    return CallStatus.FAILED


async def _not_followed_any_more(desk):
    call_id = await desk.call(CallStatus.RINGING, line_id=desk.line.id)
    async with desk.engine.begin() as connection:
        await interrupt(connection, desk.line.id, NOW, [call_id])
    return CallStatus.FAILED


async def _no_trunk_left(desk):
    await desk.call(CallStatus.QUEUED, refused_by=[desk.line.trunk], sip_status=503)
    async with desk.sessions.begin() as session:
        await session.execute(update(Line).values(state=LineState.GONE, seen_at=func.now() - timedelta(1)))
    assert await end_without_trunk(desk.engine, NOW) == 1
    return CallStatus.FAILED


async def _given_up_while_deferred(desk):
    await desk.call(CallStatus.DEFERRED, waiting_for=1, not_before=NOW, gives_up_at=NOW)
    assert await requeue(desk.engine, NOW) == 1
    return CallStatus.FAILED


async def _number_at_its_cap(desk):
    await desk.call(CallStatus.QUEUED, days_waited=MOST_DAYS)
    async with desk.engine.begin() as connection:
        await claim(connection, line_id=desk.line.id, run_id=desk.run.id, calls=1, now=NOW, number_cap=0)
    return CallStatus.FAILED


EVERY_WAY = [
    _played,
    _hung_up,
    _not_answered,
    _refused,
    _line_declared_gone,
    _line_left,
    _not_followed_any_more,
    _no_trunk_left,
    _given_up_while_deferred,
    _number_at_its_cap,
]


@pytest.mark.parametrize("end", EVERY_WAY)
async def test_whichever_way_a_call_ends_its_text_is_queued_once(desk, end):
    status = await end(desk)
    (call,) = await desk.of(Channel.VOICE)
    assert (call.status, call.ended_at) == (status, NOW)
    (written,) = await desk.of(Channel.SMS)
    assert (written.status, written.recipient_id, written.attempt) == (
        CallStatus.QUEUED,
        call.recipient_id,
        1,
    )
    async with desk.sessions() as session:
        counted = await session.execute(
            select(RunCount.channel, RunCount.status, RunCount.n).where(RunCount.n != 0)
        )
        assert sorted(tuple(row) for row in counted) == [
            (Channel.VOICE, status, 1),
            (Channel.SMS, CallStatus.QUEUED, 1),
        ]


@pytest.mark.parametrize("end", EVERY_WAY)
async def test_an_end_that_was_not_asked_for_writes_nothing(desk, end):
    async with desk.sessions.begin() as session:
        await session.execute(update(Run).values(failover=[]))
    await end(desk)
    assert await desk.of(Channel.SMS) == []


@pytest.mark.parametrize("end", [_played, _refused, _line_declared_gone, _not_followed_any_more])
async def test_a_call_that_ends_while_its_run_is_being_stopped_writes_nothing(desk, end):
    async with desk.sessions.begin() as session:
        await session.execute(update(Run).values(state=RunState.STOPPING))
    await end(desk)
    assert await desk.of(Channel.SMS) == []


@pytest.mark.parametrize(
    ("status", "values"),
    [(CallStatus.QUEUED, {}), (CallStatus.CLAIMED, {}), (CallStatus.DEFERRED, {"waiting_for": 1})],
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_what_a_stop_ends_is_not_written_to(desk, status, values, at_once):
    line_id = desk.line.id if status is CallStatus.CLAIMED else None
    await desk.call(status, line_id=line_id, **values)
    async with desk.sessions.begin() as session:
        await session.execute(update(Run).values(state=RunState.STOPPING))
        ended = await end_at_once(session, desk.run.id, NOW) if at_once else False
    if not ended:
        await end_queued(desk.sessions, desk.run.id, NOW)
    (call,) = await desk.of(Channel.VOICE)
    assert call.status is CallStatus.TERMINATED
    assert await desk.of(Channel.SMS) == []


@pytest.mark.parametrize("status", [CallStatus.QUEUED, CallStatus.DIALING])
async def test_a_text_whose_call_ends_while_a_stop_commits_ends_with_its_run(desk, status):
    held = status is not CallStatus.QUEUED
    call_id = await desk.call(status, line_id=desk.line.id if held else None)
    ended = end(
        CallStatus.FAILED,
        of={status},
        where=(Call.id == call_id,),
        values={"ended_at": NOW},
        going_on=GOING_ON,
    )
    async with desk.engine.begin() as connection:
        assert (await connection.scalars(ended)).all() == [call_id]
        async with desk.sessions.begin() as session:
            stopped = await stop(session, desk.run.account_id, desk.run.campaign_id, now=NOW)
            assert stopped.state is RunState.STOPPING
        async with desk.sessions.begin() as session:
            assert await finish_runs(session, NOW) == []
    assert [text.status for text in await desk.of(Channel.SMS)] == [CallStatus.QUEUED]
    await end_queued(desk.sessions, desk.run.id, NOW)
    async with desk.sessions.begin() as session:
        assert await finish_runs(session, NOW) == [desk.run.id]
    assert [text.status for text in await desk.of(Channel.SMS)] == [CallStatus.TERMINATED]
