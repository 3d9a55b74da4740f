"""A phone rings for one call at a time, and a number is called so many times a day at most, whoever calls it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.calls.models import Call
from app.calls.state import HELD, CallStatus, Channel, WaitingFor
from app.core.clock import midnight_after
from app.dispatch import finishing, stopping
from app.dispatch.claiming import MOST_DAYS, RINGS_ON, claim
from app.dispatch.dead_lines import declare_gone, return_claims
from app.dispatch.leader_view import waiting_runs
from app.dispatch.requeue import requeue
from app.recipients.models import Recipient
from app.runs.models import Run
from app.runs.state import RunState
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run

Q, D, C = CallStatus.QUEUED, CallStatus.DEFERRED, CallStatus.CLAIMED


@pytest.fixture
async def line(sessions):
    async with sessions.begin() as session:
        return await make_line(session, places=1000)


async def make_queued(sessions, recipients=1, **values):
    """A run of an account of its own, to the same numbers as every other."""
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, recipients))
        await make_calls(session, run, [Q] * recipients, **values)
    return run


async def claim_all(engine, run, line, *, cap=None, now=NOW, calls=100, channel=Channel.VOICE):
    async with engine.begin() as connection:
        return await claim(
            connection, line_id=line.id, run_id=run.id, channel=channel, calls=calls, now=now, number_cap=cap
        )


async def calls_of(sessions, run):
    async with sessions() as session:
        return (await session.scalars(select(Call).where(Call.run_id == run.id).order_by(Call.id))).all()


async def end_all(sessions, status=CallStatus.COMPLETED, **values):
    async with sessions.begin() as session:
        await session.execute(
            update(Call)
            .where(Call.status.in_(HELD))
            .values({"status": status, "dialed_at": NOW, "ended_at": NOW, "reason": "played", **values})
        )


# -- one at a time ------------------------------------------------------------------------------------------


async def test_a_number_in_progress_is_not_claimed_for_another_campaign_or_account(engine, sessions, line):
    first, second = await make_queued(sessions), await make_queued(sessions)
    assert len((await claim_all(engine, first, line)).calls) == 1
    claimed = await claim_all(engine, second, line)
    assert (claimed.calls, claimed.put_aside) == ([], 1)
    (waiting,) = await calls_of(sessions, second)
    assert (waiting.status, waiting.waiting_for, waiting.not_before) == (D, WaitingFor.NUMBER_BUSY, None)
    assert await requeue(engine, NOW) == 0
    await end_all(sessions)
    assert await requeue(engine, NOW) == 1
    assert len((await claim_all(engine, second, line)).calls) == 1


async def test_what_waits_takes_nobodys_turn(engine, sessions, line):
    first, second = await make_queued(sessions, 3), await make_queued(sessions, 6)
    await claim_all(engine, first, line)
    claimed = await claim_all(engine, second, line, calls=4)
    assert (len(claimed.calls), claimed.put_aside) == (1, 3)
    assert len((await claim_all(engine, second, line, calls=4)).calls) == 2


async def test_claims_at_once_of_thirty_runs_call_a_number_once(engine, sessions, line):
    runs = [await make_queued(sessions, 2) for _ in range(30)]
    for _ in range(3):
        claims = await asyncio.gather(*(claim_all(engine, run, line) for run in runs))
        assert sum(len(claimed.calls) for claimed in claims) == 2
        await end_all(sessions)
        assert await requeue(engine, NOW) == 2, "of those that wait for one number, one goes on"
    async with sessions() as session:
        statuses = select(Call.status, func.count()).group_by(Call.status)
        counted = dict((await session.execute(statuses)).all())
    assert counted == {CallStatus.COMPLETED: 6, Q: 2, D: 52}


async def test_a_number_cannot_be_in_progress_twice_even_when_a_claim_is_not_judged(engine, sessions, line):
    first, second = await make_queued(sessions), await make_queued(sessions)
    await claim_all(engine, first, line)
    (held,) = await calls_of(sessions, first)
    with pytest.raises(IntegrityError):
        async with sessions.begin() as session:
            await session.execute(
                update(Call)
                .where(Call.run_id == second.id)
                .values(status=C, line_id=line.id, number=held.number)
            )


async def test_the_same_number_twice_in_one_run_is_called_one_after_the_other(engine, sessions, line):
    run = await make_queued(sessions)
    async with sessions.begin() as session:
        again = insert(Recipient).values(
            campaign_id=run.campaign_id,
            number="+9779800000000",
            national="9800000000",
            deleted_at=NOW,
        )
        recipient = await session.scalar(again.returning(Recipient.id))
        session.add(Call(run_id=run.id, recipient_id=recipient, status=Q))
    claimed = await claim_all(engine, run, line)
    assert (len(claimed.calls), claimed.put_aside) == (1, 1)


async def test_a_claim_that_goes_back_to_the_queue_frees_its_number(engine, sessions, line):
    first, second = await make_queued(sessions), await make_queued(sessions)
    await claim_all(engine, first, line)
    async with engine.begin() as connection:
        await return_claims(connection, line.id)
    assert len((await claim_all(engine, second, line)).calls) == 1
    assert (await claim_all(engine, first, line)).put_aside == 1


async def test_a_number_whose_line_was_lost_rests_as_long_as_its_phone_may_ring(engine, sessions, line):
    first, second = await make_queued(sessions), await make_queued(sessions)
    await claim_all(engine, first, line)
    async with sessions.begin() as session:
        await session.execute(update(Call).where(Call.status == C).values(status=CallStatus.RINGING))
    async with engine.begin() as connection:
        assert await declare_gone(connection, line.id, line.heartbeat, NOW)
    async with sessions.begin() as session:
        other = await make_line(session)
    assert (await claim_all(engine, second, other)).put_aside == 1
    (waiting,) = await calls_of(sessions, second)
    assert (waiting.waiting_for, waiting.not_before) == (WaitingFor.NUMBER_BUSY, NOW + RINGS_ON)
    assert await requeue(engine, NOW) == 0
    assert await requeue(engine, NOW + RINGS_ON) == 1
    assert len((await claim_all(engine, second, other, now=NOW + RINGS_ON)).calls) == 1


async def test_a_text_does_not_wait_for_a_call_to_its_number(engine, sessions, line):
    first = await make_queued(sessions)
    second = await make_queued(sessions, channel=Channel.SMS)
    await claim_all(engine, first, line, cap=1)
    assert len((await claim_all(engine, second, line, channel=Channel.SMS, cap=1)).calls) == 1


# -- so many a day ------------------------------------------------------------------------------------------


async def call_times(engine, sessions, line, times, *, now=NOW, **end):
    """As many finished calls to the first number, each of another account."""
    for _ in range(times):
        run = await make_queued(sessions)
        assert len((await claim_all(engine, run, line, now=now)).calls) == 1
        await end_all(sessions, **{"dialed_at": now, "ended_at": now, **end})


async def test_over_the_cap_of_a_number_its_call_waits_for_the_next_day_in_kathmandu(engine, sessions, line):
    await call_times(engine, sessions, line, 2)
    run = await make_queued(sessions, 2)
    claimed = await claim_all(engine, run, line, cap=2)
    assert (len(claimed.calls), claimed.put_aside) == (1, 1), "other numbers of the run are called"
    waiting, _ = await calls_of(sessions, run)
    tomorrow = midnight_after(NOW)
    assert (waiting.status, waiting.waiting_for, waiting.not_before) == (D, WaitingFor.NUMBER_CAP, tomorrow)
    assert await requeue(engine, tomorrow - timedelta(seconds=1)) == 0
    assert await requeue(engine, tomorrow) == 1
    assert len((await claim_all(engine, run, line, cap=2, now=tomorrow)).calls) == 1


async def test_the_day_of_a_number_ends_at_midnight_in_kathmandu_and_counts_when_it_was_dialled(
    engine, sessions, line
):
    midnight = midnight_after(NOW)
    before, after = midnight - timedelta(seconds=1), midnight + timedelta(seconds=1)
    await call_times(engine, sessions, line, 2, now=before)
    await call_times(engine, sessions, line, 1, now=before, dialed_at=after, ended_at=after)
    run = await make_queued(sessions)
    assert (await claim_all(engine, run, line, cap=1, now=after)).put_aside == 1
    assert await requeue(engine, midnight_after(after)) == 1
    async with sessions.begin() as session:
        await session.execute(update(Call).where(Call.run_id == run.id).values(days_waited=None))
    assert len((await claim_all(engine, run, line, cap=2, now=after)).calls) == 1


@pytest.mark.parametrize(
    ("end", "counts"),
    [
        ({"status": CallStatus.FAILED, "sip_status": 503, "reason": "trunk_error"}, False),
        ({"status": CallStatus.FAILED, "dialed_at": None, "reason": "missing_tag"}, False),
        ({"status": CallStatus.FAILED, "sip_status": 503, "ringing_at": NOW}, True),
        ({"status": CallStatus.UNANSWERED, "sip_status": 486, "reason": "busy"}, True),
        ({"status": CallStatus.FAILED, "reason": "no_route"}, True),
    ],
)
async def test_calls_that_may_have_rung_count_on_their_numbers_day(engine, sessions, line, end, counts):
    await call_times(engine, sessions, line, 1, **end)
    claimed = await claim_all(engine, await make_queued(sessions), line, cap=1)
    assert claimed.put_aside == counts


async def test_a_call_waits_ten_days_for_its_number_and_then_fails_with_a_reason(engine, sessions, line):
    run = await make_queued(sessions)
    now = NOW
    for _ in range(MOST_DAYS):
        await call_times(engine, sessions, line, 1, now=now)
        assert (await claim_all(engine, run, line, cap=1, now=now)).put_aside == 1
        assert (await calls_of(sessions, run))[0].status is D
        now = midnight_after(now)
        assert await requeue(engine, now) == 1
    await call_times(engine, sessions, line, 1, now=now)
    assert (await claim_all(engine, run, line, cap=1, now=now)).put_aside == 1
    (call,) = await calls_of(sessions, run)
    assert (call.status, call.reason, call.ended_at) == (CallStatus.FAILED, "number_cap", now)


async def test_claims_at_once_hold_the_cap_to_the_call(engine, sessions, line):
    runs = [await make_queued(sessions) for _ in range(12)]
    dialled = 0
    for _ in range(6):
        claims = await asyncio.gather(*(claim_all(engine, run, line, cap=3) for run in runs))
        dialled += sum(len(claimed.calls) for claimed in claims)
        await end_all(sessions)
        await requeue(engine, NOW)
    assert dialled == 3


# -- orders meanwhile ---------------------------------------------------------------------------------------


async def test_a_stop_ends_what_waits_for_its_number(engine, sessions, line):
    first, second = await make_queued(sessions), await make_queued(sessions)
    await claim_all(engine, first, line)
    await claim_all(engine, second, line)
    async with sessions.begin() as session:
        await session.execute(update(Run).where(Run.id == second.id).values(state=RunState.STOPPING))
        assert await stopping.runs_to_end(session) == [second.id]
    await stopping.end_queued(sessions, second.id, NOW)
    (call,) = await calls_of(sessions, second)
    assert (call.status, call.reason, call.waiting_for) == (CallStatus.TERMINATED, "stopped", None)
    await end_all(sessions)
    assert await requeue(engine, NOW) == 0
    async with sessions.begin() as session:
        assert second.id in await finishing.finish_runs(session, NOW)


async def test_a_paused_run_keeps_no_other_from_its_number(engine, sessions, line):
    first, paused, third = [await make_queued(sessions) for _ in range(3)]
    for run in (first, paused, third):
        await claim_all(engine, run, line)
    async with sessions.begin() as session:
        await session.execute(update(Run).where(Run.id == paused.id).values(state=RunState.PAUSED))
    await end_all(sessions)
    assert await requeue(engine, NOW) == 1
    assert await requeue(engine, NOW) == 1
    assert len((await claim_all(engine, third, line)).calls) == 1


async def test_a_run_whose_calls_wait_is_not_over_and_asks_the_pacer_for_nothing(engine, sessions, line):
    first, second = await make_queued(sessions), await make_queued(sessions)
    async with sessions.begin() as session:
        await session.execute(update(Run).values(fanout_done_at=NOW))
    await claim_all(engine, first, line)
    await claim_all(engine, second, line)
    async with engine.connect() as connection:
        assert (await waiting_runs(connection))[Channel.VOICE] == []
    async with sessions.begin() as session:
        assert await finishing.finish_runs(session, NOW) == []
