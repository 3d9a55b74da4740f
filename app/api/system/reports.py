"""The report of a run, as CSV and as a spreadsheet."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.actions.reports import spreadsheet
from app.api.docs import refusals
from app.api.signed_in import CurrentAccount
from app.api.system.asked_run import CampaignInPath, at_both_addresses, find_run
from app.http.deps import Id, PartsDep
from app.runs.report import Subject, csv_chunks, subject_of
from app.wiring import Parts

router = APIRouter(prefix="/api/system", tags=["Runs"])
_one_run = APIRouter()

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 256 * 1024


@_one_run.get(
    "/runs/{run_id}/report.csv",
    summary="Download a report as CSV",
    operation_id="report_csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}, **refusals(503)},
)
async def report_csv(
    run_id: Id, account: CurrentAccount, parts: PartsDep, campaign: CampaignInPath
) -> StreamingResponse:
    """One row a call with its tags, UTF-8 with a byte order mark; what a spreadsheet would execute is defused."""
    subject = await _subject(parts, account.id, run_id, campaign)
    return StreamingResponse(
        csv_chunks(parts.sessions, subject), media_type=_CSV, headers=_named(run_id, "csv")
    )


@_one_run.get(
    "/runs/{run_id}/report.xlsx",
    summary="Download a report as a spreadsheet",
    operation_id="report_xlsx",
    response_class=StreamingResponse,
    responses={200: {"content": {_XLSX: {}}}, **refusals(503)},
)
async def report_xlsx(
    run_id: Id, account: CurrentAccount, parts: PartsDep, campaign: CampaignInPath
) -> StreamingResponse:
    """The same as a spreadsheet; calls beyond 1,048,575 go on another sheet."""
    subject = await _subject(parts, account.id, run_id, campaign)
    file, length = await spreadsheet(parts, subject)
    headers = {**_named(run_id, "xlsx"), "Content-Length": str(length)}
    return StreamingResponse(_pieces(file), media_type=_XLSX, headers=headers)


async def _subject(parts: Parts, account_id: int, run_id: int, campaign: str | None) -> Subject:
    async with parts.sessions() as session:
        return await subject_of(session, await find_run(session, account_id, run_id, campaign))


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _named(run_id: int, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="run-{run_id}.{kind}"'}


at_both_addresses(router, _one_run)
