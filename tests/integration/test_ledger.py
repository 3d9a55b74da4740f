import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.calls.models import Call
from app.calls.state import CallStatus
from app.core.clock import steady_now
from app.dispatch import dead_lines
from app.line.ledger import Ledger, Step
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run


@pytest.fixture
async def claimed(engine, sessions):
    """A ledger and three calls that its line has claimed."""
    async with sessions.begin() as session:
        campaign = await make_campaign(session)
        run = await make_run(session, campaign)
        line = await make_line(session)
        calls = await make_calls(session, run, [CallStatus.CLAIMED] * 3, line_id=line.id)
    ledger = Ledger(engine, line.id)
    yield ledger, [call.id for call in calls]
    await ledger.close()


async def rows_of(sessions, ids):
    async with sessions() as session:
        found = await session.scalars(select(Call).where(Call.id.in_(ids)).order_by(Call.id))
        return list(found)


async def test_a_call_goes_through_its_life(claimed, sessions):
    ledger, (call_id, *_) = claimed
    dialing = Step(call_id, CallStatus.DIALING, dialed_at=NOW, audio_ms=900, stand_in_voice=True)
    assert await ledger.record(dialing)
    assert await ledger.record(Step(call_id, CallStatus.RINGING, ringing_at=NOW + timedelta(seconds=1)))
    assert await ledger.record(Step(call_id, CallStatus.ANSWERED, answered_at=NOW + timedelta(seconds=2)))
    assert await ledger.record(
        Step(
            call_id,
            CallStatus.COMPLETED,
            reason="played",
            sip_status=200,
            played_ms=900,
            digits="1",
            ended_at=NOW,
        )
    )
    (row,) = await rows_of(sessions, [call_id])
    assert (row.status, row.reason, row.sip_status) == (CallStatus.COMPLETED, "played", 200)
    assert (row.audio_ms, row.played_ms, row.digits) == (900, 900, "1")
    assert row.stand_in_voice
    assert row.answered_at == NOW + timedelta(seconds=2)


async def test_steps_of_one_call_posted_at_once_are_kept_in_order(claimed, sessions):
    ledger, (call_id, *_) = claimed
    steps = [
        Step(call_id, CallStatus.DIALING, dialed_at=NOW),
        Step(call_id, CallStatus.RINGING, ringing_at=NOW),
        Step(call_id, CallStatus.ANSWERED, answered_at=NOW),
        Step(call_id, CallStatus.HUNGUP, reason="callee_hung_up", ended_at=NOW),
    ]
    assert all(await asyncio.gather(*(ledger.post(step) for step in steps)))
    (row,) = await rows_of(sessions, [call_id])
    assert row.status is CallStatus.HUNGUP
    assert row.dialed_at == row.ringing_at == row.answered_at == NOW


async def test_a_write_that_finds_a_call_says_until_when_the_line_was_not_buried(claimed, engine):
    ledger, (call_id, other_id, _) = claimed
    assert await ledger.record(Step(call_id, CallStatus.DIALING, dialed_at=NOW))
    owned_at = ledger.owned_at
    assert 0 < owned_at <= steady_now()
    async with engine.begin() as connection:
        await dead_lines.leave(connection, ledger._line_id, NOW)
    assert not await ledger.record(Step(call_id, CallStatus.RINGING, ringing_at=NOW))
    assert not await ledger.record(Step(other_id, CallStatus.DIALING, dialed_at=NOW))
    assert ledger.owned_at == owned_at


async def test_a_step_that_nobody_waits_for_is_written_with_the_next_that_somebody_does(claimed, monkeypatch):
    monkeypatch.setattr("app.line.ledger.GATHER_S", 600.0)
    ledger, (call_id, other, _) = claimed
    assert await ledger.record(Step(call_id, CallStatus.DIALING, dialed_at=NOW))
    ringing = ledger.post(Step(call_id, CallStatus.RINGING, ringing_at=NOW))
    async with asyncio.timeout(30):
        assert await ledger.record(Step(other, CallStatus.DIALING, dialed_at=NOW))
        assert await ringing


async def test_a_step_that_nobody_waits_for_is_written_soon(claimed):
    ledger, (call_id, *_) = claimed
    async with asyncio.timeout(30):
        assert await ledger.post(Step(call_id, CallStatus.DIALING, dialed_at=NOW))


async def test_a_step_that_comes_twice_does_not_take_the_end_with_it(claimed, sessions):
    ledger, (call_id, *_) = claimed
    assert await ledger.record(Step(call_id, CallStatus.DIALING, dialed_at=NOW))
    ringing = Step(call_id, CallStatus.RINGING, ringing_at=NOW)
    assert await ledger.record(ringing)
    again = ledger.post(ringing)
    assert await ledger.record(Step(call_id, CallStatus.UNANSWERED, reason="declined", ended_at=NOW))
    assert await again
    (row,) = await rows_of(sessions, [call_id])
    assert (row.status, row.reason) == (CallStatus.UNANSWERED, "declined")


async def test_a_step_after_the_end_is_refused_and_changes_nothing(claimed, sessions):
    ledger, (call_id, *_) = claimed
    assert await ledger.record(Step(call_id, CallStatus.FAILED, reason="missing_tag", ended_at=NOW))
    for status in CallStatus:
        assert not await ledger.record(Step(call_id, status, reason="played"))
    (row,) = await rows_of(sessions, [call_id])
    assert (row.status, row.reason) == (CallStatus.FAILED, "missing_tag")


async def test_a_line_that_lost_its_claim_dials_nothing(claimed, sessions):
    ledger, (call_id, *_) = claimed
    async with sessions.begin() as session:
        await session.execute(text("UPDATE calls SET status = 0, line_id = NULL"))
    assert not await ledger.record(Step(call_id, CallStatus.DIALING, dialed_at=NOW))


async def test_another_line_cannot_step_for_this_one(claimed, engine):
    _, (call_id, *_) = claimed
    other = Ledger(engine, line_id=10**9)
    assert not await other.record(Step(call_id, CallStatus.DIALING))
    await other.close()


async def test_one_row_that_the_server_never_takes_does_not_hold_up_the_others(claimed, sessions):
    ledger, ids = claimed
    taken = await asyncio.gather(
        ledger.post(Step(ids[0], CallStatus.FAILED, reason="nul\0inside")),
        ledger.post(Step(ids[1], CallStatus.FAILED, reason="missing_tag")),
    )
    assert taken == [False, True]
    statuses = [row.status for row in await rows_of(sessions, ids)]
    assert statuses == [CallStatus.CLAIMED, CallStatus.FAILED, CallStatus.CLAIMED]


async def test_a_broken_connection_loses_no_step(claimed, sessions, engine):
    ledger, ids = claimed
    killing = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name = 'tests'"
    )
    async with engine.connect() as connection:
        waiting = [ledger.post(Step(call_id, CallStatus.DIALING, dialed_at=NOW)) for call_id in ids]
        await connection.execute(killing)
        assert all(await asyncio.gather(*waiting))
    assert [row.status for row in await rows_of(sessions, ids)] == [CallStatus.DIALING] * 3


async def test_a_commit_that_was_in_doubt_counts_as_taken(claimed, engine):
    ledger, (call_id, *_) = claimed
    assert await ledger.record(Step(call_id, CallStatus.DIALING, dialed_at=NOW))
    entry = ledger._pending  # nothing waits: the row already stands where the step leads
    assert not entry
    from app.calls.state import guard_of
    from app.line.ledger import _Entry

    again = _Entry(Step(call_id, CallStatus.DIALING), guard_of(CallStatus.DIALING), [])
    assert await ledger._write([again], in_doubt=True) == {call_id}
    assert await ledger._write([again], in_doubt=False) == set()
