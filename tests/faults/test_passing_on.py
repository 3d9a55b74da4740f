"""A call that its trunk did not take, while the network to the database is bad."""

import asyncio
from collections import Counter
from types import SimpleNamespace

import pytest

from app.calls.models import Call
from app.calls.state import CallStatus
from app.core.clock import FixedClock
from app.db.engine import make_sessions
from app.line.claims import ClaimReader
from app.line.placing import Placer
from app.line.trunk_failover import TrunkFailover
from app.messages.composing import Audio
from chaos.scripted import ScriptedCarrier, ShakyFailover, ShakyLedger
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run

ONE, TWO = "sip:one.example.net", "sip:two.example.net"


class SaysNothing:
    """A composer of silence."""

    async def compose(self, script, values):
        return Audio(bytes(1600), 100)


async def until(look):
    async with asyncio.timeout(10):
        while not look():  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # what is looked at happens in tasks of the line


@pytest.fixture
async def dialling(engine, clean_database):
    """Makes a line on trunk one dial a call, with a line on trunk two beside it."""
    sessions = make_sessions(engine)
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 1))
        line = await make_line(session, trunk=ONE)
        await make_line(session, trunk=TWO)
        (claimed,) = await make_calls(session, run, [CallStatus.CLAIMED], line_id=line.id)
    ledger = ShakyLedger(engine, line.id)
    carrier = ScriptedCarrier(ONE, Counter(), Counter())

    async def dial(failover):
        claims = ClaimReader(engine, line.id)
        placer = Placer(carrier, claims, ledger, SaysNothing(), FixedClock(NOW), failover)
        task = asyncio.create_task(placer.place(claimed.id))
        await until(lambda: carrier.calls)
        return carrier.calls[0], task

    async def row():
        async with sessions() as session:
            return await session.get_one(Call, claimed.id)

    yield SimpleNamespace(engine=engine, line=line, ledger=ledger, call_id=claimed.id, dial=dial, row=row)
    ledger.flowing.set()
    await ledger.close()


async def test_a_call_that_rang_is_not_passed_on_though_the_ringing_is_not_written_yet(dialling):
    call, task = await dialling.dial(TrunkFailover(dialling.engine, dialling.line.id))
    ledger = dialling.ledger
    ledger.flowing.clear()
    call.ring()
    await until(lambda: ledger.busy)
    call.refuse(silently=False)
    await until(lambda: dialling.call_id in ledger._pending)
    assert ledger._pending[dialling.call_id].step.status is CallStatus.FAILED
    ledger.flowing.set()
    await task
    row = await dialling.row()
    assert (row.status, row.reason, row.attempt) == (CallStatus.FAILED, "trunk_error", 1)
    assert row.ringing_at == NOW


@pytest.mark.parametrize("silently", [True, False])
async def test_a_call_whose_passing_on_got_no_answer_is_passed_on_once(dialling, silently):
    ledger = dialling.ledger
    call, task = await dialling.dial(ShakyFailover(dialling.engine, dialling.line.id, ledger))
    ledger.losing = 1
    call.refuse(silently=silently)
    await task
    row = await dialling.row()
    assert (row.status, row.attempt, row.refused_by) == (CallStatus.QUEUED, 1, [ONE])
    assert (row.reason, row.ended_at) == (None, None)
