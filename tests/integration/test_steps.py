"""The owner of a call's steps on the real table: what the guard lets through, and what it leaves alone."""

from sqlalchemy import select, text

from app.calls.models import Call
from app.calls.state import ALLOWED, CallStatus, guard_of, sources_of
from app.calls.steps import step, step_sql, steps_sql
from tests.factories import make_calls, make_campaign, make_line, make_run


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


async def test_a_step_takes_calls_from_its_states_alone(session):
    for to in CallStatus:
        if sources_of(to):
            async with session.begin_nested() as undone:
                before, _ = await _one_of_each(session)
                await session.execute(step(to, of=sources_of(to)).where(Call.id.in_(before)))
                after = await _now(session)
                assert after == _expected(before, to), to
                await undone.rollback()


async def test_a_step_as_text_takes_calls_from_its_states_alone(session):
    for to in CallStatus:
        if sources_of(to):
            async with session.begin_nested() as undone:
                before, _ = await _one_of_each(session)
                sql = step_sql(f"{to:d}", targets={to}, of=sources_of(to), values={}, rows="chosen")
                await session.execute(
                    text(f"WITH chosen AS (SELECT unnest(CAST(:ids AS bigint[])) AS id) {sql}"),
                    {"ids": list(before)},
                )
                assert await _now(session) == _expected(before, to), to
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
            taken = set(await session.scalars(text(steps_sql({}, same=())), values))
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
    assert not list(await session.scalars(text(steps_sql({}, same=())), values))
