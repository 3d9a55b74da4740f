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
    """

    rows: Iterator[Row]
    sheet: str | None = None
    hidden: int = 0
