"""Reports: every call once, readable in a spreadsheet and harmless there."""

import csv
import errno
import gc
import io
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import openpyxl
import pytest
from sqlalchemy import insert, update

from app.accounts.models import Account
from app.calls.models import Call
from app.calls.state import CallStatus
from app.recipients.models import Recipient
from app.runs import report
from app.runs.models import Run
from app.runs.report import defused
from app.wiring import Parts
from tests.factories import make_calls, make_campaign, make_run, recipient_ids

RUNS = "/api/system/runs"
ANSWERED = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
TAGS = {"tags_name": "=HYPERLINK(1)", "tags_note": 'राम, "बहादुर"\nदोस्रो'}


@pytest.fixture
async def run(parts: Parts, account: Account) -> Run:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(
            session, account_id=account.id, usable_tags=["tags_name", "tags_note", "tags_गाउँ"]
        )
        first, *_ = await recipient_ids(session, campaign)
        await session.execute(update(Recipient).where(Recipient.id == first).values(tags=TAGS))
        run = await make_run(session, campaign)
        await make_calls(
            session,
            run,
            [CallStatus.HUNGUP, CallStatus.QUEUED, CallStatus.CLAIMED],
            reason="callee_hung_up",
            sip_status=200,
            answered_at=ANSWERED,
            ended_at=ANSWERED + timedelta(seconds=61),
            played_ms=500,
            audio_ms=1000,
            digits="+1",
        )
    return run


async def rows_of_csv(api: httpx.AsyncClient, run: Run) -> list[list[str]]:
    answer = await api.get(f"{RUNS}/{run.id}/report.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="run-{run.id}.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def rows_of_xlsx(api: httpx.AsyncClient, run: Run) -> list[list[tuple]]:
    answer = await api.get(f"{RUNS}/{run.id}/report.xlsx")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="run-{run.id}.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]


async def test_a_csv_report_has_one_row_a_call(api: httpx.AsyncClient, run: Run) -> None:
    header, *rows = await rows_of_csv(api, run)
    assert header[:4] == ["Call", "Number", "Attempt", "Status"]
    assert header[-3:] == ["tags_name", "tags_note", "tags_गाउँ"]
    assert [row[3] for row in rows] == ["hungup", "queued", "queued"]
    first = dict(zip(header, rows[0], strict=True))
    assert first["Number"] == "9800000000"
    assert first["Answered at"] == "2026-11-24 11:45:00"
    assert (first["Duration (s)"], first["Playback (%)"], first["Credits"]) == ("61.0", "50", "2")
    assert first["Explanation"] == "Answered, and the callee hung up before the end."
    assert first["tags_note"] == TAGS["tags_note"]


async def test_a_spreadsheet_report_has_the_same_rows(api: httpx.AsyncClient, run: Run) -> None:
    (rows,) = await rows_of_xlsx(api, run)
    as_csv = await rows_of_csv(api, run)
    assert [[("" if cell is None else str(cell)) for cell in row] for row in rows[:1]] == as_csv[:1]
    assert [row[1] for row in rows] == [row[1] for row in as_csv]
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["SIP status"], first["Duration (s)"], first["Playback (%)"]) == (200, 61, 50)


async def test_no_cell_of_a_report_is_a_formula(api: httpx.AsyncClient, run: Run) -> None:
    header, first, *_ = await rows_of_csv(api, run)
    cells = dict(zip(header, first, strict=True))
    assert cells["tags_name"] == "'=HYPERLINK(1)"
    assert cells["Digits"] == "'+1"
    (sheet,) = await rows_of_xlsx(api, run)
    assert dict(zip(sheet[0], sheet[1], strict=True))["tags_name"] == "=HYPERLINK(1)"
    answer = await api.get(f"{RUNS}/{run.id}/report.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@SUM(1)", "\tx", "\rx", "  =1", "＝1"])
def test_what_a_spreadsheet_executes_gets_an_apostrophe(start: str) -> None:
    assert defused(start) == f"'{start}"


@pytest.mark.parametrize("harmless", ["", " ", "राम", "9801000001", "2026-12-01", "a=1", "b'quoted"])
def test_other_cells_stay_as_they_are(harmless: str) -> None:
    assert defused(harmless) == harmless


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_report_read_in_again_gives_the_same_list(
    api: httpx.AsyncClient, parts: Parts, account: Account, form: str
) -> None:
    values = [
        "=1+1",
        "-5",
        "-",
        "'0512",
        "5.0",
        "NULL",
        '="0512"',
        "0512",
        "@राम",
        "+977",
        "1,250.50",
        "सीता",
    ]
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(
            session, account_id=account.id, recipients=len(values), usable_tags=["tags_name"]
        )
        for recipient_id, value in zip(await recipient_ids(session, campaign), values, strict=True):
            tags = update(Recipient).where(Recipient.id == recipient_id).values(tags={"tags_name": value})
            await session.execute(tags)
        run = await make_run(session, campaign)
        await make_calls(session, run, [CallStatus.COMPLETED] * len(values))
    content = (await api.get(f"{RUNS}/{run.id}/report.{form}")).content
    answer = await api.post(
        "/api/system/campaigns/",
        data={"name": "again", "services": "PHONE"},
        files={"send_to_number_file": (f"run.{form}", content)},
    )
    data = answer.json()["data"]
    assert data["import"]["number_column"] == "Number"
    listed = await api.get(f"/api/system/campaigns/number/{data['details'][0]['id']}")
    numbers = listed.json()["data"]["numbers"]
    assert [one["number"] for one in numbers] == [f"98{at:08d}" for at in range(len(values))]
    assert [one["available_tags"]["tags_name"] for one in numbers] == values


async def test_a_long_report_holds_every_call_once(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, recipients=3_000, account_id=account.id)
        run = await make_run(session, campaign)
        ids = await recipient_ids(session, campaign)
        calls = [
            {"run_id": run.id, "recipient_id": each, "attempt": attempt, "status": CallStatus.COMPLETED}
            for each in ids
            for attempt in (1, 2)
        ]
        await session.execute(insert(Call), calls)
    _, *rows = await rows_of_csv(api, run)
    assert len(rows) == 6_000
    assert [(row[1], row[2]) for row in rows] == [
        (f"98{number:08d}", str(attempt)) for number in range(3_000) for attempt in (1, 2)
    ]


async def test_a_full_sheet_is_followed_by_another(
    api: httpx.AsyncClient, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "SHEET_ROWS", 3)
    first, second = await rows_of_xlsx(api, run)
    assert first[0] == second[0]
    assert [len(first), len(second)] == [3, 2]


async def test_a_spreadsheet_leaves_no_file_behind(
    api: httpx.AsyncClient, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with api.stream("GET", f"{RUNS}/{run.id}/report.xlsx") as answer:
        assert answer.status_code == 200
    assert list(tmp_path.iterdir()) == []


class FullDisk(io.BytesIO):
    """A file on a disk that has no room."""

    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


# The half-written archive tries to close itself once more when it is let go of, which Python reports.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_full_disk_is_told_as_one(run: Run, parts: Parts) -> None:
    with pytest.raises(OSError, match="No space left"):
        await report.write_xlsx(parts.sessions, report.Subject(run.id, ()), FullDisk())
    gc.collect()


async def test_a_run_without_calls_has_a_report_with_its_header(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, account_id=account.id))
    assert len(await rows_of_csv(api, run)) == 1
    ((header,),) = await rows_of_xlsx(api, run)
    assert header[0] == "Call"
