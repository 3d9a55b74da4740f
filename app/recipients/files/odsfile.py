"""Rows of an OpenDocument spreadsheet (.ods), streamed: no more of it is held than a piece of its XML.

The format keeps beside each value the text that the sheet shows, so little is worked out here but dates, which become
ISO. A cell or a row may say that it stands many times (ISO/IEC 26300-1, 19.675 and 19.677): a file of a kilobyte can
claim a million rows of a thousand cells. What is blank is counted and not made; what is not is held to the limits.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Item, TooLargeError, UnsupportedError, invalid
from app.recipients.cells import cell_text
from app.recipients.columns import FIELD
from app.recipients.files.layout import Row
from app.recipients.files.limits import ImportLimits
from app.recipients.files.source import Source
from app.recipients.files.xlsxscan import checked_parts
from app.recipients.files.xmlparts import CHUNK, DAMAGES, Attributes, broken, each_element, local, new_parser

_CONTENT, _SETTINGS, _MANIFEST = "content.xml", "settings.xml", "meta-inf/manifest.xml"
_FARTHEST = 1_048_576
_ZERO_DECIMALS = re.compile(r"[.][0]+(?![0-9])")
_DIGITS = re.compile(r"[0-9०-९]+")


def ods_source(path: Path, limits: ImportLimits, *, include_hidden: bool) -> Source:
    """The rows of the sheet that was open when the file was saved, or else of the first that is shown.

    Raises:
        InvalidError: ``broken_file``, also as rows are read; then ``cell_too_long`` as well.
        UnsupportedError: ``encrypted_file``.
        TooLargeError: ``file_too_large``; as rows are read ``too_many_columns``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = checked_parts(archive, limits)
            _refuse_encrypted(archive, parts)
            active = _active_table(archive, parts)
    except zipfile.BadZipFile as error:
        raise broken("The workbook is damaged") from error
    source = Source(iter(()))
    source.rows = _rows(path, parts[_CONTENT], active, source, limits, include_hidden=include_hidden)
    return source


def _refuse_encrypted(archive: zipfile.ZipFile, parts: dict[str, str]) -> None:
    found: list[str] = []

    def see(name: str, _: Attributes) -> None:
        if name == "encryption-data":
            found.append(name)

    if _MANIFEST in parts:
        each_element(archive, parts[_MANIFEST], see)
    if found:
        message = "The workbook is protected by a password; save it without one."
        raise UnsupportedError(Item(FIELD, "encrypted_file", message))


def _active_table(archive: zipfile.ZipFile, parts: dict[str, str]) -> str | None:
    """The name of the sheet that was open; None when the file does not say."""
    found: list[str] = []
    if _SETTINGS not in parts:
        return None
    parser = new_parser()
    asked = False

    def begin(_: str, attributes: Attributes) -> None:
        nonlocal asked
        asked = any(local(key) == "name" and value == "ActiveTable" for key, value in attributes.items())

    parser.StartElementHandler = begin
    parser.CharacterDataHandler = lambda text: found.append(text) if asked else None
    parser.EndElementHandler = lambda _: begin("", {})
    try:
        with archive.open(parts[_SETTINGS]) as stream:
            parser.Parse(stream.read(CHUNK), False)
    except DAMAGES as error:
        raise broken("The settings of the workbook are damaged") from error
    return "".join(found) or None


def _rows(
    path: Path, part: str, active: str | None, source: Source, limits: ImportLimits, *, include_hidden: bool
) -> Iterator[Row]:
    for wanted in (active, None):
        table = _Table(wanted, source, limits, include_hidden=include_hidden)
        yield from _parsed(path, part, table)
        if table.met or wanted is None:
            return


def _parsed(path: Path, part: str, table: "_Table") -> Iterator[Row]:
    parser = new_parser()
    parser.StartElementHandler = table.begin
    parser.EndElementHandler = table.end
    parser.CharacterDataHandler = table.text
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
                yield from table.taken()
                if table.over:
                    return
        parser.Parse(b"", True)
        yield from table.taken()
    except DAMAGES as error:
        raise broken("The sheet of the workbook is damaged") from error


@dataclass(slots=True)
class _Cell:
    """A cell that is being read."""

    attributes: Attributes
    pieces: list[str] = field(default_factory=list)
    length: int = 0


class _Table:
    """Follows the XML of the sheets and takes the rows of one.

    Attributes:
        met: the sheet was there.
        over: it was read to its end.
    """

    def __init__(
        self, name: str | None, source: Source, limits: ImportLimits, *, include_hidden: bool
    ) -> None:
        self.met = self.over = False
        self._name = name
        self._source = source
        self._limits = limits
        self._include_hidden = include_hidden
        self._style = ""
        self._unseen: set[str] = set()
        self._cell: _Cell | None = None
        self._asides = 0
        self._cells: list[str] = []
        self._width = self._row = 0
        self._repeat, self._shown = 1, True
        self._out: list[tuple[int, list[str], int]] = []

    def taken(self) -> Iterator[Row]:
        """The rows read since it was asked last."""
        for row, cells, times in self._out:
            for at in range(times):
                yield row + at, cells
        self._out.clear()

    def begin(self, name: str, given: Attributes) -> None:
        name = local(name)
        inside = self.met and not self.over
        if not inside:
            if name in {"style", "table-properties", "table"}:
                self._before(name, {local(key): value for key, value in given.items()})
        elif name in {"table-cell", "covered-table-cell"}:
            self._cell = _Cell({local(key): value for key, value in given.items()})
        elif name == "table-row":
            attributes = {local(key): value for key, value in given.items()}
            self._repeat = _times(attributes.get("number-rows-repeated"))
            self._shown = attributes.get("visibility", "visible") == "visible"
            self._cells, self._width = [], 0
        elif self._cell is not None:
            self._within(name, given)

    def _before(self, name: str, attributes: Attributes) -> None:
        if name == "style":
            self._style = attributes.get("name", "")
        elif name == "table-properties" and attributes.get("display") == "false":
            self._unseen.add(self._style)
        elif name == "table" and not self.over and attributes.get("style-name") not in self._unseen:
            self.met = self._name is None or attributes.get("name") == self._name
            if self.met:
                self._source.sheet = attributes.get("name", "")

    def _within(self, name: str, given: Attributes) -> None:
        if name in {"annotation", "frame", "custom-shape"}:
            self._asides += 1
        elif name == "p" and self._cell and self._cell.pieces:
            self.text("\n")
        elif name in {"s", "tab", "line-break"}:
            self.text(" " * min(_times(given.get("text:c")), 100))

    def text(self, text: str) -> None:
        """Take what stands between tags."""
        if self._cell is None or self._asides:
            return
        self._cell.pieces.append(text)
        self._cell.length += len(text)
        if self._cell.length > self._limits.cell_chars:
            most = self._limits.cell_chars
            message = f"Row {self._row + 1} holds a cell of more than {most:,} characters; shorten it."
            raise invalid(FIELD, "cell_too_long", message)

    def end(self, name: str) -> None:
        if not self.met or self.over:
            return
        name = local(name)
        if self._cell is not None and name in {"table-cell", "covered-table-cell"}:
            self._take_cell(self._cell)
            self._cell, self._asides = None, 0
        elif name in {"annotation", "frame", "custom-shape"}:
            self._asides = max(0, self._asides - 1)
        elif name == "table-row":
            self._take_row()
        elif name == "table":
            self.over = True

    def _take_cell(self, cell: _Cell) -> None:
        times = _times(cell.attributes.get("number-columns-repeated"))
        shown = _shown("".join(cell.pieces).strip(), cell.attributes)
        self._width = min(self._width + times, _FARTHEST)
        if not shown:
            return
        if self._width > self._limits.columns:
            most = self._limits.columns
            message = (
                f"The sheet reaches over {self._width} columns; at most {most} are read. "
                "Remove what stands far beside the table."
            )
            raise TooLargeError(Item(FIELD, "too_many_columns", message))
        self._cells += [""] * (self._width - times - len(self._cells)) + [shown] * times

    def _take_row(self) -> None:
        if any(self._cells):
            if self._shown or self._include_hidden:
                self._out.append((self._row + 1, self._cells, self._repeat))
            else:
                self._source.hidden += self._repeat
        self._row = min(self._row + self._repeat, _FARTHEST)
        self._cells = []


def _times(written: str | None) -> int:
    return min(int(written), _FARTHEST) if written and written.isdecimal() and len(written) < 9 else 1


def _shown(text: str, attributes: Attributes) -> str:
    """The text of a cell; a value that it does not show in full is taken from beside it."""
    kind = attributes.get("value-type")
    if kind == "date":
        return _date(text, attributes.get("date-value", ""))
    if kind in {"float", "percentage", "currency"}:
        if kind != "currency":
            text = _ZERO_DECIMALS.sub("", text, count=1)
        if "E+" in text or "#" in text or not _DIGITS.search(text):
            return _number(attributes.get("value", "")) or text
    return text


def _date(text: str, value: str) -> str:
    """ISO, when day, month and year are shown: three numbers, or two and the name of a month."""
    numbers = len(_DIGITS.findall(text.partition(":")[0]))
    named = any(map(str.isalpha, text.partition(":")[0]))
    if numbers + named < 3 or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return text
    day, _, clock = value.partition("T")
    clock = clock.partition(".")[0].removesuffix(":00")
    return f"{day} {clock}" if clock and ":" in text else day


def _number(value: str) -> str:
    try:
        return cell_text(float(value))
    except ValueError:
        return ""
