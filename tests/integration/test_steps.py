"""The owner of a call's steps on the real table: what the guard lets through, and what it leaves alone."""

from sqlalchemy import select, text

from app.calls.followup import End, Text, after, may_be_followed
from app.calls.models import Call
from app.calls.state import ALLOWED, TERMINAL, CallStatus, Channel, guard_of, sources_of
from app.calls.steps import end, step, step_sql, steps_sql
from app.runs.state import GOING_ON, RunState
from tests.factories import make_calls, make_campaign, make_line, make_run, recipient_ids


async def _one_of_each(session) -> tuple[dict[int, CallStatus], int]:
    run = await make_run(session, await make_campaign(session, recipients=len(CallStatus)))
    line = await make_line(session)
    calls = await make_calls(session, run, list(CallStatus), line_id=line.id)
    assert len(calls) == len(CallStatus)
    return {call.id: call.status for call in calls}, line.id


async def _now(session) -> dict[int, CallStatus]:
    return {row.id: CallStatus(row.status) for row in await session.execute(select(Call.id, Call.status))}


def _expected(before: dict[int, CallStatus], to: CallStatus) -> dict[int, CallStatus]:
    return {call_id: to if to in ALLOWED[status] else status for call_id, status in before.items()}


async def _take(session, to: CallStatus, ids) -> bool:
    chosen = (Call.id.in_(ids),)
    if may_be_followed(to):
        ended = end(to, of=sources_of(to), where=chosen, values={}, going_on=GOING_ON)
        return set(await session.scalars(ended)) < set(ids)
    return (await session.execute(step(to, of=sources_of(to)).where(*chosen))).rowcount < len(ids)


async def test_a_step_takes_calls_from_its_states_alone(session):
    for to in CallStatus:
        if sources_of(to):
            async with session.begin_nested() as undone:
                before, _ = await _one_of_each(session)
                assert await _take(session, to, before)
                assert await _now(session) == _expected(before, to), to
                await undone.rollback()


async def test_a_step_as_text_takes_calls_from_its_states_alone(session):
    for to in CallStatus:
        if sources_of(to):
            async with session.begin_nested() as undone:
                before, _ = await _one_of_each(session)
                sql = step_sql(
                    f"{to:d}", targets={to}, of=sources_of(to), values={}, rows="chosen", going_on=GOING_ON
                )
                chosen = "chosen AS (SELECT unnest(CAST(:ids AS bigint[])) AS id)"
                taken = await session.scalars(
                    text(f"WITH {chosen}, {sql} SELECT id FROM stepped"),  # noqa: S608
                    {"ids": list(before)},
                )
                assert await _now(session) == _expected(before, to), to
                assert set(taken) == {call_id for call_id, status in before.items() if to in ALLOWED[status]}
                await undone.rollback()


async def test_many_steps_at_once_are_each_held_by_their_own_guard(session):
    for to in CallStatus:
        async with session.begin_nested() as undone:
            before, line_id = await _one_of_each(session)
            values = {
                "call_id": list(before),
                "status": [int(to)] * len(before),
                "guard": [guard_of(to)] * len(before),
                "line_id": line_id,
                "in_doubt": False,
            }
            taken = set(await session.scalars(text(steps_sql({}, same=(), going_on=GOING_ON)), values))
            assert taken == {call_id for call_id, status in before.items() if to in ALLOWED[status]}
            assert await _now(session) == _expected(before, to), to
            await undone.rollback()


async def test_another_lines_calls_are_left_alone(session):
    before, line_id = await _one_of_each(session)
    ids = [call_id for call_id, status in before.items() if status is CallStatus.CLAIMED]
    values = {
        "call_id": ids,
        "status": [int(CallStatus.DIALING)],
        "guard": [guard_of(CallStatus.DIALING)],
        "line_id": line_id + 1,
        "in_doubt": False,
    }
    assert not list(await session.scalars(text(steps_sql({}, same=(), going_on=GOING_ON)), values))


async def test_every_end_is_followed_as_the_policy_says(session):
    """Each way to end, by call and by text, in a run of each state, asked for or not: in one statement."""
    line = await make_line(session)
    ends, expected = [], set()
    asked_for = [CallStatus.HUNGUP, CallStatus.FAILED, CallStatus.TERMINATED]
    for state in RunState:
        for asked in (None, [], asked_for):
            campaign = await make_campaign(session, recipients=2 * len(TERMINAL))
            run = await make_run(session, campaign, state=state, failover=asked)
            people = iter(await recipient_ids(session, campaign))
            for channel in Channel:
                for status in TERMINAL:
                    ends.append((run.id, next(people), channel, status))
                    judged = End(channel, status, status in (asked or ()), state in GOING_ON)
                    if after(judged) == Text():
                        expected.add(ends[-1][:2])
    calls = [
        Call(run_id=run_id, recipient_id=who, channel=channel, status=sources_of(status)[-1], line_id=line.id)
        for run_id, who, channel, status in ends
    ]
    session.add_all(calls)
    await session.flush()
    values = {
        "call_id": [call.id for call in calls],
        "status": [int(status) for *_, status in ends],
        "guard": [guard_of(status) for *_, status in ends],
        "line_id": line.id,
        "in_doubt": False,
    }
    assert len(list(await session.scalars(text(steps_sql({}, same=(), going_on=GOING_ON)), values))) == len(
        calls
    )
    queued = await session.execute(
        select(Call.run_id, Call.recipient_id).where(
            Call.channel == Channel.SMS, Call.status == CallStatus.QUEUED
        )
    )
    assert expected
    assert sorted(tuple(row) for row in queued) == sorted(expected)
