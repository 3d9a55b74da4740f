"""Rows of an .xls workbook (BIFF, Excel before 2007), as text. Run it where memory is bounded: `import_child`.

Its reader was not made for hostile files: what it raises over a damaged one may be any error of Python's own.
"""

import io
import struct
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import xlrd
from xlrd.compdoc import CompDocError
from xlrd.sheet import Cell, Sheet

from app.core.errors import InvalidError, Item, UnsupportedError, invalid
from app.recipients.cells import CellValue, cell_text
from app.recipients.columns import FIELD
from app.recipients.files.layout import Row
from app.recipients.files.limits import ImportLimits
from app.recipients.files.numformat import BUILTIN, renderer
from app.recipients.files.source import Source, shown_rows
from app.recipients.files.xmlparts import broken

_FIRST_OWN_FORMAT = 164  # those below are the program's
_DAMAGES = (
    xlrd.XLRDError, CompDocError, struct.error, LookupError, ValueError, TypeError, AttributeError, AssertionError,
    ArithmeticError, EOFError, RecursionError,
)  # fmt: skip


def xls_source(path: Path, limits: ImportLimits, *, include_hidden: bool) -> Source:
    """Each row with its number in the sheet, blank ones included; of the sheet that was open.

    Raises:
        InvalidError: ``broken_file``, and as rows are read ``cell_too_long``.
        UnsupportedError: ``encrypted_file``.
    """
    try:
        # Some sheets are read before the open one is known; what its log would say is for nobody.
        book = xlrd.open_workbook(
            str(path), logfile=io.StringIO(), formatting_info=True, on_demand=True, ragged_rows=True
        )
        sheet = _open_sheet(book)
    except _DAMAGES as error:
        raise _refusal(error) from error
    source = Source(iter(()), sheet.name)
    rows = _rows(sheet, _Writers(book), limits)
    source.rows = rows if include_hidden else shown_rows(rows, _hidden(sheet), source)
    return source


def _refusal(error: Exception) -> InvalidError | UnsupportedError:
    if "encrypted" in str(error):
        message = "The workbook is protected by a password; save it without one."
        return UnsupportedError(Item(FIELD, "encrypted_file", message))
    return broken("The workbook is damaged")


def _open_sheet(book: xlrd.Book) -> Sheet:
    """The sheet that was open when the workbook was saved; the first visible one where that was none, or hidden."""
    first = None
    for at in range(book.nsheets):
        sheet = book.sheet_by_index(at)
        if sheet.visibility == 0:
            if sheet.sheet_visible:
                return sheet
            first = at if first is None else first
        book.unload_sheet(at)
    if not book.nsheets:
        raise broken("The workbook holds no sheet")
    return book.sheet_by_index(first or 0)


def _hidden(sheet: Sheet) -> bytearray:
    hidden = bytearray(sheet.nrows)
    for row, info in sheet.rowinfo_map.items():
        if info.hidden and row < len(hidden):
            hidden[row] = 1
    return hidden


class _Writers:
    """What writes a number as its cell shows it, by the cell's format."""

    def __init__(self, book: xlrd.Book) -> None:
        self._book = book
        self._known: dict[int | None, tuple[Callable[[CellValue], str], bool]] = {}

    def text(self, cell: Cell) -> str:
        if cell.ctype == xlrd.XL_CELL_TEXT:
            return str(cell.value)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return cell_text(bool(cell.value))
        if cell.ctype not in {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE}:
            return ""
        if cell.xf_index not in self._known:
            self._known[cell.xf_index] = self._writer(cell.xf_index)
        write, is_length = self._known[cell.xf_index]
        return write(cell.value if cell.ctype == xlrd.XL_CELL_NUMBER else self._moment(cell.value, is_length))

    def _moment(self, days: float, is_length: bool) -> CellValue:
        if is_length:
            return timedelta(days=days)
        try:
            moment: datetime = xlrd.xldate_as_datetime(days, self._book.datemode)
        except (ValueError, OverflowError):
            return days
        return moment if days >= 1 else moment.time()

    def _writer(self, xf_index: int | None) -> tuple[Callable[[CellValue], str], bool]:
        key = None if xf_index is None else self._book.xf_list[xf_index].format_key
        found = self._book.format_map.get(key)
        code = found.format_str if found else ""
        if key is not None and key < _FIRST_OWN_FORMAT:
            code = BUILTIN.get(str(key), "")
        return renderer(code) or cell_text, any(mark in code.lower() for mark in ("[h", "[m", "[s"))


def _rows(sheet: Sheet, writers: _Writers, limits: ImportLimits) -> Iterator[Row]:
    try:
        for index in range(sheet.nrows):
            texts = [writers.text(cell) for cell in sheet.row(index)]
            longest = max(map(len, texts), default=0)
            if longest > limits.cell_chars:
                most = limits.cell_chars
                message = (
                    f"Row {index + 1} holds a cell of {longest:,} characters; at most {most:,} are read."
                )
                raise invalid(FIELD, "cell_too_long", message)
            yield index + 1, texts
    except _DAMAGES as error:
        raise broken("The workbook is damaged") from error
