"""Old Excel workbooks made in a test: BIFF8 records ([MS-XLS] 2.4) in a compound file ([MS-CFB])."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from struct import pack

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass
class Sheet:
    """Rows of texts, of numbers, and of pairs of a number and its format."""

    rows: Sequence[Sequence[object]]
    name: str = "Sheet1"
    hidden: Collection[int] = ()
    is_open: bool = False
    visible: bool = True

    def stream(self, formats: Mapping[str, int]) -> bytes:
        body = _record(0x0809, pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
        for row, cells in enumerate(self.rows):
            flags = 0x100 | (0x20 if row in self.hidden else 0)
            body += _record(0x0208, pack("<HHHHHHI", row, 0, len(cells), 255, 0, 0, flags))
            for column, cell in enumerate(cells):
                value, code = cell if isinstance(cell, tuple) else (cell, "General")
                place = pack("<HHH", row, column, formats[code])
                if isinstance(value, str):
                    body += _record(0x0204, place + pack("<H", len(value)) + _text(value)) if value else b""
                elif value is not None:
                    body += _record(0x0203, place + pack("<d", value))
        window = _record(0x023E, pack("<HHHIHHI", 0x06B6 if self.is_open else 0x00B6, 0, 0, 64, 0, 0, 0))
        return body + window + _record(0x000A)


def xls(*sheets: Sheet, encrypted: bool = False, datemode: int = 0) -> bytes:
    """A workbook of these sheets."""
    codes = ["General"]
    for sheet in sheets:
        for cell in (cell for row in sheet.rows for cell in row if isinstance(cell, tuple)):
            codes += [cell[1]] if cell[1] not in codes else []
    head = _record(0x0809, pack("<HHHHII", 0x0600, 0x05, 0, 0, 0, 0))
    head += _record(0x002F, pack("<HHH", 0, 0x1234, 0x5678)) if encrypted else b""
    head += _record(0x0042, pack("<H", 1200)) + _record(0x0022, pack("<H", datemode))
    head += _record(0x0031, pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\x00Arial")
    for at, code in enumerate(codes):
        head += _record(0x041E, pack("<HH", 164 + at, len(code)) + _text(code))
    for at in range(len(codes)):
        head += _record(0x00E0, pack("<HHHBBBBIIH", 0, 164 + at, 0, 0, 0, 0, 0, 0, 0, 0))
    formats = {code: at for at, code in enumerate(codes)}
    streams = [sheet.stream(formats) for sheet in sheets]
    start = len(head) + sum(len(_bound(sheet, 0)) for sheet in sheets) + 4
    for sheet, stream in zip(sheets, streams, strict=True):
        head += _bound(sheet, start)
        start += len(stream)
    return _compound(head + _record(0x000A) + b"".join(streams))


def _record(kind: int, data: bytes = b"") -> bytes:
    return pack("<HH", kind, len(data)) + data


def _text(text: str) -> bytes:
    return b"\x01" + text.encode("utf-16-le")


def _bound(sheet: Sheet, start: int) -> bytes:
    name = pack("<B", len(sheet.name)) + _text(sheet.name)
    return _record(0x0085, pack("<IBB", start, 0 if sheet.visible else 1, 0) + name)


def _compound(stream: bytes) -> bytes:
    """One stream named Workbook, behind a sector of the allocation table and one of the directory."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    fat = [_FAT, _END, *range(3, 2 + sectors), _END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += pack("<109I", 0, *[_FREE] * 108)
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    table = pack("<128I", *fat, *[_FREE] * (128 - len(fat)))
    return header + table + entries.ljust(_SECTOR, b"\0") + stream.ljust(sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = (name + "\0").encode("utf-16-le")
    return (
        written.ljust(64, b"\0")
        + pack("<HBBIII", len(written), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + pack("<III", start, size, 0)
    )
