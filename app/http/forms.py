"""Reads form bodies: `multipart/form-data` and `application/x-www-form-urlencoded`, in strict UTF-8.

Starlette's own parsers take broken UTF-8 for Latin-1 or put U+FFFD in its place; a name stored like that is wrong
for good, so both are decoded here.
"""

import re
from collections.abc import AsyncGenerator
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.core.errors import Item, MalformedError, TooLargeError, UnsupportedError, invalid
from app.files.incoming import refused_when_full
from app.http.brackets import base_of
from app.http.filenames import file_name
from app.http.large import MOST_LISTED, use_a_file

MAX_FIELDS = MOST_LISTED
MAX_PARTS = 10_000
"""Fields of a multipart body, whose reader takes a hundred times as long for each as that of a plain form."""
MAX_FILES = 20
MAX_FIELD_BYTES = 8 * 1024**2

_SHOWN = 40
_AS_THEY_ARE = frozenset({"", "7bit", "8bit", "binary"})
_FILENAME = re.compile(rb";\s*filename\s*=", re.IGNORECASE)

_ENCODED_PART = (
    "The part {name} has the Content-Transfer-Encoding {encoding}, which forms do not have (RFC 7578, 4.7)."
)
_BOUNDARY_LINE = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])\r\n[Cc]ontent-")
MOST_OF_BOUNDARY = 128
"""Bytes at the start of a body that show whether it is multipart: a boundary has at most 70 (RFC 2046, 5.1.1)."""


class _Parser(MultiPartParser):
    """Bounds all fields together: files go to disk, fields are held in memory."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None]) -> None:
        super().__init__(
            headers, stream, max_files=MAX_FILES, max_fields=MAX_PARTS, max_part_size=MAX_FIELD_BYTES
        )
        self._field_bytes = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self._field_bytes += end - start
            if self._field_bytes > MAX_FIELD_BYTES:
                raise use_a_file(f"The fields of the form are over {MAX_FIELD_BYTES // 1024**2} MiB.")
        super().on_part_data(data, start, end)

    def on_headers_finished(self) -> None:
        # A file named by filename* alone is one too; the parser knows `filename` only.
        disposition = self._current_part.content_disposition or b""
        if b"filename*" in disposition.lower() and not _FILENAME.search(disposition):
            self._current_part.content_disposition = disposition + b'; filename=""'
        super().on_headers_finished()
        for name, value in self._current_part.item_headers:
            encoding = value.decode("latin-1").strip().lower()
            if name == b"content-transfer-encoding" and encoding not in _AS_THEY_ARE:
                message = _ENCODED_PART.format(
                    name=self._current_part.field_name[:_SHOWN], encoding=encoding[:_SHOWN]
                )
                item = Item(None, "unsupported_transfer_encoding", f"{message} Send its bytes as they are.")
                raise UnsupportedError(item)


class Pairs:
    """Fields in the order sent, by the names sent; a name sent again has a list."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.files: dict[str, UploadFile] = {}

    def add(self, name: str, value: str | UploadFile) -> None:
        """Put one part where it belongs; of a file's name what stands in brackets is left out.

        Raises:
            InvalidError: ``several_files``.
        """
        if isinstance(value, UploadFile):
            self._add_file(base_of(name), value)
        elif name not in self.fields:
            self.fields[name] = value
        elif isinstance(self.fields[name], list):
            self.fields[name].append(value)
        else:
            self.fields[name] = [self.fields[name], value]

    def _add_file(self, name: str, file: UploadFile) -> None:
        before = self.files.get(name)
        if before is not None and before.size and file.size:
            # Whichever of two lists were taken, those who stand in the other would not be called.
            raise invalid(name, "several_files", f"{name} holds several files; send one.")
        if before is None or file.size:
            self.files[name] = file


def read_urlencoded(raw: bytes) -> Pairs:
    """The fields of a plain form.

    Raises:
        MalformedError: ``invalid_encoding`` for bytes that are not UTF-8.
        TooLargeError: ``use_a_file``: too many fields.
        InvalidError: ``unescaped_ampersand``.
    """
    text = decoded(raw)
    if text.count("&") >= MAX_FIELDS:
        raise _too_many(MAX_FIELDS)
    _refuse_torn(text)
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise _not_utf8() from None
    found = Pairs()
    for name, value in pairs:
        found.add(name, value)
    return found


def boundary_at(start: bytes) -> str | None:
    """The boundary of a multipart body that begins with `start`; None when it is none.

    No JSON text and no plain form begins so.
    """
    found = _BOUNDARY_LINE.match(start.lstrip(b"\r\n"))
    return found[1].decode("ascii") if found else None


def boundary_of(content_type: str) -> str | None:
    """The boundary that a Content-Type names."""
    kind = Message()
    kind["content-type"] = content_type
    boundary = kind.get_param("boundary")
    return boundary if isinstance(boundary, str) and boundary else None


async def read_multipart(boundary: str | None, stream: AsyncGenerator[bytes, None]) -> tuple[Pairs, FormData]:
    """The parts of a multipart body; files are spooled to disk beyond 1 MiB. The second value is to be closed.

    Raises:
        MalformedError: ``invalid_multipart``, ``invalid_encoding``.
        UnsupportedError: ``unsupported_transfer_encoding``.
        InvalidError: ``several_files``.
        TooLargeError: ``use_a_file`` when the fields alone are too much; and what `stream` raises.
        StorageFullError: ``storage_full``.
    """
    if boundary is None:
        message = "The Content-Type names no boundary. Let your HTTP client set the header with the body."
        raise MalformedError(Item(None, "invalid_multipart", message))
    # Latin-1 maps every byte to one character and back: the parser hands the bytes on as they came.
    named = Headers({"content-type": f'multipart/form-data; charset=latin-1; boundary="{boundary}"'})
    parser = _Parser(named, stream)
    try:
        with refused_when_full():
            form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        if str(getattr(error, "message", "")).startswith("Too many fields"):
            raise _too_many(MAX_PARTS) from None
        reason = getattr(error, "message", "it does not hold together")
        message = f"The multipart body cannot be read: {reason} Let your HTTP client build it."
        raise MalformedError(Item(None, "invalid_multipart", message)) from None
    found = Pairs()
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                value.filename = file_name(value.headers, decoded((value.filename or "").encode("latin-1")))
                found.add(decoded(name.encode("latin-1")), value)
            else:
                found.add(decoded(name.encode("latin-1")), decoded(value.encode("latin-1")))
    except BaseException:
        await form.close()
        raise
    return found, form


def decoded(raw: bytes) -> str:
    """Strict UTF-8, a byte order mark dropped; MalformedError ``invalid_encoding`` otherwise."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _refuse_torn(text: str) -> None:
    """Refuse a piece without ``=`` behind another: the rest of a value whose ``&`` was not written ``%26``.

    Every program that builds a form writes ``name=`` for an empty value.
    """
    before = ""
    for piece in text.split("&"):
        if before and piece and "=" not in piece:
            field = unquote_plus(before.partition("=")[0])[:_SHOWN]
            message = (
                f"{unquote_plus(piece)[:_SHOWN].strip()!r} stands behind an & and has no value: the & belongs to "
                f"{field} and was not escaped. Write it as %26, as in services=SMS+%26+PHONE."
            )
            raise invalid(field, "unescaped_ampersand", message)
        before = piece or before


def _not_utf8() -> MalformedError:
    return MalformedError(Item(None, "invalid_encoding", "The body is not UTF-8. Send it in UTF-8."))


def _too_many(most: int) -> TooLargeError:
    return use_a_file(f"The form has over {most:,} fields.")
