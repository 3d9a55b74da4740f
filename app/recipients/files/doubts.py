"""Values of a list that are taken as they stand and are most likely not what is meant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.recipients.cells import clean, shown
from app.recipients.files.layout import Row
from app.recipients.files.lost import is_lost, recovered
from app.recipients.report import DoubtfulValue, Notice
from app.speech.preeti import from_preeti, is_preeti

PREETI = "preeti_text"
LOST = "lost_letters"
UNCOMPUTED = "no_formula_result"
_SHOWN = 10
_COLUMNS = 10
_LONGEST = 100
_SHARE = 0.3
"""Of a column's cells: a single cell may look so by chance."""


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What may be wrong with a column: what is said of it, what to do, and what its values most likely should be."""

    code: str
    holds: Callable[[str], bool]
    suggest: Callable[[str], str | None]
    said: str
    remedy: str


_DOUBTS = (
    _Doubt(
        PREETI,
        is_preeti,
        from_preeti,
        "is typed for the Preeti font and would be read as letters without sense",
        "Convert it to Unicode and send the file again.",
    ),
    _Doubt(
        LOST,
        is_lost,
        recovered,
        "lost its Nepali letters when the file was saved",
        "Save the list anew as “CSV UTF-8 (comma delimited)” or .xlsx and send that.",
    ),
)


def doubts(header: Sequence[str], number_at: int, rows: Sequence[Row]) -> list[Notice]:
    """A warning for each column whose values may be wrong, as far as `rows` show it; of each kind, ten columns."""
    found: dict[str, list[Notice]] = {doubt.code: [] for doubt in _DOUBTS}
    for at, name in enumerate(header):
        if at == number_at:
            continue
        filled = [(row, text) for row, cells in rows if at < len(cells) and (text := clean(cells[at]))]
        for doubt in _DOUBTS:
            if notice := _notice(doubt, clean(name) or f"column {at + 1}", filled):
                found[doubt.code].append(notice)
    return [notice for notices in found.values() for notice in notices[:_COLUMNS]]


def uncomputed(count: int) -> list[Notice]:
    """A warning of formulas whose results the file lacks, if there are any: their cells count as blank."""
    if not count:
        return []
    message = (
        f"The sheet has {count:,} formulas without their results, and such cells count as blank; open it in Excel or "
        "LibreOffice, save it and send it again."
    )
    return [Notice(UNCOMPUTED, message, None, [])]


def _notice(doubt: _Doubt, column: str, filled: Sequence[tuple[int, str]]) -> Notice | None:
    doubtful = [(row, text) for row, text in filled if doubt.holds(text)]
    if not doubtful or len(doubtful) < _SHARE * len(filled):
        return None
    values = [
        DoubtfulValue(row, shown(text), doubt.suggest(text) if len(text) <= _LONGEST else None)
        for row, text in doubtful[:_SHOWN]
    ]
    sure = next((value for value in values if value.suggestion), None)
    example = f"; “{sure.value}” is {sure.suggestion}" if sure else ""
    return Notice(doubt.code, f"The column “{column}” {doubt.said}{example}. {doubt.remedy}", column, values)
