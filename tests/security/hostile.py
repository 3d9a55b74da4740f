"""Thirty-odd uploads made to hurt: (what it is, which field takes it, its file name, its bytes)."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.unit.recipients.recipient_files import (
    archive,
    encrypted_or_old,
    ods,
    ods_row,
    sheet_xml,
    with_parts,
    workbook,
)

MIB = 1024**2
PASSWD = b"/etc/passwd"


@dataclass(frozen=True)
class Hostile:
    """One upload; `pieces` makes its bytes anew at each call, so that no test holds them all."""

    name: str
    field: str
    filename: str
    pieces: Callable[[], Iterator[bytes]]

    def __str__(self) -> str:
        return self.name


def _bytes(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter([data])


def _repeated(piece: bytes, total: int) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        block = piece * (MIB // len(piece))
        for _ in range(total // len(block)):
            yield block

    return pieces


def _after(head: bytes, tail: Callable[[], Iterator[bytes]]) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield head
        yield from tail()

    return pieces


def _book(**parts: bytes) -> bytes:
    return with_parts(workbook([["number"], [9876543210]]), **parts)


def _with_doctype(declaration: bytes, use: str) -> bytes:
    cells = f'<row><c r="A1" t="str"><v>{use}</v></c></row>'
    return _book(sheet1=sheet_xml(cells).replace(b"?>", b"?>" + declaration, 1))


def _swelling(inflated: int, content: bytes) -> bytes:
    """A workbook with a part of `inflated` bytes of spaces, packed without holding them."""
    target = io.BytesIO(content)
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
        book.open("xl/extra.xml", "w") as part,
    ):
        for _ in range(inflated // MIB):
            part.write(b" " * MIB)
    return target.getvalue()


def _claiming(size: int) -> bytes:
    """A workbook whose directory claims another size than its part has."""
    content = bytearray(_book(sheet1=sheet_xml(" " * 5_000_000)))
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"sheet1.xml"))
    struct.pack_into("<I", content, at + 24, size)
    return bytes(content)


def _many_parts(count: int) -> bytes:
    return archive("xl/workbook.xml", "[Content_Types].xml", *(f"xl/{n}.xml" for n in range(count)))


def _linked(target: str) -> bytes:
    """A workbook whose sheet lies at an address or path outside it."""
    content, out = workbook([["number"], [9876543210]]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for member in before.infolist():
            data = before.read(member)
            if member.filename.endswith("workbook.xml.rels"):
                data = data.replace(b"worksheets/sheet1.xml", target.encode())
            after.writestr(member.filename, data)
    return out.getvalue()


def _wav(
    rate: int, channels: int = 1, bits: int = 16, claimed: int = 2000, sound: bytes = b"\x00\x10" * 1000
) -> bytes:
    align = channels * bits // 8
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * align & 0xFFFFFFFF, align & 0xFFFF, bits)
    return (
        b"RIFF" + struct.pack("<I", min(claimed + 36, 0xFFFFFFFF)) + b"WAVEfmt \x10\x00\x00\x00" + head
        + b"data" + struct.pack("<I", claimed) + sound
    )  # fmt: skip


def _gzipped(total: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(
        [packer.compress(b"9800000000\n" * 95_000) for _ in range(total // MIB)] + [packer.flush()]
    )


_TEN_HOURS_AMR = b"#!AMR\n" + b"\x7c" * 1_800_000  # frames without data, 20 ms each, one byte
_FAR = sheet_xml(
    '<row r="1"><c r="A1" t="str"><v>number</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>9876543210</v></c></row>'
)
_LAUGHS = b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 11)
)

_FULL = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384">'
    "<text:p>9876543210</text:p></table:table-cell></table:table-row>"
)
_ALIKE = ods_row("phone") + ods_row("x", more=' table:number-rows-repeated="1048576"')


def _laughing_ods() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ods(ods_row("&a10;")))) as before, zipfile.ZipFile(out, "w") as after:
        for member in before.infolist():
            data = before.read(member)
            after.writestr(member.filename, data.replace(b"?>", b"?>" + _LAUGHS + b"]>", 1))
    return out.getvalue()


_SWOLLEN_XLSX, _SWOLLEN_ODS = _swelling(1100 * MIB, _book()), _swelling(1100 * MIB, ods(_ALIKE))
_SLASHES = _repeated(b"9800000000/" * 90 + b"\n", 105 * MIB)

NUMBERS, AUDIO = "send_to_number_file", "aud_file"

HOSTILE = [
    Hostile("a workbook that inflates to a gibibyte and more", NUMBERS, "a.xlsx", _bytes(_SWOLLEN_XLSX)),
    Hostile("two cells a million rows apart", NUMBERS, "a.xlsx", _bytes(_book(sheet1=_FAR))),
    Hostile("a billion laughs", NUMBERS, "a.xlsx", _bytes(_with_doctype(_LAUGHS + b"]>", "&a10;"))),
    Hostile(
        "an entity that is a file", NUMBERS, "a.xlsx",
        _bytes(_with_doctype(b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;")),
    ),
    Hostile(
        "an entity that is an address", NUMBERS, "a.xlsx",
        _bytes(_with_doctype(b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">', "9876543210")),
    ),
    Hostile("a directory that claims less than is packed", NUMBERS, "a.xlsx", _bytes(_claiming(100))),
    Hostile("a directory that claims four gibibytes", NUMBERS, "a.xlsx", _bytes(_claiming(0xFFFFFFFE))),
    Hostile("an archive of fifty thousand parts", NUMBERS, "a.xlsx", _bytes(_many_parts(50_000))),
    Hostile("a sheet that lies outside the workbook", NUMBERS, "a.xlsx", _bytes(_linked("../../../../etc/passwd"))),
    Hostile("a sheet behind an address", NUMBERS, "a.xlsx", _bytes(_linked("http://127.0.0.1:1/sheet.xml"))),
    Hostile("parts named to climb out of the archive", NUMBERS, "a.xlsx", _bytes(archive("../../../../tmp/x", "/x"))),
    Hostile("an encrypted workbook", NUMBERS, "a.xlsx", _bytes(encrypted_or_old("EncryptedPackage"))),
    Hostile("a workbook of before 2007", NUMBERS, "a.xls", _bytes(encrypted_or_old("Workbook"))),
    Hostile("an .ods of a cell repeated 16 thousand million times", NUMBERS, "a.ods", _bytes(ods(_FULL))),
    Hostile("an .ods of a million rows alike", NUMBERS, "a.ods", _bytes(ods(_ALIKE))),
    Hostile("an .ods that inflates to a gibibyte and more", NUMBERS, "a.ods", _bytes(_SWOLLEN_ODS)),
    Hostile("an .ods with a billion laughs", NUMBERS, "a.ods", _bytes(_laughing_ods())),
    Hostile("an .ods of a cell of 20 MiB", NUMBERS, "a.ods", _bytes(ods(ods_row("phone", "x" * 20 * MIB)))),
    Hostile("columns of numbers without end", NUMBERS, "a.tsv", _repeated(b"9800000000\t", 20 * MIB)),
    Hostile("a cell of slashes", NUMBERS, "a.txt", _after(b"phone\n", _SLASHES)),
    Hostile("a list of ten million rows", NUMBERS, "a.csv", _after(b"phone\n", _repeated(b"9800000000\n", 105 * MIB))),
    Hostile(
        "a cell of 240 MiB", NUMBERS, "a.csv", _after(b'phone,name\n9800000000,"', _repeated(b"x", 240 * MIB))
    ),
    Hostile("a cell of 300 MiB", NUMBERS, "a.csv", _after(b'phone,name\n9800000000,"', _repeated(b"x", 300 * MIB))),
    Hostile("quotes without end", NUMBERS, "a.csv", _after(b"phone\n", _repeated(b'""",', 20 * MIB))),
    Hostile("a hundred thousand columns", NUMBERS, "a.csv", _bytes(b"phone" + b",c" * 100_000 + b"\n9800000000\n")),
    Hostile("a list of NUL", NUMBERS, "a.csv", _repeated(bytes(1024), 20 * MIB)),
    Hostile("half of a UTF-16", NUMBERS, "a.csv", _bytes(b"\xff\xfep\x00h\x00o\x00n\x00e\x00\n\x00\x00\xd8")),
    Hostile("a packed list that inflates", NUMBERS, "a.csv", _bytes(_gzipped(200 * MIB))),
    Hostile("ten hours in under two megabytes", AUDIO, "a.amr", _bytes(_TEN_HOURS_AMR)),
    Hostile("a sound of 1 Hz", AUDIO, "a.wav", _bytes(_wav(1))),
    Hostile("a sound of 4 GHz", AUDIO, "a.wav", _bytes(_wav(0xFFFFFFFF))),
    Hostile("a sound of no Hz", AUDIO, "a.wav", _bytes(_wav(0))),
    Hostile("a sound of 65,535 channels", AUDIO, "a.wav", _bytes(_wav(8000, channels=65_535))),
    Hostile("a sound that claims four gibibytes", AUDIO, "a.wav", _bytes(_wav(8000, claimed=0xFFFFFFF0))),
    Hostile(
        "a playlist of a file", AUDIO, "a.mp3",
        _bytes(b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://" + PASSWD + b"\n#EXT-X-ENDLIST\n"),
    ),
    Hostile("a playlist of an address", AUDIO, "a.mp3", _bytes(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.mp3\n")),
    Hostile("concat: as content", AUDIO, "a.mp3", _bytes(b"concat:" + PASSWD + b"|" + PASSWD)),
    Hostile("a concat script", AUDIO, "a.wav", _bytes(b"ffconcat version 1.0\nfile '" + PASSWD + b"'\n")),
    Hostile("a session description", AUDIO, "a.mp3", _bytes(b"v=0\nc=IN IP4 127.0.0.1\nm=audio 1 RTP/AVP 0\n")),
    Hostile("a DASH manifest", AUDIO, "a.m4a", _bytes(b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/</BaseURL></MPD>')),
    Hostile("a tag that claims 256 MiB", AUDIO, "a.mp3", _bytes(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(1000))),
    Hostile("21 MiB of sound", AUDIO, "a.mp3", _repeated(b"\xff\xfb\x90\x00", 21 * MIB)),
    Hostile("a packed sound that inflates", AUDIO, "a.mp3", _bytes(gzip.compress(bytes(19 * MIB)))),
]  # fmt: skip
