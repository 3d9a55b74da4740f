"""Writes whose fate is unknown, and lines that were buried meanwhile."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.calls.models import Call
from app.calls.state import CallStatus
from app.db.engine import make_sessions
from app.dispatch import dead_lines
from app.line.ledger import Step
from chaos.scripted import ShakyLedger
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run


@pytest.fixture
async def held(engine, clean_database):
    """A line's ledger behind a shaky network, and a call that the line has claimed."""
    async with make_sessions(engine).begin() as session:
        run = await make_run(session, await make_campaign(session, 1))
        line = await make_line(session)
        (call,) = await make_calls(session, run, [CallStatus.CLAIMED], line_id=line.id)
    ledger = ShakyLedger(engine, line.id)
    yield ledger, line, call.id
    ledger.flowing.set()
    await ledger.close()


async def row(engine, call_id):
    async with engine.connect() as connection:
        return (await connection.execute(select(Call.status, Call.reason).where(Call.id == call_id))).one()


async def declare_gone(engine, line):
    async with engine.begin() as connection:
        assert await dead_lines.declare_gone(connection, line.id, line.heartbeat, NOW)


async def test_a_commit_whose_answer_was_lost_counts_as_taken(held, engine):
    ledger, _, call_id = held
    ledger.losing = 1
    assert await ledger.record(Step(call_id, CallStatus.DIALING, dialed_at=NOW))
    assert (await row(engine, call_id)).status is CallStatus.DIALING


async def test_a_result_in_doubt_does_not_write_over_what_a_burial_said(held, engine):
    ledger, line, call_id = held
    assert await ledger.record(Step(call_id, CallStatus.DIALING, dialed_at=NOW))
    ledger.flowing.clear()
    result = ledger.post(
        Step(call_id, CallStatus.FAILED, reason="refused", ended_at=NOW + timedelta(seconds=1))
    )
    await asyncio.sleep(0)
    await declare_gone(engine, line)
    ledger.losing = 1
    ledger.flowing.set()
    assert not await result
    assert tuple(await row(engine, call_id)) == (CallStatus.FAILED, "interrupted")


async def test_a_claim_taken_back_while_the_write_was_on_its_way_is_not_dialled(held, engine):
    ledger, line, call_id = held
    ledger.flowing.clear()
    dialing = ledger.post(Step(call_id, CallStatus.DIALING, dialed_at=NOW))
    await asyncio.sleep(0)
    await declare_gone(engine, line)
    ledger.flowing.set()
    assert not await dialing
    assert (await row(engine, call_id)).status is CallStatus.QUEUED
