"""Rows of an .xlsx workbook's first sheet, as text. Run it where memory is bounded: `app.recipients.import_child`."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, PasswordError, load_workbook

from app.core.errors import Item, UnsupportedError, invalid
from app.recipients.cells import CellValue, cell_text
from app.recipients.columns import FIELD
from app.recipients.limits import ImportLimits
from app.recipients.table import Row
from app.recipients.xlsxscan import Percentages, survey
from app.recipients.xmlparts import broken


def xlsx_rows(path: Path, limits: ImportLimits) -> Iterator[Row]:
    """Each row with its number in the sheet, blank ones included; of the first sheet that is not hidden.

    Raises:
        InvalidError: ``broken_file``, ``cell_too_long``.
        UnsupportedError: ``encrypted_file``.
        TooLargeError: ``file_too_large``, ``too_many_rows``, ``too_many_columns``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            seen = survey(archive, limits)
    except zipfile.BadZipFile as error:
        raise broken("The workbook is damaged") from error
    if seen.first_column is None:
        return
    for index, cells in enumerate(_sheet(path, seen.sheet).iter_rows()):
        texts = _texts(index, cells, seen.percentages, seen.first_column)
        longest = max(map(len, texts), default=0)
        if longest > limits.cell_chars:
            message = f"Row {index + 1} holds a cell of {longest:,} characters; at most {limits.cell_chars:,} are read."
            raise invalid(FIELD, "cell_too_long", message)
        yield index + 1, texts


def _sheet(path: Path, name: str) -> CalamineSheet:
    try:
        return load_workbook(path).get_sheet_by_name(name)
    except PasswordError as error:
        raise UnsupportedError(
            Item(FIELD, "encrypted_file", "The workbook is protected by a password; save it without one.")
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        raise broken("The workbook is damaged") from error


def _texts(index: int, cells: list[CellValue], percentages: Percentages, first_column: int) -> list[str]:
    texts = [cell if isinstance(cell, str) else cell_text(cell) for cell in cells]
    for column in percentages.columns:
        if percentages.has(index, column):
            texts[column - first_column] = cell_text(cells[column - first_column], percent=True)
    return texts
