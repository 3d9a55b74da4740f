"""Rows of cells become recipients: the header is found, numbers normalised, repeats dropped, tags collected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TextIO

from app.accounts.dialling import CODE, MESSAGE, DiallingPolicy
from app.core.errors import InvalidError, Item, TooLargeError, invalid
from app.core.phone import NumberError, parse_number
from app.recipients.cells import clean
from app.recipients.columns import FIELD, number_column, tag_columns
from app.recipients.limits import ImportLimits
from app.recipients.report import Tally
from app.recipients.seen import SeenNumbers

Row = tuple[int, Sequence[str]]
"""The row as a person counts it in the file (1 is the first), and its cells."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a row.

    Attributes:
        number_at: index of the number's cell.
        tags: index of each tag's cell, and its name as the key of a JSON object.
        width: cells that a row may have.
        headed: whether the first row names the columns.
    """

    number_at: int
    tags: list[tuple[int, str]]
    width: int
    headed: bool


class Conversion:
    """One pass over the rows of a file, writing the usable ones for COPY.

    Args:
        rows: blank rows may be among them.
        out: takes a line for each recipient, as `ImportResult.rows_path` says.
        limits: `rows` and `columns` are watched here.
        policy: whom the account may call.
        drifting: whether an extra cell means that the row's values have moved, as an unquoted comma does in a CSV
            file: such a row would speak one person's amount under another name, so it is refused.

    Attributes:
        columns: the tags that the header brings, in file order.
        tally: what became of the rows so far.
    """

    def __init__(
        self,
        rows: Iterator[Row],
        out: TextIO,
        limits: ImportLimits,
        policy: DiallingPolicy,
        *,
        drifting: bool,
    ) -> None:
        self.columns: list[str] = []
        self.tally = Tally()
        self._rows = rows
        self._out = out
        self._limits = limits
        self._policy = policy
        self._drifting = drifting
        self._seen = SeenNumbers()

    def run(self) -> None:
        """Convert every row; `columns` and `tally` then say what came of it.

        Raises:
            InvalidError: ``empty_file``, ``no_rows``, ``no_number_column``, ``duplicate_column``, ``cell_too_long``.
            TooLargeError: ``too_many_rows``, ``too_many_columns``.
        """
        first = next((row for row in self._rows if not _blank(row[1])), None)
        if first is None:
            raise invalid(FIELD, "empty_file", "The file is empty; send a column of numbers under a header.")
        layout = self._layout(_trimmed(first[1]))
        if not layout.headed:
            self._convert(first, layout)
        read = int(not layout.headed)
        for row in self._rows:
            read += self._convert(row, layout)
            if read > self._limits.rows:
                raise _too_many_rows(self._limits.rows)
        if read == 0:
            raise invalid(FIELD, "no_rows", "The file holds a header and no recipients; add a row for each.")
        if not layout.headed and self.tally.accepted == 0 and not any(map(str.isdigit, first[1][0])):
            raise _no_number_column(first[1])

    def _layout(self, cells: Sequence[str]) -> Layout:
        if len(cells) > self._limits.columns:
            message = f"The file has {len(cells)} columns; at most {self._limits.columns} are read."
            raise TooLargeError(Item(FIELD, "too_many_columns", message))
        number_at = number_column(cells)
        if number_at is not None:
            tags = tag_columns(cells, number_at)
            keys = [(index, f"{encode_basestring(name)}:") for index, name in tags]
            self.columns = [name for _, name in tags]
            return Layout(number_at, keys, len(cells), headed=True)
        if len(cells) > 1:
            raise _no_number_column(cells)
        return Layout(0, [], 1, headed=False)

    def _convert(self, row: Row, layout: Layout) -> bool:
        """Write or refuse one row; False when it is blank."""
        at, cells = row
        written = cells[layout.number_at].strip() if layout.number_at < len(cells) else ""
        if not written and _blank(cells):
            return False
        if len(cells) > layout.width and not self._fits(row, layout, written):
            return True
        try:
            number = parse_number(written)
        except NumberError as error:
            self.tally.reject(at, written, error.code, error.message)
            return True
        if not self._policy.allows(number.e164):
            self.tally.reject(at, written, CODE, MESSAGE)
            return True
        if not self._seen.add(number.e164):
            self.tally.duplicates += 1
            return True
        self.tally.accepted += 1
        self._out.write(f"{number.e164}\t{number.national}\t{_tags(cells, layout.tags)}\n")
        return True

    def _fits(self, row: Row, layout: Layout, written: str) -> bool:
        """Whether the cells beyond the header may be overlooked; a row that drifted is refused here."""
        at, cells = row
        if (layout.headed and not self._drifting) or _blank(cells[layout.width :]):
            return True
        if not layout.headed and self.tally.accepted == 0 and self.tally.duplicates == 0:
            raise _no_number_column(cells)
        message = "This row has more cells than the header; put a value that holds a comma in double quotes."
        self.tally.reject(at, written, "extra_cells", message)
        return False


def _tags(cells: Sequence[str], tags: list[tuple[int, str]]) -> str:
    """The row's tags as JSON in COPY's text format, where a backslash is written twice; blank cells left out."""
    pieces = []
    for index, key in tags:
        value = clean(cells[index]) if index < len(cells) else ""
        if value:
            pieces.append(key + encode_basestring(value))
    return f"{{{','.join(pieces)}}}".replace("\\", "\\\\")


def _blank(cells: Sequence[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Without the blank cells at the end that spreadsheets leave there."""
    width = max(index for index, cell in enumerate(cells, 1) if cell and not cell.isspace())
    return cells[:width]


def _no_number_column(cells: Sequence[str]) -> InvalidError:
    found = ", ".join(f"“{clean(cell)[:40]}”" for cell in cells[:10] if clean(cell))
    return invalid(
        FIELD,
        "no_number_column",
        f"No column of the first row ({found}) is named number, phone, mobile or contact; name the column that "
        "holds the phone numbers so. A file of numbers alone needs no header.",
    )


def _too_many_rows(limit: int) -> TooLargeError:
    message = f"The file has more than {limit:,} rows; split it and add the parts to campaigns of their own."
    return TooLargeError(Item(FIELD, "too_many_rows", message))
