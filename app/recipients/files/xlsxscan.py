"""A look through a workbook before its rows are used: nothing in it may make its reader take the machine's memory.

The reader holds a sheet as one rectangle between its outermost cells: two cells a million rows apart, in a file of
1.4 KB, took it 4 GiB and ended its process. So the cells' places are read as well, streaming, in constant memory.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from app.core.errors import InvalidError, Item, TooLargeError, UnsupportedError
from app.recipients.columns import FIELD
from app.recipients.files.formulas import FormulaCounter
from app.recipients.files.limits import ImportLimits
from app.recipients.files.shown import Shown, put
from app.recipients.files.usualrows import Run, UsualRows
from app.recipients.files.xmlparts import (
    broken,
    check_prolog,
    feed,
    local,
    new_parser,
    open_sheet,
    shown_styles,
)

_MOST_PARTS = 10_000
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the two that ISO/IEC 29500-2 allows
_SWELLING = 250  # times; deflate cannot pass 1032, and a sheet of a million rows alike swells some 40 times
_SWELLING_FROM = 16 * 1024**2
_DIGITS = "0123456789"
_FARTHEST_ROW = 1_048_576  # of the format: ECMA-376 part 1, 18.3.1.4, as every program keeps it
_SHARED_STRINGS = "xl/sharedstrings.xml"


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the rows of a workbook lie.

    Attributes:
        sheet: the name of the sheet that was open.
        part: the part of the archive that holds it.
        size: bytes that this unpacks to, as the archive says.
        styles: number formats by the cell format (the ``s`` of a cell).
    """

    sheet: str
    part: str
    size: int
    styles: dict[str, str]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a sheet holds, known before its rows are used.

    Attributes:
        empty: no cell has a value.
        shown: how its cells are shown.
        uncomputed: formulas whose results the file lacks.
    """

    empty: bool
    shown: Shown
    uncomputed: int


def outline(archive: zipfile.ZipFile, limits: ImportLimits) -> Outline:
    """Look at the workbook's small parts, and at what the others claim.

    Raises:
        InvalidError: ``broken_file``.
        UnsupportedError: ``encrypted_file``.
        TooLargeError: ``file_too_large``.
    """
    parts = checked_parts(archive, limits)
    sheet, part = open_sheet(archive, parts)
    if _SHARED_STRINGS in parts:
        check_prolog(archive, parts[_SHARED_STRINGS])
    return Outline(sheet, part, archive.getinfo(part).file_size, shown_styles(archive, parts))


def survey(archive: zipfile.ZipFile, found: Outline, limits: ImportLimits) -> Survey:
    """Look through the sheet.

    Raises:
        InvalidError: ``broken_file``.
        TooLargeError: ``file_too_large``, ``too_many_rows``, ``too_many_columns``.
    """
    try:
        scan = _Scan(limits, found.styles)
        scan.read(archive, found.part, in_haste=True)
    except TooLargeError:
        # Haste takes blank cells for cells with a value, and such may stand far beside the table.
        scan = _Scan(limits, found.styles)
        scan.read(archive, found.part, in_haste=False)
    return Survey(scan.empty, scan.shown, scan.uncomputed)


def checked_parts(archive: zipfile.ZipFile, limits: ImportLimits) -> dict[str, str]:
    """The names of the parts by their lower-case form, after a look at what they claim to unpack to.

    Raises:
        InvalidError: ``broken_file``.
        UnsupportedError: ``encrypted_file``.
        TooLargeError: ``file_too_large``.
    """
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise UnsupportedError(
            Item(FIELD, "encrypted_file", "The workbook is protected by a password; save it without one.")
        )
    parts = {member.filename.lower().replace("\\", "/"): member.filename for member in members}
    packed = {member.compress_type for member in members}
    if len(parts) != len(members) or len(members) > _MOST_PARTS or not packed <= _PACKINGS:
        raise broken("The workbook is put together wrongly")
    swelling = any(
        member.file_size > _SWELLING_FROM and member.file_size > _SWELLING * member.compress_size
        for member in members
    )
    if swelling or sum(member.file_size for member in members) > limits.inflated_bytes:
        raise _too_large("The workbook unpacks to far more than it seems to hold")
    return parts


class _Scan:
    """The places of the cells of a sheet that have a value."""

    def __init__(self, limits: ImportLimits, styles: dict[str, str]) -> None:
        self.empty = True
        self.shown = Shown()
        self.uncomputed = 0
        self._limits = limits
        self._styles = styles
        self._top = self._bottom = self._left = self._right = -1
        self._row = -1
        self._known: set[str] = set()

    def read(self, archive: zipfile.ZipFile, part: str, *, in_haste: bool) -> None:
        """Go through the sheet's XML once; in haste, usual rows are taken as a whole."""
        parser = new_parser()
        parser.ordered_attributes = True
        parser.StartElementHandler, passed = self._seer()
        parse = UsualRows(parser.Parse, self._styles, passed).parse if in_haste else parser.Parse
        counter = FormulaCounter(parse)
        feed(archive, part, counter.parse)
        self.uncomputed = counter.count

    def _seer(self) -> tuple[Callable[[str, list[str]], None], Callable[[Run], None]]:
        """What is called for each element, and for rows that the parser did not see.

        A million rows make fourteen million calls, so the usual cell, in a row and a column that were seen before,
        is passed over by two comparisons: half the time of working its place out.
        """
        cell: list[str] = []
        digits, size = "", 0
        known = self._known
        hasty = not self._styles

        def see(name: str, attributes: list[str]) -> None:
            nonlocal cell, digits, size
            if name == "c":
                cell = attributes if attributes and attributes[0] == "r" else self._placed(attributes, cell)
            elif name in {"v", "is"} and cell:
                reference = cell[1]
                if hasty and reference[-size:] == digits and reference[:-size] in known:
                    return
                digits = self._value(cell)
                size = len(digits)
            elif name == "row":
                cell = []
                self._open_row(attributes)
            elif ":" in name:
                see(local(name), attributes)

        def passed(run: Run) -> None:
            nonlocal cell
            first, last = min(run.rows), max(run.rows)
            if not 1 <= first <= last <= _FARTHEST_ROW:
                raise _no_place()
            cell = ["r", run.last]
            self._row = run.rows[-1] - 1
            if run.valued:
                self._take(run, first, last)

        return see, passed

    def _open_row(self, attributes: list[str]) -> None:
        written = _attribute(attributes, "r")
        self._row = self._row + 1 if written is None else _row(written)
        if _attribute(attributes, "hidden") in {"1", "true"}:
            self.shown.hide(self._row)

    def _take(self, run: Run, first: int, last: int) -> None:
        """Take rows into the outermost bounds, as if each of their cells had a value."""
        columns = [_column(letters) for letters in run.columns]
        self._reach(first - 1, min(columns))
        self._reach(last - 1, max(columns))
        places: dict[tuple[bytes, bytes], tuple[bytearray, int]] = {}
        for letters, digits, style in run.styled:
            place = places.get((letters, style))
            if place is None:
                kind = self.shown.kind(self._styles[style.decode()])
                rows = self.shown.columns.setdefault(_column(letters.decode()), bytearray())
                place = places[letters, style] = rows, kind
            put(place[0], int(digits) - 1, place[1])

    def _placed(self, attributes: list[str], before: list[str]) -> list[str]:
        """The attributes of a cell with its place first; without one, it follows the cell before."""
        written = _attribute(attributes, "r")
        if written is None:
            column = _column(before[1].rstrip(_DIGITS)) + 1 if before else 0
            written = f"{_letters(column)}{self._row + 1}"
        return ["r", written, *attributes]

    def _value(self, cell: list[str]) -> str:
        """Take a cell with a value into the outermost bounds; its row as it is written."""
        letters = cell[1].rstrip(_DIGITS)
        digits = cell[1][len(letters) :]
        row, column = _row(digits), _column(letters)
        self._reach(row, column)
        self._known.add(letters)
        self._row = row
        code = self._styles.get(_attribute(cell, "s") or "")
        if code is not None and _attribute(cell, "t") in {None, "n"}:
            self.shown.add(row, column, code)
        return digits

    def _reach(self, row: int, column: int) -> None:
        """Take a place into the outermost bounds."""
        if self.empty:
            self.empty = False
            self._left = self._right = column
            self._top = self._bottom = row
        if not (self._left <= column <= self._right and self._top <= row <= self._bottom):
            self._left, self._right = min(self._left, column), max(self._right, column)
            self._top, self._bottom = min(self._top, row), max(self._bottom, row)
            self._check(self._bottom - self._top + 1, self._right - self._left + 1)

    def _check(self, height: int, width: int) -> None:
        limits = self._limits
        if height > limits.rows + 1:
            message = (
                f"The sheet reaches over {height:,} rows; at most {limits.rows:,} and a header are read. "
                "Split it, or remove what stands far below the table."
            )
            raise TooLargeError(Item(FIELD, "too_many_rows", message))
        if width > limits.columns:
            message = (
                f"The sheet reaches over {width} columns; at most {limits.columns} are read. "
                "Remove what stands far beside the table."
            )
            raise TooLargeError(Item(FIELD, "too_many_columns", message))
        if height * width > limits.cells:
            raise _too_large(f"The sheet spans {height:,} rows of {width} columns")


def _attribute(attributes: list[str], name: str) -> str | None:
    """The value of an attribute in the flat list that the parser gives."""
    for index in range(0, len(attributes), 2):
        if attributes[index] == name:
            return attributes[index + 1]
    return None


def _row(digits: str) -> int:
    """The index from 0 of a row by its number."""
    if not 1 <= len(digits) <= 7 or digits.strip(_DIGITS) or not 1 <= int(digits) <= _FARTHEST_ROW:
        raise _no_place()
    return int(digits) - 1


def _no_place() -> InvalidError:
    return broken("A row of the sheet has no place")


@cache
def _column(letters: str) -> int:
    """The index from 0 of a column named by letters: A is 0, XFD the last."""
    if not 1 <= len(letters) <= 3 or not letters.isascii() or not letters.isalpha():
        raise broken("A cell of the sheet has no place")
    index = 0
    for letter in letters.upper():
        index = 26 * index + ord(letter) - ord("A") + 1
    return index - 1


def _letters(column: int) -> str:
    """The letters that name a column, by its index from 0."""
    letters = ""
    while column >= 0:
        column, letter = column // 26 - 1, chr(ord("A") + column % 26)
        letters = letter + letters
    return letters


def _too_large(what: str) -> TooLargeError:
    return TooLargeError(Item(FIELD, "file_too_large", f"{what}; save it as .csv (UTF-8), or split it."))
