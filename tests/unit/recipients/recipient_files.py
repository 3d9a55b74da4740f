"""Recipient files made in a test, honest and hostile, and what came of them."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import xlsxwriter

_ESCAPED = re.compile(r"\\(.)")


def workbook(rows: Iterable[Iterable[object]], formats: Mapping[tuple[int, int], str] | None = None) -> bytes:
    """An .xlsx of these values; `formats` gives number formats by row and column from 0."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet()
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            code = (formats or {}).get((row, column))
            style = [book.add_format({"num_format": code})] if code else []
            if value is not None:
                sheet.write(row, column, value, *style)
    book.close()
    return target.getvalue()


def with_parts(content: bytes, **parts: bytes | None) -> bytes:
    """The workbook with parts replaced, by their file's bare name: sheet1=b'<worksheet…'; None leaves one out."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for member in before.infolist():
            bare = member.filename.rpartition("/")[2].partition(".")[0]
            data = (
                parts.get(bare, before.read(member))
                if member.filename.startswith("xl/")
                else before.read(member)
            )
            if member.filename.endswith(".rels"):
                data = before.read(member)
            if data is not None:
                after.writestr(member.filename, data)
    return target.getvalue()


def sheet_xml(cells: str) -> bytes:
    """The XML of a sheet with these rows."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    ).encode()


def encrypted_or_old(stream: str) -> bytes:
    """An Office file of before 2007, or the case around an encrypted one: the header, and the name of a stream."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + stream.encode("utf-16-le") + bytes(512)


def archive(*names: str) -> bytes:
    """A zip archive with empty files of these names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in names:
            made.writestr(name, "")
    return target.getvalue()


def decode_copy(path: Path) -> list[tuple[str, str, dict[str, str]]]:
    """The rows of a file in COPY's text format."""
    rows = []
    for line in path.read_text("utf-8").split("\n")[:-1]:
        e164, national, tags = (_ESCAPED.sub(r"\1", cell) for cell in line.split("\t"))
        rows.append((e164, national, json.loads(tags)))
    return rows


def ods(table: str, *, before: str = "", active: str | None = None, automatic: str = "") -> bytes:
    """An .ods whose first sheets are the XML `before` and whose sheet “Sheet1” has the rows `table`."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
        f"<office:automatic-styles>{automatic}</office:automatic-styles><office:body><office:spreadsheet>{before}"
        f'<table:table table:name="Sheet1">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    settings = (
        '<?xml version="1.0"?><s:settings xmlns:s="urn:s"><s:item s:name="ViewId">view1</s:item>'
        f'<s:item s:name="ActiveTable">{active}</s:item><s:item s:name="x">y</s:item></s:settings>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        made.writestr("content.xml", content)
        if active is not None:
            made.writestr("settings.xml", settings)
    return target.getvalue()


def ods_row(*cells: str, more: str = "") -> str:
    """A row of .ods cells; each is its text, or XML when it begins with a tag."""
    written = (
        cell
        if cell.startswith("<")
        else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row{more}>{''.join(written)}</table:table-row>"
