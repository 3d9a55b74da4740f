"""Messages and receipts in Postgres, in whichever order they come."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.calls.models import Call, SmsPart, SmsReceipt
from app.calls.receipts_kept import receipts_kept
from app.calls.state import CallStatus, Channel
from app.carriers.sms import Delivery, Receipt
from app.core.clock import FixedClock
from app.dispatch.dead_lines import declare_gone, leave
from app.line.ledger import Ledger, Step
from app.line.receipt_book import ReceiptBook
from app.line.receipts import KEPT, drop_old, expire, keep_receipts, settle_since
from app.runs.models import Run, RunCount
from app.runs.state import RunState
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run

TRUNK = "smpp://tingting@centre:2775"
LATER = NOW + timedelta(hours=30)


@pytest.fixture
async def submitting(engine, sessions):
    """The ledger of an SMS line, and the ids of three messages that it is submitting."""
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session), services="SMS", sms_message="Hello")
        line = await make_line(session)
        line.kind, line.trunk = "smpp", TRUNK
        calls = await make_calls(
            session, run, [CallStatus.SUBMITTING] * 3, line_id=line.id, channel=Channel.SMS, segments=1
        )
    ledger = Ledger(engine, line.id)
    yield ledger, [call.id for call in calls], line
    await ledger.close()


@pytest.fixture
async def book(engine):
    book = ReceiptBook(engine, TRUNK, FixedClock(NOW))
    yield book
    await book.close()


def sent(call_id, *ids):
    return Step(call_id, CallStatus.SENT, expires_at=NOW + timedelta(hours=24), message_ids=ids)


def receipt(message_id, delivery=Delivery.DELIVERED, error=""):
    return Receipt(message_id, delivery, error, f"id:{message_id}")


async def call_of(sessions, call_id):
    async with sessions() as session:
        return await session.get(Call, call_id)


async def unmatched(sessions):
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(SmsReceipt))


async def test_a_receipt_ends_its_message(submitting, book, sessions):
    ledger, (call_id, other, _), _ = submitting
    assert await ledger.record(sent(call_id, "a1"))
    assert await ledger.record(sent(other, "a2"))
    await book.keep(receipt("a1"))
    await book.keep(receipt("a2", Delivery.UNDELIVERABLE, "034"))
    first, second = await call_of(sessions, call_id), await call_of(sessions, other)
    assert (first.status, first.reason, first.ended_at) == (CallStatus.COMPLETED, "delivered", NOW)
    assert (second.status, second.reason, second.network_code) == (CallStatus.FAILED, "undeliverable", "034")
    assert await unmatched(sessions) == 0


async def test_a_receipt_that_comes_before_the_response_is_not_lost(submitting, book, sessions, engine):
    ledger, (call_id, *_), _ = submitting
    await book.keep(receipt("a1"))
    assert (await call_of(sessions, call_id)).status is CallStatus.SUBMITTING
    assert book.unmatched == 1
    assert await ledger.record(sent(call_id, "a1"))
    async with engine.begin() as connection:
        assert await settle_since(connection, NOW - timedelta(minutes=1)) == 1
    assert (await call_of(sessions, call_id)).status is CallStatus.COMPLETED
    assert await unmatched(sessions) == 0


async def test_a_receipt_that_comes_twice_counts_once(submitting, book, sessions):
    ledger, (call_id, *_), _ = submitting
    await ledger.record(sent(call_id, "a1"))
    await asyncio.gather(*(book.keep(receipt("a1")) for _ in range(5)))
    await book.keep(receipt("a1", Delivery.EXPIRED))
    call = await call_of(sessions, call_id)
    assert (call.status, call.reason) == (CallStatus.COMPLETED, "delivered")
    assert await unmatched(sessions) == 0


async def test_a_receipt_finds_its_message_days_later_and_on_another_line(submitting, book, sessions, engine):
    ledger, (call_id, *_), line = submitting
    await ledger.record(sent(call_id, "a1"))
    async with engine.begin() as connection:
        await leave(connection, line.id, NOW)
    assert (await call_of(sessions, call_id)).status is CallStatus.SENT
    await book.keep(receipt("a1"))
    assert (await call_of(sessions, call_id)).status is CallStatus.COMPLETED


async def test_ids_are_told_apart_by_trunk(submitting, sessions, engine):
    ledger, (call_id, *_), _ = submitting
    await ledger.record(sent(call_id, "a1"))
    other = ReceiptBook(engine, "smpp://tingting@elsewhere:2775", FixedClock(NOW))
    await other.keep(receipt("a1"))
    await other.close()
    assert (await call_of(sessions, call_id)).status is CallStatus.SENT
    assert other.unmatched == 1


async def test_a_message_of_several_segments_is_delivered_with_its_last(submitting, book, sessions):
    ledger, (call_id, *_), _ = submitting
    await ledger.record(sent(call_id, "a1", "a2", "a3"))
    for message_id in ("a3", "a1"):
        await book.keep(receipt(message_id))
        assert (await call_of(sessions, call_id)).status is CallStatus.SENT
    await book.keep(receipt("a2"))
    assert (await call_of(sessions, call_id)).status is CallStatus.COMPLETED


async def test_a_message_fails_with_its_first_segment_that_does(submitting, book, sessions):
    ledger, (call_id, *_), _ = submitting
    await ledger.record(sent(call_id, "a1", "a2", "a3"))
    await book.keep(receipt("a1"))
    await book.keep(receipt("a2", Delivery.REJECTED, "021"))
    call = await call_of(sessions, call_id)
    assert (call.status, call.reason, call.network_code) == (CallStatus.FAILED, "rejected", "021")
    await book.keep(receipt("a3"))
    assert (await call_of(sessions, call_id)).status is CallStatus.FAILED


async def test_receipts_of_one_message_on_two_sessions_at_once_end_it(submitting, book, sessions, engine):
    ledger, ids, _ = submitting
    second = ReceiptBook(engine, TRUNK, FixedClock(NOW))
    for nth, call_id in enumerate(ids):
        await ledger.record(sent(call_id, f"{nth}a", f"{nth}b"))
        await asyncio.gather(book.keep(receipt(f"{nth}a")), second.keep(receipt(f"{nth}b")))
        assert (await call_of(sessions, call_id)).status is CallStatus.COMPLETED
    await second.close()


async def test_what_crossed_is_brought_together_by_the_sweep(submitting, sessions, engine):
    ledger, (call_id, *_), _ = submitting
    row = {"trunk": TRUNK, "message_id": "a1", "status": CallStatus.COMPLETED, "reason": "delivered"}
    async with engine.connect() as early:
        # Neither of the two transactions sees the other's row.
        await early.begin()
        left = await keep_receipts(early, [{**row, "error": None, "text": "", "received_at": NOW}])
        assert left == 1
        await ledger.record(sent(call_id, "a1"))
        await early.commit()
    assert (await call_of(sessions, call_id)).status is CallStatus.SENT
    async with engine.begin() as connection:
        assert await settle_since(connection, NOW - timedelta(minutes=1)) == 1
    assert (await call_of(sessions, call_id)).status is CallStatus.COMPLETED


async def test_a_message_without_a_receipt_is_unanswered_after_its_validity(
    submitting, book, sessions, engine
):
    ledger, (call_id, other, _), _ = submitting
    await ledger.record(sent(call_id, "a1"))
    await ledger.record(sent(other, "a2"))
    async with engine.begin() as connection:
        assert await expire(connection, NOW) == 0
    await book.keep(receipt("a2"))
    async with engine.begin() as connection:
        assert await expire(connection, LATER) == 1
    call = await call_of(sessions, call_id)
    assert (call.status, call.reason, call.ended_at) == (CallStatus.UNANSWERED, "no_receipt", LATER)
    await book.keep(receipt("a1"))
    assert (await call_of(sessions, call_id)).status is CallStatus.UNANSWERED


async def test_malformed_and_unknown_receipts_are_kept_for_people_and_then_dropped(book, sessions, engine):
    await book.keep(Receipt(None, None, "", "garbage"))
    await book.keep(receipt("nobody's"))
    assert (book.malformed, book.unmatched, await unmatched(sessions)) == (1, 2, 2)
    async with engine.begin() as connection:
        await connection.execute(update(SmsReceipt).values(received_at=func.now() - timedelta(minutes=6)))
        (kept,) = await receipts_kept(connection)
        assert (kept.unreadable, kept.unmatched, kept.trunk) == (1, 1, TRUNK)
        await connection.execute(update(SmsReceipt).values(received_at=NOW))
        assert await drop_old(connection, NOW + KEPT) == 0
        assert await drop_old(connection, NOW + KEPT + timedelta(seconds=1)) == 2


async def test_a_dead_line_interrupts_what_was_submitting_and_nothing_that_was_sent(
    submitting, sessions, engine
):
    ledger, (call_id, other, _), line = submitting
    await ledger.record(sent(call_id, "a1"))
    async with engine.begin() as connection:
        assert await declare_gone(connection, line.id, line.heartbeat, NOW)
    assert (await call_of(sessions, call_id)).status is CallStatus.SENT
    call = await call_of(sessions, other)
    assert (call.status, call.reason) == (CallStatus.FAILED, "interrupted")


async def test_a_receipt_waits_for_the_database(submitting, book, sessions, engine):
    ledger, (call_id, *_), _ = submitting
    await ledger.record(sent(call_id, "a1"))
    killing = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name = 'tests'"
    )
    async with engine.connect() as connection:
        kept = asyncio.create_task(book.keep(receipt("a1")))
        await connection.execute(killing)
        await kept
    assert (await call_of(sessions, call_id)).status is CallStatus.COMPLETED


@pytest.mark.parametrize(
    ("state", "written"), [(RunState.RUNNING, 1), (RunState.PAUSED, 1), (RunState.STOPPING, 0)]
)
async def test_failover_queues_one_text_for_each_call_that_ended_so(engine, sessions, state, written):
    async with sessions.begin() as session:
        run = await make_run(
            session,
            await make_campaign(session),
            sms_message="Hello",
            failover=[int(CallStatus.UNANSWERED), int(CallStatus.FAILED)],
        )
        line = await make_line(session)
        begun = [CallStatus.ANSWERED, CallStatus.RINGING, CallStatus.DIALING]
        ids = [call.id for call in await make_calls(session, run, begun, line_id=line.id)]
        await session.execute(update(Run).values(state=state))
    ledger = Ledger(engine, line.id)
    for status, call_id in zip((CallStatus.COMPLETED, CallStatus.UNANSWERED), ids, strict=False):
        ended = Step(call_id, status, ended_at=NOW)
        assert [await ledger.record(ended), await ledger.record(ended)] == [True, False]
    await ledger.close()
    async with sessions() as session:
        texts = (await session.scalars(select(Call).where(Call.channel == Channel.SMS))).all()
        counted = await session.scalar(
            select(RunCount.n).where(RunCount.channel == Channel.SMS, RunCount.status == CallStatus.QUEUED)
        )
    assert (len(texts), counted or 0) == (written, written)


async def test_no_segment_is_kept_of_a_message_that_the_line_no_longer_holds(submitting, sessions):
    ledger, (call_id, *_), _ = submitting
    async with sessions.begin() as session:
        await session.execute(update(Call).values(status=CallStatus.FAILED))
    assert not await ledger.record(sent(call_id, "a1"))
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(SmsPart)) == 0
