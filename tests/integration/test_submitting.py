"""A line of messages that finds, when a message's turn has come, that it is its own no more."""

import asyncio
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.calls.models import Call
from app.calls.state import CallStatus, Channel
from app.carriers.smpp import SmppSender
from app.carriers.smpp_settings import SmppSettings
from app.core.clock import SystemClock
from app.dispatch import dead_lines
from app.line.claims import ClaimReader
from app.line.ledger import Ledger
from app.line.sms_deferring import Deferrals
from app.line.submitting import SmsTerms, Submitter
from app.messages.sms_text import CentreAlphabet
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run
from tests.smpp.scripted import ScriptedCentre


class NoReceipts:
    async def keep(self, receipt):
        raise AssertionError(receipt)


async def rows(sessions):
    async with sessions() as session:
        return list(await session.scalars(select(Call).order_by(Call.id)))


@pytest.fixture
async def line(engine, sessions):
    """Two messages being submitted by a line, at a centre with room for one that answers when `answer` is set."""
    centre, answer = ScriptedCentre(), asyncio.Event()

    async def take_later(session, pdu):
        await answer.wait()
        session.take(pdu, f"m{len(centre.submits)}")

    centre.on_submit = take_later
    await centre.start()
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 2), services="SMS", sms_message="hello @")
        row = await make_line(session, kind="smpp")
        calls = await make_calls(session, run, [CallStatus.CLAIMED] * 2, line_id=row.id, channel=Channel.SMS)
    sender = SmppSender(SmppSettings(f"smpp://127.0.0.1:{centre.port}", window=1, rate=1000.0), NoReceipts())
    await sender.start()
    ledger = Ledger(engine, row.id)
    terms = SmsTerms(validity_s=3600, receipts=False, centre=CentreAlphabet.ASCII)
    deferrals = Deferrals(engine, row.id)
    work = Submitter(sender, ClaimReader(engine, row.id), ledger, SystemClock(), terms, deferrals)
    async with asyncio.timeout(10):
        while not sender.ready:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        placing = asyncio.gather(*(work.place(call.id) for call in calls))
        while not centre.submits or {call.status for call in await rows(sessions)} != {CallStatus.SUBMITTING}:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    yield SimpleNamespace(row=row, centre=centre, answer=answer, ledger=ledger, placing=placing)
    await ledger.close()
    await sender.close()
    await centre.close()


async def test_a_message_that_was_taken_away_while_it_waited_for_the_window_does_not_leave(
    line, engine, sessions
):
    async with engine.begin() as connection:
        assert await dead_lines.declare_gone(connection, line.row.id, line.row.heartbeat, NOW)
    line.ledger.owned_at = 0.0  # as after a freeze
    line.answer.set()
    await line.placing
    assert len(line.centre.submits) == 1
    ends = [(call.status, call.reason) for call in await rows(sessions)]
    assert ends == [(CallStatus.FAILED, "interrupted")] * 2


async def test_one_that_waited_for_long_and_is_still_ours_leaves(line, sessions):
    line.ledger.owned_at = 0.0
    line.answer.set()
    await line.placing
    assert [pdu.short_message for pdu in line.centre.submits] == [b"hello @"] * 2
    ends = [(call.status, call.reason) for call in await rows(sessions)]
    assert ends == [(CallStatus.COMPLETED, "accepted")] * 2
