"""Where the header of a list is, and which of its columns holds the numbers: by names and contents together."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.errors import InvalidError, invalid
from app.core.phone import MOBILE, NumberError
from app.recipients.cells import clean, value_of
from app.recipients.columns import FIELD, plain_name
from app.recipients.files.headers import below_groups, with_groups
from app.recipients.files.naming import Claim, claim
from app.recipients.files.numbers import read_cell

Row = tuple[int, Sequence[str]]
"""The row as a person counts it in the file (1 is the first), and its cells."""

HEADER_WITHIN = 10
"""Rows at the top of a file among which the header is looked for."""

SAMPLE = 110
"""Rows that are not blank by which columns are judged."""

MOST_COLUMNS = 200
"""Columns of a row that are judged."""

# A column of telephones where this share of the filled cells can be called; of mobile numbers where that share is.
_CALLABLE = 0.5
_MOBILE = 0.2
_PLAINLY_MOBILE = 0.8
_NAMED_BLANK, _UNSURE, _LANDLINES, _MOBILES = 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Found:
    """A table in a file.

    Attributes:
        header: its cells without blank ones at the end, None in a file of numbers alone.
        header_row: the header's row as a person counts it, None as well.
        number_at: index of the column of numbers.
        mobiles: whether that column holds mobile numbers, in the rows that were judged.
        rest: the rows of the sample behind the header.
        certainty: how much speaks for it, 0 to 5; 0 without a header.
    """

    header: Sequence[str] | None
    header_row: int | None
    number_at: int
    mobiles: bool
    rest: Sequence[Row]
    certainty: int

    @property
    def number_column(self) -> str:
        """The name of the column of numbers; where it has none, its place."""
        name = "" if self.header is None else plain_name(clean(self.header[self.number_at]))
        return name or f"column {self.number_at + 1}"


@dataclass(frozen=True, slots=True)
class _Contents:
    """Shares of a column's filled cells; `filled` counts these."""

    filled: int
    callable: float
    mobile: float

    @property
    def are_mobiles(self) -> bool:
        return self.callable >= _CALLABLE and self.mobile >= _MOBILE


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A column that may hold the numbers.

    Attributes:
        level: how much speaks for it, name and contents together.
        rank: what the name alone says, as `Claim` has it.
    """

    at: int
    level: int
    rank: int


def find(sample: Sequence[Row]) -> Found:
    """The table that begins in `sample`, which holds no blank rows.

    Raises:
        InvalidError: ``no_number_column``; ``two_number_columns`` when two could be it; ``duplicate_column`` when two
            have its name.
    """
    judged = _Judged(sample)
    best: tuple[int, int, int] = (
        0,
        0,
        0,
    )  # what speaks for it; of two rows of names the fuller, then the upper one
    for index, (row, cells) in enumerate(sample):
        if row > HEADER_WITHIN:
            break
        level = max((one.level for one in judged.candidates(index)), default=0)
        best = max(best, (level, sum(1 for cell in cells if clean(cell)), -index))
    if best[0]:
        return _table(sample, judged, judged.below(-best[2], best[0]), best[0])
    if max(len(trimmed(cells)) for _, cells in sample) == 1:
        return Found(None, None, 0, judged.contents(-1, 0).are_mobiles, sample, 0)
    raise no_number_column(sample)


def _table(sample: Sequence[Row], judged: "_Judged", index: int, certainty: int) -> Found:
    row, cells = sample[index]
    candidates = judged.candidates(index)
    header = list(trimmed(cells))
    header += [""] * (max(one.at for one in candidates) + 1 - len(header))
    chosen = _chosen(candidates, header)
    header = header[: max(chosen + 1, len(trimmed(cells)))]
    rest = sample[index + 1 :]
    lower = below_groups(header, trimmed(rest[0][1]), chosen) if rest and rest[0][0] == row + 1 else None
    if lower is not None:
        header, rest = lower, rest[1:]
    elif index and sample[index - 1][0] == row - 1 and not judged.holds_number(index - 1):
        header = with_groups(header, trimmed(sample[index - 1][1]))
    return Found(header, row, chosen, judged.contents(index, chosen).are_mobiles, rest, certainty)


class _Judged:
    """The cells of a sample, each read once as a number."""

    def __init__(self, sample: Sequence[Row]) -> None:
        self._sample = sample
        self._kinds = [[_kind(cell) for cell in cells[:MOST_COLUMNS]] for _, cells in sample]

    def contents(self, header: int, column: int) -> _Contents:
        """What stands in a column below the row `header`."""
        kinds = [row[column] for row in self._kinds[header + 1 :] if column < len(row)]
        filled = len(kinds) - kinds.count("")
        share = max(1, filled)
        return _Contents(filled, (kinds.count("m") + kinds.count("n")) / share, kinds.count("m") / share)

    def holds_number(self, row: int) -> bool:
        """Whether a row has a telephone number in it."""
        return not {"m", "n"}.isdisjoint(self._kinds[row])

    def below(self, header: int, level: int) -> int:
        """The row of names under `header`, if that names groups of columns; else `header`."""
        under = header + 1
        if under >= len(self._sample) or self._sample[under][0] != self._sample[header][0] + 1:
            return header
        named = any(one.rank and one.level >= level for one in self.candidates(under))
        return under if named and not self.holds_number(under) else header

    def kind(self, row: int, column: int) -> str:
        kinds = self._kinds[row]
        return kinds[column] if column < len(kinds) else ""

    def candidates(self, header: int) -> list[_Candidate]:
        """Columns that may hold the numbers if the row `header` names the columns."""
        cells = self._sample[header][1]
        names = list(trimmed(cells))
        width = max(len(row) for row in self._kinds[header : header + HEADER_WITHIN])
        found = []
        for at in range(width):
            name = value_of(names[at]) if at < len(names) else ""
            told = claim(name)
            if told.rank:
                found.append(_Candidate(at, _level(told, self.contents(header, at)), told.rank))
            elif not told.other and not any(map(str.isdigit, name)) and self._is_plainly_mobile(header, at):
                found.append(_Candidate(at, _UNSURE, 0))
        return found

    def _is_plainly_mobile(self, header: int, at: int) -> bool:
        """Whether a column that is not named so holds mobile numbers right below `header`, which holds none."""
        if self.holds_number(header) or header + 1 >= len(self._kinds):
            return False
        below = [self.kind(row, at) for row in range(header + 1, len(self._kinds))]
        first = next((row for row, kind in enumerate(below) if kind), None)
        nothing_between = first is not None and not any(
            self._looks_named(header + 1 + row) for row in range(first)
        )
        contents = self.contents(header, at)
        return nothing_between and contents.callable >= contents.mobile >= _PLAINLY_MOBILE

    def _looks_named(self, row: int) -> bool:
        return not any(any(map(str.isdigit, cell)) for cell in self._sample[row][1])


def _level(told: Claim, contents: _Contents) -> int:
    if contents.are_mobiles:
        return _MOBILES
    if contents.callable >= _CALLABLE:
        return _UNSURE if told.generic else _LANDLINES
    return 1 if contents.filled else _NAMED_BLANK


def _chosen(candidates: Sequence[_Candidate], header: Sequence[str]) -> int:
    top = max(candidates, key=lambda one: (one.level, one.rank))
    rivals = [
        one
        for one in candidates
        if one is not top
        and (
            (one.level >= _UNSURE and (one.level, one.rank) == (top.level, top.rank))
            or (one.level == top.level == _UNSURE)
            or (one.level >= _LANDLINES and one.rank > top.rank)
        )
    ]
    same = [at for at, name in enumerate(header) if at != top.at and _key(name) == _key(header[top.at])]
    if same and _key(header[top.at]):
        message = f"Two columns are named “{clean(header[top.at])}”; keep one column of numbers."
        raise invalid(FIELD, "duplicate_column", message)
    if rivals:
        raise _two([top.at, *(one.at for one in rivals)], header)
    return top.at


def _two(columns: Iterable[int], header: Sequence[str]) -> InvalidError:
    names = [clean(header[at])[:40] or f"column {at + 1}" for at in sorted(columns)]
    listed = " and ".join(f"“{name}”" for name in names)
    message = (
        f"Columns {listed} may both hold the numbers to call. Keep one of them, or rename the others, such as "
        f"“other {names[-1]}”, and send the file again."
    )
    return invalid(FIELD, "two_number_columns", message)


def no_number_column(sample: Sequence[Row]) -> InvalidError:
    """Says which row was read as the header, and what to do about it."""
    top = [index for index, (row, _) in enumerate(sample) if row <= HEADER_WITHIN] or [0]
    index = max(top, key=lambda at: (sum(1 for cell in sample[at][1] if clean(cell)), -at))
    row, cells = sample[index]
    found = ", ".join(f"“{clean(cell)[:40]}”" for cell in cells[:10] if clean(cell))
    if any(_kind(cell) in {"m", "n"} for cell in cells[:MOST_COLUMNS]):
        what = f"Row {row} ({found}) holds a telephone number and no names of columns; put a row of names above it"
    else:
        what = (
            f"Row {row} ({found}) was read as the header, and no column of it is named number, phone, mobile or "
            "contact or holds mobile numbers; delete the rows above the header, and name the column that holds the "
            "phone numbers so"
        )
    return invalid(FIELD, "no_number_column", f"{what}. A file of numbers alone needs no header.")


def trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Without the blank cells at the end that spreadsheets leave there."""
    width = max((index for index, cell in enumerate(cells, 1) if cell and not cell.isspace()), default=0)
    return cells[:width]


def _kind(cell: str) -> str:
    """``m`` for a mobile number, ``n`` for another that can be called, ``x`` for anything else, '' for no value."""
    if MOBILE.fullmatch(cell):
        return "m"
    if not value_of(cell):
        return ""
    if not any(map(str.isdigit, cell)):
        return "x"
    try:
        return "m" if MOBILE.fullmatch(read_cell(cell)[0].e164) else "n"
    except NumberError:
        return "x"


def _key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", plain_name(name)).lower().split())
