"""What came of a list of numbers: how many were taken, and which were not, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.accounts.dialling import CODE, DEFAULT, MESSAGE, DiallingPolicy
from app.core.phone import Number, NumberError, lacks_mobile_length, parse_number
from app.recipients.cells import shown

NOT_A_MOBILE_LENGTH = "not_a_mobile_length"

REPORTED_ROWS = 100
"""Refused rows that are reported one by one; the rest are counted."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was left out.

    Attributes:
        row: 1 is the first row of the file (its header included) or the first value of a list.
        value: what stood for the number, at most 100 characters, safe to show.
        code: a `NumberError` code, ``not_allowed`` for a number that the account may not call, ``extra_cells`` for a
            row with more cells than the header, ``row_too_long``, or ``not_a_mobile_length`` in a column of mobile
            numbers.
        message: what to do about it.
    """

    row: int
    value: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ExtraNumbers:
    """A cell that held several numbers.

    Attributes:
        row: as in `RejectedRow`.
        used: the number that was taken, in its national form.
        others: those that were not.
    """

    row: int
    used: str
    others: list[str]


@dataclass(frozen=True, slots=True)
class DoubtfulValue:
    """A value that a warning tells of.

    Attributes:
        row: as in `RejectedRow`.
        value: at most 100 characters, safe to show.
        suggestion: what it most likely should be; None when that is not certain.
    """

    row: int
    value: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What was taken and may still be wrong.

    Attributes:
        code: ``preeti_text``, ``lost_letters``, ``no_formula_result`` or ``not_a_mobile_length``.
        message: what to do about it.
        column: the name of the column, None in a list of numbers.
        values: the first of those that it tells of.
    """

    code: str
    message: str
    column: str | None
    values: list[DoubtfulValue]


@dataclass(slots=True)
class Tally:
    """Counts while rows go by.

    Attributes:
        accepted, duplicates, rejected: rows so far; together all rows that were not blank.
        rejected_rows: the first `REPORTED_ROWS` of the refused.
        extra_numbers: numbers that stood beside the one taken, in the same cell.
        extra_number_rows: the first `REPORTED_ROWS` cells with such.
    """

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejected_rows: list[RejectedRow] = field(default_factory=list)
    extra_numbers: int = 0
    extra_number_rows: list[ExtraNumbers] = field(default_factory=list)

    def reject(self, row: int, value: object, code: str, message: str) -> None:
        """Count a refused row, and keep it while there is room."""
        self.rejected += 1
        if len(self.rejected_rows) < REPORTED_ROWS:
            self.rejected_rows.append(RejectedRow(row, shown(value), code, message))

    def leave(self, row: int, used: Number, others: Sequence[Number]) -> None:
        """Count numbers of a cell that are not called."""
        self.extra_numbers += len(others)
        if len(self.extra_number_rows) < REPORTED_ROWS:
            named = [other.national for other in others]
            self.extra_number_rows.append(ExtraNumbers(row, used.national, named))


@dataclass(frozen=True, slots=True)
class Collected:
    """Numbers out of a request.

    Attributes:
        rows: the usable ones, once each, in the order sent.
        duplicates: values that repeated an earlier number.
        rejected: values that are no numbers; the first 100 of them in `rejected_rows`, row 1 being the first value.
        warnings: of numbers that were taken and may be wrong.
    """

    rows: list[Number]
    duplicates: int
    rejected: int
    rejected_rows: list[RejectedRow]
    warnings: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """A recipient file that was read.

    Attributes:
        columns: the tags it brings, ``tags_<column>``, in file order.
        accepted: usable rows.
        duplicates: rows whose number stood in an earlier row; the first was kept.
        rejected: rows without a usable number; the first 100 of them in `rejected_rows`.
        number_column: the name of the column whose numbers are called; ``column 2`` for the second without a name.
        header_row: the row of names, 1 being the first of the file; None in a file of numbers alone.
        sheet: the sheet of a workbook that was read; None for text.
        hidden: rows that the sheet does not show and that were left out.
        extra_numbers: numbers that stood beside the one taken, in the same cell; the first 100 such cells in
            `extra_number_rows`.
        warnings: what was taken and may still be wrong.
    """

    columns: list[str]
    accepted: int
    duplicates: int
    rejected: int
    rejected_rows: list[RejectedRow]
    number_column: str
    header_row: int | None
    sheet: str | None
    hidden: int
    extra_numbers: int
    extra_number_rows: list[ExtraNumbers]
    warnings: list[Notice]


def collect_numbers(values: Iterable[object], policy: DiallingPolicy = DEFAULT) -> Collected:
    """Numbers given one by one, as `individual_number` gives them: normalised, once each, in the order sent."""
    tally = Tally()
    kept: dict[str, Number] = {}
    doubtful: list[DoubtfulValue] = []
    for row, value in enumerate(values, 1):
        try:
            number = parse_number(value)
        except NumberError as error:
            tally.reject(row, value, error.code, error.message)
            continue
        if not policy.allows(number.e164):
            tally.reject(row, value, CODE, MESSAGE)
        elif number.e164 in kept:
            tally.duplicates += 1
        else:
            kept[number.e164] = number
            if lacks_mobile_length(number.e164) and len(doubtful) < REPORTED_ROWS:
                doubtful.append(DoubtfulValue(row, shown(value)))
    warnings = [length_warning(doubtful)] if doubtful else []
    return Collected(list(kept.values()), tally.duplicates, tally.rejected, tally.rejected_rows, warnings)


def length_warning(doubtful: list[DoubtfulValue]) -> Notice:
    """Tells of numbers that were taken as they were sent, one by one."""
    message = "These begin as mobile numbers do and have not their 10 digits; they are called as they stand."
    return Notice(NOT_A_MOBILE_LENGTH, message, None, doubtful)
