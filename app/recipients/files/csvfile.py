"""Rows of a CSV file, streamed: its encoding and delimiter are found, its size is bounded line by line."""

import csv
import mmap
import re
from collections.abc import Iterator
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from app.core.errors import InvalidError, invalid
from app.recipients.columns import FIELD
from app.recipients.files.layout import Row, find
from app.recipients.files.limits import ImportLimits
from app.recipients.files.sniff import bad_encoding

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 20
_BLOCK_CHARS = 64 * 1024
# A quote behind a backslash, within a cell: whatever ends the cell would follow it otherwise.
_BACKSLASH_QUOTE = re.compile(rb'(?<!\\)(?:\\\\)*\\"[^",;\t|\r\n]')
_ESCAPED = re.compile(r'\\(["\\])')
_DOUBLED = {'"': '""', "\\": "\\"}
_END = "\0end"  # no line of the file can be this one: NUL is refused


def csv_rows(path: Path, limits: ImportLimits) -> Iterator[Row]:
    """Each record with its number as a spreadsheet counts it, blank ones included.

    Raises:
        InvalidError: ``bad_encoding``, ``broken_file`` for a quote that is never closed, ``cell_too_long``.
    """
    encoding = _encoding(path)
    try:
        yield from _records(path, encoding, limits)
    except UnicodeDecodeError:
        line = _first_bad_line(path, encoding)
        where = f"Line {line} of the file" if line else "The file"
        raise bad_encoding(f"{where} is not {encoding.removesuffix('-sig').upper()} text") from None


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        mark = file.read(4)
    if mark in {b"\xff\xfe\0\0", b"\0\0\xfe\xff"}:
        raise bad_encoding("The file is UTF-32")
    return "utf-16" if mark[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"


def _records(path: Path, encoding: str, limits: ImportLimits) -> Iterator[Row]:
    csv.field_size_limit(limits.cell_chars)
    backslashes = _quotes_by_backslash(path, encoding)
    with path.open(encoding=encoding, newline="") as file:
        announced, delimiter = _delimiter(file, limits)
        file.seek(0)
        lines = _lines(file, limits, backslashes=backslashes)
        if announced:
            next(lines)
        yield from _numbered(lines, delimiter, 1 + announced, limits)


def _numbered(lines: Iterator[str], delimiter: str, first: int, limits: ImportLimits) -> Iterator[Row]:
    """Records from number `first` on, up to the end mark; a record that swallowed the mark has an open quote."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    row, line = first - 1, 0
    try:
        for row, cells in enumerate(reader, first):
            if cells and cells[-1].endswith(_END):
                if cells != [_END]:
                    raise _open_quote(row)
                return
            yield row, cells
            line = reader.line_num
    except csv.Error:
        # The one error of a reader that is not strict: a field over the limit. Over several lines, a quote did it.
        if reader.line_num > line + 1:
            raise _open_quote(row + 1) from None
        message = f"Row {row + 1} holds a cell of more than {limits.cell_chars:,} characters; shorten it."
        raise invalid(FIELD, "cell_too_long", message) from None


def _lines(file: TextIO, limits: ImportLimits, *, backslashes: bool = False) -> Iterator[str]:
    """Lines up to a bound that no honest row reaches, then a line that marks the end."""
    # Lines one by one from the file, with a look at each, took a quarter of the reading.
    blocks = _blocks(file, limits)
    if backslashes:
        blocks = (_ESCAPED.sub(lambda found: _DOUBLED[found[1]], block) for block in blocks)
    return chain.from_iterable(chain((StringIO(block, newline="") for block in blocks), [[_END]]))


def _quotes_by_backslash(path: Path, encoding: str) -> bool:
    r"""Whether a quote within a cell is written ``\"``, as phpMyAdmin and MySQL do, and not doubled.

    Where quotes are doubled, ``\"`` may stand at the end of a cell alone: what follows tells the two apart.
    """
    if encoding != "utf-8-sig":
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        first = content.find(b'\\"')  # in a tenth of the time of the expression
        return first >= 0 and _BACKSLASH_QUOTE.search(content, max(0, first - 1)) is not None


def _blocks(file: TextIO, limits: ImportLimits) -> Iterator[str]:
    """The text in pieces that end where a line does."""
    longest = limits.columns * (limits.cell_chars + 3)
    held = ""
    while piece := file.read(_BLOCK_CHARS):
        if "\0" in piece:
            raise bad_encoding("The file holds NUL characters")
        held += piece
        # A carriage return at the very end may be half of a line end.
        end = max(held.rfind("\n"), held.rfind("\r", 0, -1)) + 1
        if end:
            yield held[:end]
            held = held[end:]
        if len(held) >= longest:
            message = "The file holds a line without an end; send a table with one recipient a line."
            raise invalid(FIELD, "cell_too_long", message)
    yield held


def _delimiter(file: TextIO, limits: ImportLimits) -> tuple[bool, str]:
    """Whether the file announces its delimiter (``sep=;``, as Excel reads and writes), and which it is.

    Otherwise the one that shows a column of numbers best; among those, the one that makes most cells.
    """
    lines = list(islice(_lines(file, limits), _SAMPLE_ROWS))
    announcement = lines[0].strip("\r\n ").lower().removeprefix('"').removesuffix('"')
    if len(announcement) == 5 and announcement.startswith("sep=") and announcement[4] in _DELIMITERS:
        return True, announcement[4]
    return False, max(_DELIMITERS, key=lambda delimiter: _promise(lines, delimiter))


def _promise(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How well the delimiter reads the first rows."""
    try:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        every = [(at, row) for at, row in enumerate(reader, 1) if row != [_END]]
    except csv.Error:
        return 0, 0
    widest = max((len(row) for _, row in every), default=0)
    if widest < 2:  # another delimiter that divides the lines is the better one, whatever they hold
        return 0, widest
    rows = [(at, row) for at, row in every if any(map(str.strip, row))]
    try:
        return (find(rows).certainty if rows else 0), widest
    except InvalidError as error:  # two columns of numbers: at any rate the columns were found
        return (0 if error.items[0].code == "no_number_column" else 5), widest


def _open_quote(row: int) -> InvalidError:
    message = (
        f"A double quote opens in row {row} and is never closed; close it, or write two for one in the text."
    )
    return invalid(FIELD, "broken_file", message)


def _first_bad_line(path: Path, encoding: str) -> int | None:
    """The number of the first line that is not UTF-8; None for UTF-16, whose bytes have no lines of their own."""
    if encoding == "utf-16":
        return None
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return None
