"""Messages that the centre refuses for now: tried again later, in nobody's way, and never twice."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import DialledDay
from app.calls.models import Call, SmsPart
from app.calls.state import CallStatus, Channel
from app.carriers.smpp import SmppSender
from app.carriers.smpp_settings import SmppSettings
from app.core.clock import FixedClock
from app.dispatch import dead_lines, lines
from app.dispatch.claiming import claim
from app.dispatch.finishing import finish_runs
from app.dispatch.leader_view import waiting_runs
from app.dispatch.requeue import requeue
from app.dispatch.stopping import end_queued, runs_to_end
from app.dispatch.why_waiting import waits_of
from app.line.claims import ClaimReader
from app.line.ledger import Ledger
from app.line.sms_deferring import Deferral, Deferrals
from app.line.submitting import SmsTerms, Submitter
from app.runs.models import Run
from app.runs.repository import RunRepository
from app.runs.state import RunState
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run
from tests.smpp.scripted import THROTTLED, ScriptedCentre

FULL = 0x14
DAY = timedelta(days=1)


class NoReceipts:
    async def keep(self, receipt):
        raise AssertionError(receipt)


class Desk:
    """A line of messages without its process: what is claimed is submitted, and time passes when a test says so."""

    def __init__(self, engine, sessions, centre, sender):
        self.engine, self.sessions, self.centre, self.sender = engine, sessions, centre, sender
        self.clock = FixedClock(NOW)

    async def open(self):
        async with self.sessions.begin() as session:
            self.row = await make_line(session, kind="smpp", places=50)
        self.ledger = Ledger(self.engine, self.row.id)
        terms = SmsTerms(validity_s=int(DAY.total_seconds()), receipts=True)
        self.work = Submitter(
            self.sender,
            ClaimReader(self.engine, self.row.id),
            self.ledger,
            self.clock,
            terms,
            Deferrals(self.engine, self.row.id),
        )

    async def begin(self, recipients, message="hello"):
        async with self.sessions.begin() as session:
            campaign = await make_campaign(session, recipients)
            run = await make_run(session, campaign, services="SMS", sms_message=message, fanout_done_at=NOW)
            await make_calls(session, run, [CallStatus.QUEUED] * recipients, channel=Channel.SMS)
        return run.id

    async def send(self, run_id, calls=50):
        async with self.engine.begin() as connection:
            claimed = await claim(
                connection,
                line_id=self.row.id,
                run_id=run_id,
                channel=Channel.SMS,
                calls=calls,
                now=self.clock.moment,
            )
        async with asyncio.timeout(20):
            await asyncio.gather(*(self.work.place(call_id) for call_id, _ in claimed.calls))
        return len(claimed.calls)

    async def later(self, by):
        self.clock.moment += by
        return await requeue(self.engine, self.clock.moment)

    async def rows(self, run_id):
        async with self.sessions() as session:
            query = select(Call).where(Call.run_id == run_id, Call.channel == Channel.SMS).order_by(Call.id)
            return list(await session.scalars(query))

    async def close(self):
        await self.ledger.close()


@pytest.fixture
async def desk(engine, sessions):
    centre = ScriptedCentre()
    await centre.start()
    settings = SmppSettings(f"smpp://127.0.0.1:{centre.port}", window=1, rate=1000.0)
    sender = SmppSender(settings, NoReceipts())
    await sender.start()
    async with asyncio.timeout(10):
        while not sender.ready:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    desk = Desk(engine, sessions, centre, sender)
    await desk.open()
    yield desk
    await desk.close()
    await sender.close()
    await centre.close()


def refusing(centre, status, refused):
    """Answers `status` to those whose number `refused` names, for as long as it does."""

    async def answer(session, pdu):
        if pdu.destination_addr.decode() in refused:
            session.refuse(pdu, status)
        else:
            await centre.take(session, pdu)

    return answer


def number(nth):
    return f"97798{nth:08d}"


@pytest.mark.parametrize("status", [FULL, THROTTLED, 0x08, 0x64])
async def test_a_full_inbox_is_tried_again_later_and_others_pass(desk, status):
    run_id = await desk.begin(3)
    full = {number(1)}
    desk.centre.on_submit = refusing(desk.centre, status, full)
    await desk.send(run_id)
    first, second, third = await desk.rows(run_id)
    assert (first.status, third.status) == (CallStatus.SENT, CallStatus.SENT)
    assert (second.status, second.line_id, second.reason) == (CallStatus.DEFERRED, None, "put_off")
    assert (second.network_code, second.gives_up_at) == (f"0x{status:08x}", NOW + DAY)
    assert await desk.send(run_id) == 0
    full.clear()
    assert await desk.later(timedelta(seconds=6)) == 1
    assert await desk.send(run_id) == 1
    row = (await desk.rows(run_id))[1]
    assert (row.status, row.reason, row.network_code) == (CallStatus.SENT, None, None)
    assert row.expires_at == NOW + DAY + timedelta(hours=1)
    assert len(desk.centre.submits) == 4
    assert desk.centre.submits[-1].validity_period == b"000000235954000R"


async def test_what_waits_for_a_time_takes_no_turn_and_no_place(desk):
    run_id = await desk.begin(2)
    desk.centre.on_submit = refusing(desk.centre, FULL, {number(0), number(1)})
    await desk.send(run_id)
    async with desk.engine.connect() as connection:
        assert (await waiting_runs(connection))[Channel.SMS] == []
        assert await lines.held_besides(connection, desk.row.id, []) == []
        assert not desk.work.known


async def test_a_run_whose_messages_are_put_off_says_that_they_are_tried_again(desk):
    run_id = await desk.begin(2)
    desk.centre.on_submit = refusing(desk.centre, FULL, {number(0), number(1)})
    await desk.send(run_id)
    async with desk.sessions() as session:
        run = await session.get(Run, run_id)
        counts = await RunRepository(session).counts([run_id])
        wait = (await waits_of(session, [run], counts, default_cap=None, now=NOW))[run_id]
    assert wait.what == "retry"
    assert wait.until == min(row.not_before for row in await desk.rows(run_id))


async def test_pauses_grow_until_the_validity_ends_and_the_run_closes(desk):
    run_id = await desk.begin(1)
    desk.centre.on_submit = refusing(desk.centre, THROTTLED, {number(0)})
    await desk.send(run_id)
    while True:
        (row,) = await desk.rows(run_id)
        if row.status is not CallStatus.DEFERRED:
            break
        if await desk.later(row.not_before - desk.clock.moment) == 1:
            await desk.send(run_id)
    assert (row.status, row.reason, row.network_code) == (CallStatus.FAILED, "put_off", "0x00000058")
    assert row.ended_at == NOW + DAY
    assert 30 < len(desk.centre.submits) < 40
    async with desk.sessions.begin() as session:
        assert await finish_runs(session, NOW) == [run_id]


async def test_a_message_whose_validity_ended_while_it_was_queued_again_is_not_sent(desk):
    run_id = await desk.begin(1)
    desk.centre.on_submit = refusing(desk.centre, FULL, {number(0)})
    await desk.send(run_id)
    await desk.later(timedelta(seconds=10))
    desk.clock.moment = NOW + DAY
    await desk.send(run_id)
    (row,) = await desk.rows(run_id)
    assert (row.status, row.reason, len(desk.centre.submits)) == (CallStatus.FAILED, "put_off", 1)


async def test_a_stop_ends_what_waits_for_its_next_try(desk):
    run_id = await desk.begin(2)
    desk.centre.on_submit = refusing(desk.centre, FULL, {number(0), number(1)})
    await desk.send(run_id)
    async with desk.sessions.begin() as session:
        await session.execute(update(Run).where(Run.id == run_id).values(state=RunState.STOPPING))
        assert await runs_to_end(session) == [run_id]
    await end_queued(desk.sessions, run_id, NOW)
    rows = await desk.rows(run_id)
    assert {(row.status, row.reason, row.waiting_for) for row in rows} == {
        (CallStatus.TERMINATED, "stopped", None)
    }
    async with desk.sessions.begin() as session:
        assert await finish_runs(session, NOW) == [run_id]
    assert await desk.later(DAY) == 0


async def test_the_death_of_its_line_changes_nothing_for_a_message_that_waits(desk):
    run_id = await desk.begin(1)
    desk.centre.on_submit = refusing(desk.centre, FULL, {number(0)})
    await desk.send(run_id)
    async with desk.engine.begin() as connection:
        assert await dead_lines.declare_gone(connection, desk.row.id, desk.row.heartbeat, NOW)
    assert (await desk.rows(run_id))[0].status is CallStatus.DEFERRED
    await desk.close()
    await desk.open()
    desk.centre.on_submit = desk.centre.take
    await desk.later(timedelta(seconds=10))
    await desk.send(run_id)
    assert (await desk.rows(run_id))[0].status is CallStatus.SENT
    assert len(desk.centre.submits) == 2


async def test_segments_that_the_centre_has_taken_are_not_sent_again(desk):
    run_id = await desk.begin(1, message="x" * 400)

    async def refuse_the_second(session, pdu):
        if len(desk.centre.submits) == 2:
            session.refuse(pdu, THROTTLED)
        else:
            await desk.centre.take(session, pdu)

    desk.centre.on_submit = refuse_the_second
    await desk.send(run_id)
    await desk.later(timedelta(seconds=10))
    await desk.send(run_id)
    (row,) = await desk.rows(run_id)
    assert (row.status, row.segments) == (CallStatus.SENT, 3)
    assert [pdu.short_message[5] for pdu in desk.centre.submits] == [1, 2, 2, 3]
    async with desk.sessions() as session:
        parts = await session.execute(select(SmsPart.nth, SmsPart.message_id).order_by(SmsPart.nth))
        assert [tuple(part) for part in parts] == [(1, "m1"), (2, "m2"), (3, "m3")]


async def test_a_message_of_which_a_part_was_taken_is_not_ended_as_another_text(desk):
    run_id = await desk.begin(1, message="x" * 400)

    async def refuse_the_second(session, pdu):
        if len(desk.centre.submits) == 2:
            session.refuse(pdu, FULL)
        else:
            await desk.centre.take(session, pdu)

    desk.centre.on_submit = refuse_the_second
    await desk.send(run_id)
    async with desk.sessions.begin() as session:
        await session.execute(update(Run).where(Run.id == run_id).values(sms_message="y"))
    desk.work._claims._runs.clear()
    await desk.later(timedelta(seconds=10))
    await desk.send(run_id)
    (row,) = await desk.rows(run_id)
    assert (row.status, row.reason) == (CallStatus.FAILED, "put_off")
    assert len(desk.centre.submits) == 2


async def test_the_segments_of_a_message_that_is_refused_at_last_are_known_by_their_receipts(desk):
    run_id = await desk.begin(1, message="x" * 400)

    async def refuse_the_second(session, pdu):
        if len(desk.centre.submits) == 2:
            session.refuse(pdu, 0x0B)
        else:
            await desk.centre.take(session, pdu)

    desk.centre.on_submit = refuse_the_second
    await desk.send(run_id)
    (row,) = await desk.rows(run_id)
    assert (row.status, row.reason, len(desk.centre.submits)) == (CallStatus.FAILED, "number_not_found", 2)
    async with desk.sessions() as session:
        assert list(await session.scalars(select(SmsPart.message_id))) == ["m1"]


async def test_a_message_counts_on_the_day_on_which_it_is_taken(desk):
    run_id = await desk.begin(1)
    desk.centre.on_submit = refusing(desk.centre, FULL, {number(0)})
    for _ in range(3):
        await desk.send(run_id)
        await desk.later(timedelta(hours=2))
    desk.centre.on_submit = desk.centre.take
    await desk.send(run_id)
    async with desk.sessions() as session:
        assert await session.scalar(select(func.sum(DialledDay.calls))) == 1


async def test_a_message_that_was_taken_from_its_line_is_not_put_aside_by_it(desk):
    run_id = await desk.begin(1)
    async with desk.sessions.begin() as session:
        values = {"status": CallStatus.SUBMITTING, "line_id": desk.row.id}
        await session.execute(update(Call).where(Call.run_id == run_id).values(values))
    (row,) = await desk.rows(run_id)
    deferral = Deferral(row.id, "put_off", NOW, NOW + DAY, taken=("m1",))
    assert not await Deferrals(desk.engine, desk.row.id + 1).put(deferral)
    async with desk.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(SmsPart)) == 0
    assert await Deferrals(desk.engine, desk.row.id).put(deferral)
    assert not await Deferrals(desk.engine, desk.row.id).put(deferral)


async def test_a_message_that_never_left_a_line_that_closes_goes_by_another(desk):
    run_id = await desk.begin(1)
    taking = SimpleNamespace(now=False)
    may_leave = desk.work._may_leave

    async def close_first(claim):
        desk.work.hang_up_all()
        taking.now = True
        return await may_leave(claim)

    desk.work._may_leave = close_first
    await desk.send(run_id)
    assert taking.now
    assert not desk.centre.submits
    assert (await desk.rows(run_id))[0].status is CallStatus.DEFERRED
    assert await desk.later(timedelta()) == 1
