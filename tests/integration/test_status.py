import io
import urllib.request

from rich.console import Console
from sqlalchemy import delete, func, update

from app.calls.models import SmsReceipt
from app.calls.state import CallStatus
from app.core import metrics, vitals_page
from app.dispatch.engine_status import engine_now
from app.local.ports import free_port
from app.local.status import as_dict, tables
from app.runs.models import Run
from tests.factories import NOW, make_calls, make_campaign, make_line, make_run
from workers.dispatcher import LEAD_LOCK


async def look(engine):
    async with engine.connect() as connection:
        return await engine_now(connection, LEAD_LOCK)


async def test_status_shows_lines_runs_and_the_oldest_waiting_call(engine, sessions):
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 4))
        line = await make_line(session)
        states = [CallStatus.QUEUED, CallStatus.RINGING, CallStatus.COMPLETED, CallStatus.QUEUED]
        await make_calls(session, run, states, line_id=line.id)
        await session.execute(
            update(Run).values(started_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 5))
        )
    before = await look(engine)
    (seen,) = before.runs
    assert (seen.queued, seen.held, seen.ended, seen.priority) == (2, 1, 1, "normal")
    assert before.oldest_waiting_s >= 300
    assert [(shown.id, shown.held) for shown in before.lines] == [(line.id, 1)]
    assert not before.leads
    shown = as_dict(before, before.rates(before))
    assert shown["runs"][0]["rate"] == 0
    assert shown["lines"][0]["state"] == "open"
    tables(before, {})


async def test_status_tells_whether_somebody_leads(engine, sessions):
    async with engine.connect() as connection:
        await connection.execute(func.pg_advisory_xact_lock(LEAD_LOCK).select())
        assert (await look(engine)).leads
    free = await look(engine)
    assert (free.leads, free.oldest_waiting_s) == (False, None)


async def test_status_shows_receipts_that_decided_nothing(engine, sessions):
    kept = {"trunk": "smpp://acme@centre:2775", "message_id": None, "received_at": NOW}
    async with sessions.begin() as session:
        session.add_all(
            [
                SmsReceipt(**kept, text="id:5 stat:HAPPY text:रु 5,000"),
                SmsReceipt(**kept, text="[bold]id:6 stat:HAPPY"),
                SmsReceipt(**kept | {"message_id": "7"}, text="id:7 stat:DELIVRD"),
            ]
        )
    now = await look(engine)
    (shown,) = as_dict(now, {})["receipts"]
    assert (shown["trunk"], shown["unreadable"], shown["unmatched"]) == (kept["trunk"], 2, 1)
    assert shown["latest"] == "id:7 stat:DELIVRD"
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(tables(now, {}))
    assert "Receipts kept" in console.export_text()
    async with sessions.begin() as session:
        await session.execute(delete(SmsReceipt).where(SmsReceipt.text.not_like("%text%")))
    assert (await look(engine)).receipts[0].latest == "id:5 stat:HAPPY "


def test_a_process_serves_its_metrics():
    port = free_port(None)
    vitals_page.serve("127.0.0.1", port)
    metrics.CALLS_ENDED.labels("completed", "played").inc()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        page = answer.read().decode()
    assert 'tingting_calls_ended_total{reason="played",status="completed"}' in page
    assert "process_resident_memory_bytes" in page


def test_a_taken_port_of_metrics_does_not_stop_a_process():
    port = free_port(None)
    vitals_page.serve("127.0.0.1", port)
    vitals_page.serve("127.0.0.1", port)
    vitals_page.serve("127.0.0.1", 0)
