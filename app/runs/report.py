"""The report of a run: one row a call, as CSV or as a spreadsheet, whatever the number of calls.

Rows come in batches, each by a short query of its own: a client that reads slowly holds no connection and no
snapshot, and a report of a million calls needs the memory of one batch.
"""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from sqlalchemy import Select, Text, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from xlsxwriter.exceptions import FileCreateError

from app.calls.models import Call
from app.calls.reasons import sentence
from app.campaigns.models import Campaign
from app.core.clock import to_kathmandu
from app.db.engine import Sessions
from app.recipients.cells import clean, value_of
from app.recipients.models import Recipient
from app.runs.call_measures import measure, service_name
from app.runs.models import Run

BATCH = 500
"""Rows that are read at a time, 45 MB of tags at most; they are laid out in a thread."""

SHEET_ROWS = 1_048_576
"""Rows of one sheet, header included: the limit of the format. What is beyond goes on another sheet."""

BOM = "\ufeff"
"""Without it Excel reads UTF-8 as the machine's own code page and garbles every Nepali name."""

COLUMNS = (
    "Call", "Number", "Attempt", "Status", "Reason", "Explanation", "SIP status", "Dialed at", "Answered at",
    "Ended at", "Duration (s)", "Playback (%)", "Credits", "Digits", "Service",
    "Segments",
)  # fmt: skip

Cell = str | int | float

Written = Callable[[str], str]
"""How a text that others wrote is put into a cell."""

# What a spreadsheet takes for the start of a formula (OWASP, CSV Injection); some locales also take the wide forms.
_EXECUTABLE = frozenset("=+-@\t\r\n＝＋－＠")

_PLACE = (Call.recipient_id, Call.channel, Call.attempt)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about.

    Attributes:
        run_id: the run.
        tags: the campaign's tags, each a column after `COLUMNS`.
    """

    run_id: int
    tags: Sequence[str]

    @property
    def header(self) -> list[Cell]:
        """The names of the columns."""
        return [*COLUMNS, *self.tags]


async def subject_of(session: AsyncSession, run: Run) -> Subject:
    """The subject of `run`'s report; its campaign may be deleted by now."""
    tags = await session.scalar(select(Campaign.usable_tags).where(Campaign.id == run.campaign_id))
    return Subject(run.id, tuple(tags or ()))


def defused(text: str) -> str:
    """`text` for a CSV file, so that no spreadsheet executes it and a later import takes it as it is.

    An apostrophe goes before what would start a formula, and before what an import would change. The import drops it.
    """
    bare = text.lstrip(" ")
    return f"'{text}" if bare[:1] in _EXECUTABLE and bare else kept(text)


def kept(text: str) -> str:
    """`text` for a cell that is text by its type: nothing executes it, and a later import takes it as it is."""
    return f"'{text}" if value_of(text) != clean(text) else text


async def batches(sessions: Sessions, subject: Subject) -> AsyncIterator[Sequence[Any]]:
    """All calls of a report, `BATCH` at a time, in the order of the recipients."""
    after = (0, 0, 0)
    while True:
        query = _batch(subject.run_id, after)
        async with sessions() as session:
            found = (await session.execute(query)).all()
        if found:
            yield found
            after = (found[-1].recipient_id, int(found[-1].channel), found[-1].attempt)
        if len(found) < BATCH:
            return


def _batch(run_id: int, after: tuple[int, int, int]) -> Select[Any]:
    """The rows behind the place `after`, in the order of the unique index: a batch costs the same wherever it lies.

    The batch before the join: joined first, PostgreSQL may go along both indexes from the first of all recipients.
    """
    behind = select(Call).where(Call.run_id == run_id, tuple_(*_PLACE) > after).order_by(*_PLACE).limit(BATCH)
    call = behind.subquery().c
    # Columns, not objects: a report is read once, and the identity map would keep all of it.
    return (
        select(
            call.id,
            call.recipient_id,
            call.channel,
            call.attempt,
            call.status,
            call.reason,
            call.sip_status,
            call.dialed_at,
            call.answered_at,
            call.ended_at,
            call.played_ms,
            call.audio_ms,
            call.digits,
            call.segments,
            call.expires_at,
            func.coalesce(call.dialled, Recipient.national).label("national"),
            cast(Recipient.tags, Text).label("tags"),  # read where the rows are laid out
        )
        .join(Recipient, Recipient.id == call.recipient_id)
        .order_by(call.recipient_id, call.channel, call.attempt)
    )


async def csv_chunks(sessions: Sessions, subject: Subject) -> AsyncIterator[bytes]:
    """The report as CSV (RFC 4180, UTF-8 with BOM), a batch at a time."""
    yield (BOM + _csv([[defused(str(name)) for name in subject.header]])).encode()
    async for calls in batches(sessions, subject):
        yield await asyncio.to_thread(_csv_of, calls, subject.tags)


async def write_xlsx(sessions: Sessions, subject: Subject, file: IO[bytes]) -> None:
    """Write the report to `file` as a spreadsheet, in the memory of a row (xlsxwriter's constant_memory).

    Raises:
        OSError: there is no room for it.
    """
    sheets = _Sheets(file, subject.header)
    try:
        async for calls in batches(sessions, subject):
            await asyncio.to_thread(sheets.write, _rows(calls, subject.tags, kept))
    finally:
        await asyncio.to_thread(sheets.close)


class _Sheets:
    """A workbook that begins another sheet when one is full."""

    def __init__(self, file: IO[bytes], header: Sequence[Cell]) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book: Any = xlsxwriter.Workbook(file, options)
        self._header = header
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheet: Any = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.write_row(0, 0, self._header)
        self._at = 1

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            if self._at == SHEET_ROWS:
                self._begin_sheet()
            self._sheet.write_row(self._at, 0, row)
            self._at += 1

    def close(self) -> None:
        full: OSError | None = None
        try:
            self._book.close()
        except FileCreateError as error:
            full = OSError(*error.args[0].args)
        # Raised out here, since the error caught holds the half-written archive, which is to be let go of now.
        if full is not None:
            raise full


def _csv(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _csv_of(calls: Sequence[Any], tags: Sequence[str]) -> bytes:
    return _csv(_rows(calls, tags, defused)).encode()


def _rows(calls: Sequence[Any], tags: Sequence[str], written: Written) -> Iterator[list[Cell]]:
    """The rows of some calls, each when it is asked for: in a thread, for 500 take up to half a second."""
    return (_row(call, json.loads(call.tags), tags, written) for call in calls)


def _row(call: Any, values: Mapping[str, str], tags: Sequence[str], written: Written) -> list[Cell]:
    figures = measure(call)
    return [
        call.id,
        call.national,
        call.attempt,
        figures.status,
        call.reason or "",
        sentence(call.reason) or "",
        "" if call.sip_status is None else call.sip_status,
        _moment(call.dialed_at),
        _moment(call.answered_at),
        _moment(call.ended_at),
        figures.duration,
        figures.playback,
        figures.credit_consumed,
        written(call.digits or ""),
        service_name(call.channel),
        "" if call.segments is None else call.segments,
        *(written(values.get(tag, "")) for tag in tags),
    ]


def _moment(at: datetime | None) -> str:
    """As a person in Kathmandu reads it; spreadsheets know it for a date."""
    return "" if at is None else to_kathmandu(at).isoformat(" ")[:19]
