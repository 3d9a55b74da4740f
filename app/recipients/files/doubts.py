"""Values of a list that are taken as they stand and are most likely not what is meant."""

from collections.abc import Sequence

from app.recipients.cells import clean, shown
from app.recipients.files.layout import Row
from app.recipients.report import DoubtfulValue, Notice
from app.speech.preeti import from_preeti, is_preeti

PREETI = "preeti_text"
_SHOWN = 10
_COLUMNS = 10
_LONGEST = 100
_SHARE = 0.3
"""Of a column's cells: a single cell may look like Preeti by chance."""


def preeti_warnings(header: Sequence[str], number_at: int, rows: Sequence[Row]) -> list[Notice]:
    """A warning for each column that is typed for the Preeti font, as far as `rows` show it."""
    found = []
    for at, name in enumerate(header):
        if at == number_at:
            continue
        filled = [(row, clean(cells[at])) for row, cells in rows if at < len(cells) and clean(cells[at])]
        typed = [(row, text) for row, text in filled if is_preeti(text)]
        if typed and len(typed) >= _SHARE * len(filled):
            values = [_doubtful(row, text) for row, text in typed[:_SHOWN]]
            found.append(Notice(PREETI, _message(clean(name), values), clean(name), values))
    return found[:_COLUMNS]


def _doubtful(row: int, text: str) -> DoubtfulValue:
    return DoubtfulValue(row, shown(text), from_preeti(text) if len(text) <= _LONGEST else None)


def _message(column: str, values: Sequence[DoubtfulValue]) -> str:
    sure = next((value for value in values if value.suggestion), None)
    example = f"; “{sure.value}” is {sure.suggestion}" if sure else ""
    return (
        f"The column “{column}” is typed for the Preeti font and would be read as letters without sense{example}. "
        "Convert it to Unicode and send the file again."
    )
