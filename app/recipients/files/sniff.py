"""What a recipient file truly is, by its content: a name can be changed, the first bytes cannot lie as well."""

import mmap
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from app.core.errors import InvalidError, Item, ProblemError, TooLargeError, UnsupportedError, invalid
from app.recipients.columns import FIELD
from app.recipients.files.limits import ImportLimits

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2: the compound file of Office before 2007
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"Rar!": "a compressed archive",
    b"{\\rtf": "a text document",
    b"ID3": "a sound file",
    b"RIFF": "a sound file",
    b"OggS": "a sound file",
}
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_ADVICE = "send a .csv (UTF-8), .xlsx, .xls or .ods file"


class Kind(StrEnum):
    """The formats that are read."""

    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"
    XLS = "xls"


_ENDINGS = {
    Kind.CSV: (".csv", ".tsv", ".txt", ".tab"),
    Kind.XLSX: (".xlsx", ".xlsm"),
    Kind.ODS: (".ods",),
    Kind.XLS: (".xls",),
}
_HELD = {
    Kind.CSV: "plain text",
    Kind.XLSX: "an Excel workbook",
    Kind.ODS: "an OpenDocument spreadsheet",
    Kind.XLS: "an old Excel workbook",
}


def sniff(path: Path, name: str | None, limits: ImportLimits) -> Kind:
    """The format of the file at `path`, when it is one that is read and its name agrees.

    Args:
        path: the bytes.
        name: what the client called it; None: only the content decides.
        limits: `file_bytes` is watched here.

    Raises:
        InvalidError: ``empty_file``, ``broken_file``, ``bad_encoding``.
        UnsupportedError: ``wrong_file_type``, ``encrypted_file``.
        TooLargeError: ``file_too_large``.
    """
    size = path.stat().st_size
    if size == 0:
        raise invalid(FIELD, "empty_file", "The file is empty; send a column of numbers under a header.")
    if size > limits.file_bytes:
        message = f"The file is over {limits.file_bytes // 1024**2} MiB; split it."
        raise TooLargeError(Item(FIELD, "file_too_large", message))
    with path.open("rb") as file:
        head = file.read(_HEAD)
    suffix = Path(name).suffix.lower() if name is not None else None
    kind = _kind(path, head, suffix)
    if suffix is None or suffix in _ENDINGS[kind]:
        return kind
    if any(suffix in endings for endings in _ENDINGS.values()):
        raise _wrong(
            f"The file is named {suffix} but holds {_HELD[kind]}; rename it to .{kind} or save it as {suffix}."
        )
    raise _wrong(f"Files named {suffix or 'without an ending'} are not read; {_ADVICE}.")


def _kind(path: Path, head: bytes, suffix: str | None) -> Kind:
    if head.startswith(_OLE):
        return _ole(path)
    if head.startswith(_ZIP):
        return _zip(path)
    if head.startswith(b"%PDF"):
        message = (
            "The file is a PDF document; ask for the spreadsheet it was made of, or copy its table into one"
        )
        raise _wrong(f"{message}, and send that as .xlsx or .csv (UTF-8).")
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise _wrong(f"The file is {what}; {_ADVICE}.")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"begin:vcard"):
        message = "The file holds contacts of a telephone (.vcf); open it in Google Contacts or another address book"
        raise _wrong(f"{message}, export it there as CSV and send that.")
    if start.startswith((b"<", b"mime-version:")):
        message = (
            "The file is a web page or XML, whatever its name; open it in Excel or LibreOffice, save it there"
        )
        raise _wrong(f"{message} as .xlsx and send that.")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _binary(head, suffix)
    return Kind.CSV


def _ole(path: Path) -> Kind:
    """An old .xls, or the container in which Office keeps an encrypted .xlsx ([MS-OFFCRYPTO] 1.3.3)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            message = "The workbook is protected by a password; save it without one."
            raise UnsupportedError(Item(FIELD, "encrypted_file", message))
        if any(content.find(stream.encode("utf-16-le")) >= 0 for stream in ("Workbook", "Book")):
            return Kind.XLS
    raise _wrong(f"The file is an old Office document without a sheet; {_ADVICE}.")


def _zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
            mimetype = _mimetype(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        message = "The workbook is damaged or was not sent to its end; open it, save it again and send that."
        raise invalid(FIELD, "broken_file", message) from None
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    if "xl/workbook.bin" in names:
        raise _wrong("The file is a binary .xlsb workbook; save it as .xlsx.")
    if "content.xml" in names and mimetype.startswith(_SPREADSHEET):
        return Kind.ODS
    if "content.xml" in names:
        raise _wrong(f"The file is an OpenDocument file without a sheet; {_ADVICE}.")
    if any(name.endswith(".iwa") for name in names):
        raise _wrong("The file is a Numbers document; export it there as Excel (.xlsx) or CSV and send that.")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise _wrong(f"The file is an Office document without a sheet; {_ADVICE}.")
    raise _wrong(f"The file is a zip archive; {_ADVICE} itself.")


def _mimetype(archive: zipfile.ZipFile) -> bytes:
    """What an OpenDocument file says it is (ISO/IEC 26300-1, 2.2.4)."""
    held = next((member for member in archive.infolist() if member.filename == "mimetype"), None)
    if held is None or held.file_size > _HEAD or held.flag_bits & 1:
        return b""
    try:
        return archive.read(held)
    except (zlib.error, EOFError):
        return b""


def _binary(head: bytes, suffix: str | None) -> ProblemError:
    """Bytes with NULs: UTF-16 that forgot its mark, or no text at all.

    Every other byte of UTF-16 in English or Nepali is 0x00 or 0x09 (U+0900 to U+097F).
    """
    halves = (head[0::2], head[1::2])
    if any(sum(byte in {0, 9} for byte in half) > 0.7 * len(half) > 1 for half in halves):
        return bad_encoding("The file is UTF-16 without a byte order mark")
    if suffix == ".csv":
        return bad_encoding("The file holds NUL bytes and so is no text")
    return _wrong(f"The file is neither text nor a workbook; {_ADVICE}.")


def bad_encoding(what: str) -> InvalidError:
    """The one way out of every encoding: UTF-8."""
    return invalid(FIELD, "bad_encoding", f"{what}; save it as “CSV UTF-8 (comma delimited)” and send that.")


def _wrong(message: str) -> UnsupportedError:
    return UnsupportedError(Item(FIELD, "wrong_file_type", message))
