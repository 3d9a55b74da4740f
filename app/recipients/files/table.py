"""Rows of cells become recipients: the header is found, numbers normalised, repeats dropped, tags collected."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from app.accounts.dialling import CODE, MESSAGE, DiallingPolicy
from app.core.errors import InvalidError, Item, TooLargeError, invalid
from app.core.phone import MOBILE, NumberError, parse_number
from app.recipients.cells import clean
from app.recipients.columns import FIELD, number_column, tag_columns
from app.recipients.files.limits import ImportLimits
from app.recipients.files.lines import TagWriter
from app.recipients.files.seen import SeenNumbers
from app.recipients.report import Tally

_WRITTEN_TOGETHER = 16  # a row may take a megabyte

Row = tuple[int, Sequence[str]]
"""The row as a person counts it in the file (1 is the first), and its cells."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a row.

    Attributes:
        number_at: index of the number's cell.
        tags: writes the row's tags.
        width: cells that a row may have.
        headed: whether the first row names the columns.
    """

    number_at: int
    tags: TagWriter
    width: int
    headed: bool


class Conversion:
    """One pass over the rows of a file, writing the usable ones for COPY.

    Args:
        rows: blank rows may be among them.
        write: takes a line for each recipient, some at a time, as `ImportUnderWay.blocks` gives them.
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
        write: Callable[[str], object],
        limits: ImportLimits,
        policy: DiallingPolicy,
        *,
        drifting: bool,
    ) -> None:
        self.columns: list[str] = []
        self.tally = Tally()
        self._rows = rows
        self._write = write
        self._limits = limits
        self._policy = policy
        self._drifting = drifting
        self._seen = SeenNumbers()
        self._lines: list[str] = []

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
            self._rows = chain([first], self._rows)
        read = self._convert_rest(layout)
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
            self.columns = [name for _, name in tags]
            return Layout(number_at, TagWriter(tags), len(cells), headed=True)
        if len(cells) > 1:
            raise _no_number_column(cells)
        return Layout(0, TagWriter([]), 1, headed=False)

    def _convert_rest(self, layout: Layout) -> int:
        """Convert what follows the first row; how many rows were not blank.

        Nearly every row has as many cells as the header and a mobile number as it is dialled. Such a row is written
        here, in half the time of `_convert`, which takes every other.
        """
        read = 0
        new, tags, most = self._seen.add_mobile, layout.tags.json, self._limits.rows
        number_at, width = layout.number_at, layout.width if self._policy.prefixes is None else None
        lines = self._lines
        for row in self._rows:
            cells = row[1]
            found = MOBILE.fullmatch(cells[number_at]) if len(cells) == width else None
            if found is None:
                read += self._convert(row, layout)
            else:
                read += 1
                national, digits = found.groups()
                if new(digits):
                    lines.append(f"+977{digits}\t{national}\t{tags(cells)}\n")
                else:
                    self.tally.duplicates += 1
            if read > most:
                raise _too_many_rows(most)
            if len(lines) >= _WRITTEN_TOGETHER:
                self._hand_on()
        self._hand_on()
        return read

    def _hand_on(self) -> None:
        self.tally.accepted += len(self._lines)
        self._write("".join(self._lines))
        self._lines.clear()

    def _convert(self, row: Row, layout: Layout) -> bool:
        """Take in or refuse one row; False when it is blank."""
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
        self._lines.append(f"{number.e164}\t{number.national}\t{layout.tags.json(cells)}\n")
        return True

    def _fits(self, row: Row, layout: Layout, written: str) -> bool:
        """Whether the cells beyond the header may be overlooked; a row that drifted is refused here."""
        at, cells = row
        if (layout.headed and not self._drifting) or _blank(cells[layout.width :]):
            return True
        if not layout.headed and not (self._lines or self.tally.accepted or self.tally.duplicates):
            raise _no_number_column(cells)
        message = "This row has more cells than the header; put a value that holds a comma in double quotes."
        self.tally.reject(at, written, "extra_cells", message)
        return False


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
