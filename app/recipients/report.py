"""What came of a list of numbers: how many were taken, and which were not, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.accounts.dialling import CODE, DEFAULT, MESSAGE, DiallingPolicy
from app.core.phone import Number, NumberError, parse_number
from app.recipients.cells import shown

REPORTED_ROWS = 100
"""Refused rows that are reported one by one; the rest are counted."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was left out.

    Attributes:
        row: 1 is the first row of the file (its header included) or the first value of a list.
        value: what stood for the number, at most 100 characters, safe to show.
        code: a `NumberError` code, ``not_allowed`` for a number that the account may not call, or ``extra_cells`` for
            a row with more cells than the header.
        message: what to do about it.
    """

    row: int
    value: str
    code: str
    message: str

    def as_dict(self) -> dict[str, object]:
        """As answers show it: row, value, code."""
        return {"row": self.row, "value": self.value, "code": self.code}


@dataclass(slots=True)
class Tally:
    """Counts while rows go by.

    Attributes:
        accepted, duplicates, rejected: rows so far; together all rows that were not blank.
        rejected_rows: the first `REPORTED_ROWS` of the refused.
    """

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejected_rows: list[RejectedRow] = field(default_factory=list)

    def reject(self, row: int, value: object, code: str, message: str) -> None:
        """Count a refused row, and keep it while there is room."""
        self.rejected += 1
        if len(self.rejected_rows) < REPORTED_ROWS:
            self.rejected_rows.append(RejectedRow(row, shown(value), code, message))


@dataclass(frozen=True, slots=True)
class Collected:
    """Numbers out of a request.

    Attributes:
        rows: the usable ones, once each, in the order sent.
        duplicates: values that repeated an earlier number.
        rejected: values that are no numbers; the first 100 of them in `rejected_rows`, row 1 being the first value.
    """

    rows: list[Number]
    duplicates: int
    rejected: int
    rejected_rows: list[RejectedRow]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """A recipient file that was read.

    Attributes:
        columns: the tags it brings, ``tags_<column>``, in file order.
        accepted: usable rows.
        duplicates: rows whose number stood in an earlier row; the first was kept.
        rejected: rows without a usable number; the first 100 of them in `rejected_rows`.
    """

    columns: list[str]
    accepted: int
    duplicates: int
    rejected: int
    rejected_rows: list[RejectedRow]


def collect_numbers(values: Iterable[object], policy: DiallingPolicy = DEFAULT) -> Collected:
    """Numbers given one by one, as `individual_number` gives them: normalised, once each, in the order sent."""
    tally = Tally()
    kept: dict[str, Number] = {}
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
    return Collected(list(kept.values()), tally.duplicates, tally.rejected, tally.rejected_rows)
