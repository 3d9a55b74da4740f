"""What a reader of files gives: rows, and where they stood."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.recipients.files.layout import Row


@dataclass(slots=True)
class Source:
    """The rows of a file.

    Attributes:
        rows: each with its number as a person counts it there; blank ones may be among them.
        sheet: the sheet of a workbook that they are from; None for text.
        hidden: rows that hold something, are not shown, and were left out; whole once `rows` is read to its end.
        uncomputed: formulas whose results the file lacks.
    """

    rows: Iterator[Row]
    sheet: str | None = None
    hidden: int = 0
    uncomputed: int = 0


def shown_rows(rows: Iterator[Row], hidden: bytes | bytearray, source: Source) -> Iterator[Row]:
    """The rows that a sheet shows; those that it does not and that hold something are counted in `source`.

    Args:
        rows: of the whole sheet, numbered from 1.
        hidden: 1 for each row, from the first, that is not shown.
        source: whose count it is.
    """
    for row in rows:
        if row[0] <= len(hidden) and hidden[row[0] - 1]:
            source.hidden += any(row[1])
        else:
            yield row
