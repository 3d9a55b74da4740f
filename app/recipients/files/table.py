"""Rows of cells become recipients: the header is found, numbers normalised, repeats dropped, tags collected."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from app.accounts.dialling import CODE, MESSAGE, DiallingPolicy
from app.core.errors import Item, TooLargeError, invalid
from app.core.phone import MOBILE, Number, NumberError, lacks_mobile_length
from app.recipients.cells import value_of
from app.recipients.columns import FIELD, tag_columns
from app.recipients.files.doubts import doubts
from app.recipients.files.layout import SAMPLE, Found, Row, find, no_number_column, trimmed
from app.recipients.files.limits import ImportLimits
from app.recipients.files.lines import TagWriter
from app.recipients.files.lost import are_marks
from app.recipients.files.numbers import read_cell
from app.recipients.files.seen import SeenNumbers
from app.recipients.report import NOT_A_MOBILE_LENGTH, Notice, Tally

_WRITTEN_TOGETHER = 16  # a row may take a megabyte


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a row.

    Attributes:
        number_at: index of the number's cell.
        tags: writes the row's tags.
        width: cells that a row may have.
        headed: whether a row names the columns.
        mobiles: whether the numbers are mobile ones, as far as was looked.
    """

    number_at: int
    tags: TagWriter
    width: int
    headed: bool
    mobiles: bool


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
        number_column, header_row: as `ImportResult` has them, once `run` has found them.
        warnings: of values that may be wrong.
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
        self.number_column = ""
        self.header_row: int | None = None
        self.warnings: list[Notice] = []
        self._rows = rows
        self._write = write
        self._limits = limits
        self._policy = policy
        self._drifting = drifting
        self._seen = SeenNumbers()
        self._lines: list[str] = []

    def run(self) -> None:
        """Convert every row; the attributes then say what came of it.

        Raises:
            InvalidError: ``empty_file``, ``no_rows``, ``no_number_column``, ``two_number_columns``,
                ``duplicate_column``, ``cell_too_long``.
            TooLargeError: ``too_many_rows``, ``too_many_columns``.
        """
        sample = list(islice((row for row in self._rows if not _blank(row[1])), SAMPLE))
        if not sample:
            raise invalid(FIELD, "empty_file", "The file is empty; send a column of numbers under a header.")
        self._check_width(trimmed(sample[0][1]))
        found = find(sample)
        layout = self._layout(found)
        self.number_column, self.header_row = found.number_column, found.header_row
        self._rows = chain(found.rest, self._rows)
        if self._convert_rest(layout) == 0:
            raise invalid(FIELD, "no_rows", "The file holds a header and no recipients; add a row for each.")
        if found.header is None and self.tally.accepted == 0 and not any(map(str.isdigit, sample[0][1][0])):
            raise no_number_column(sample)
        if found.header is not None:
            self.warnings += doubts(found.header, found.number_at, found.rest)

    def _check_width(self, cells: Sequence[str]) -> None:
        if len(cells) > self._limits.columns:
            message = f"The file has {len(cells)} columns; at most {self._limits.columns} are read."
            raise TooLargeError(Item(FIELD, "too_many_columns", message))

    def _layout(self, found: Found) -> Layout:
        if found.header is None:
            return Layout(0, TagWriter([]), 1, headed=False, mobiles=found.mobiles)
        self._check_width(found.header)
        tags = tag_columns([_tag_source(cell) for cell in found.header], found.number_at)
        self.columns = [name for _, name in tags]
        return Layout(found.number_at, TagWriter(tags), len(found.header), headed=True, mobiles=found.mobiles)

    def _convert_rest(self, layout: Layout) -> int:
        """Convert what follows the header; how many rows were not blank.

        Nearly every row has as many cells as the header and a mobile number as it is dialled. Such a row is written
        here, in half the time of `_convert`, which takes every other.
        """
        read = 0
        new, tags, most = self._seen.add_mobile, layout.tags.json, self._limits.rows
        number_at, width = layout.number_at, layout.width if self._policy.prefixes is None else None
        lines, longest = self._lines, self._limits.row_chars
        for row in self._rows:
            cells = row[1]
            found = MOBILE.fullmatch(cells[number_at]) if len(cells) == width else None
            if found is None:
                read += self._convert(row, layout)
            else:
                read += 1
                national, digits = found.groups()
                line = f"+977{digits}\t{national}\t{tags(cells)}\n"
                if len(line) > longest:
                    self._refuse_long(row[0], national)
                elif new(digits):
                    lines.append(line)
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
            numbers = read_cell(written)
        except NumberError as error:
            self.tally.reject(at, written, error.code, error.message)
            return True
        number = next((one for one in numbers if self._policy.allows(one.e164)), None)
        if number is None:
            self.tally.reject(at, written, CODE, MESSAGE)
        elif layout.mobiles and lacks_mobile_length(number.e164):
            self.tally.reject(at, written, NOT_A_MOBILE_LENGTH, _length_message(number))
        else:
            self._take(at, number, numbers, layout.tags.json(cells))
        return True

    def _take(self, at: int, number: Number, numbers: Sequence[Number], tags: str) -> None:
        line = f"{number.e164}\t{number.national}\t{tags}\n"
        if len(line) > self._limits.row_chars:
            self._refuse_long(at, number.national)
            return
        if len(numbers) > 1:
            self.tally.leave(at, number, [one for one in numbers if one is not number])
        if self._seen.add(number.e164):
            self._lines.append(line)
        else:
            self.tally.duplicates += 1

    def _refuse_long(self, at: int, written: str) -> None:
        message = f"This row has over {self._limits.row_chars:,} characters; leave out columns that no message uses."
        self.tally.reject(at, written, "row_too_long", message)

    def _fits(self, row: Row, layout: Layout, written: str) -> bool:
        """Whether the cells beyond the header may be overlooked; a row that drifted is refused here."""
        at, cells = row
        if (layout.headed and not self._drifting) or _blank(cells[layout.width :]):
            return True
        if not layout.headed and not (self._lines or self.tally.accepted or self.tally.duplicates):
            raise no_number_column([row])
        message = "This row has more cells than the header; put a value that holds a comma in double quotes."
        self.tally.reject(at, written, "extra_cells", message)
        return False


def _tag_source(cell: str) -> str:
    """The name of a column, '' when its letters are lost: nobody can write its tag, and others are lost alike."""
    name = value_of(cell)
    return "" if are_marks(name) else name


def _blank(cells: Sequence[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)


def _length_message(number: Number) -> str:
    digits = len(number.e164) - len("+977")
    return (
        f"This begins as a mobile number does and has {digits} digits instead of 10; correct it in the file."
    )


def _too_many_rows(limit: int) -> TooLargeError:
    message = f"The file has more than {limit:,} rows; split it and add the parts to campaigns of their own."
    return TooLargeError(Item(FIELD, "too_many_rows", message))
