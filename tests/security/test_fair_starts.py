"""An account takes no more than its part: its scheduled runs are counted, and its priority is its operator's."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Account
from app.core.errors import ConflictError
from app.db.engine import make_sessions
from app.dispatch.limits import limit_account, limit_run, read_changes
from app.runs import service
from app.runs.models import Run
from app.runs.orders import BeginOrder
from app.runs.state import QueuePriority
from tests.factories import NOW, make_account, make_campaign, make_run

LATER = NOW + timedelta(days=1)


@pytest.fixture
async def sessions(engine, clean_database):
    return make_sessions(engine)


async def schedule(sessions, account_id, *, at=LATER, most=3):
    async with sessions.begin() as session:
        campaign = await make_campaign(session, 1, account_id=account_id, message="नमस्ते")
        order = BeginOrder(schedule_date=at)
        return await service.begin(session, campaign, order, now=NOW, ring_timeout_s=5, most_scheduled=most)


async def test_scheduled_runs_of_an_account_are_capped_to_the_run_also_when_they_come_at_once(sessions):
    async with sessions.begin() as session:
        account, other = await make_account(session), await make_account(session)
    answers = await asyncio.gather(
        *(schedule(sessions, account.id) for _ in range(8)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, ConflictError)]
    assert {item.code for error in refused for item in error.items} == {"too_many_scheduled_runs"}
    assert len(refused) == 5
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Run)) == 3
    await schedule(sessions, other.id)
    assert (await schedule(sessions, account.id, at=None)).id, "a begin at once is always taken"
    assert (await schedule(sessions, account.id, most=None)).id


async def test_a_priority_above_the_operators_is_taken_as_the_operators(sessions):
    async with sessions.begin() as session:
        account = await make_account(session)
        await limit_account(session, account, read_changes(queue_priority="low"))
    taken = []
    for asked in (None, *QueuePriority):
        async with sessions.begin() as session:
            campaign = await make_campaign(session, 1, account_id=account.id, message="नमस्ते")
            order = BeginOrder(queue_priority=asked)
            taken.append(
                (await service.begin(session, campaign, order, now=NOW, ring_timeout_s=5)).queue_priority
            )
    assert taken == [QueuePriority.LOW] * 4


async def test_a_priority_that_the_operator_lowers_is_lowered_in_runs_under_way(sessions):
    async with sessions.begin() as session:
        account = await make_account(session)
        run = await make_run(session, await make_campaign(session, 1, account_id=account.id))
    async with sessions.begin() as session:
        account = await session.get_one(Account, account.id)
        await limit_account(session, account, read_changes(queue_priority="low"))
    async with sessions.begin() as session:
        assert (await session.get_one(Run, run.id)).queue_priority is QueuePriority.LOW
        await limit_run(session, run.id, read_changes(queue_priority="high"))
    async with sessions() as session:
        assert (await session.get_one(Run, run.id)).queue_priority is QueuePriority.HIGH
