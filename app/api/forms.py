"""Reads form bodies: `multipart/form-data` and `application/x-www-form-urlencoded`, in strict UTF-8.

Starlette's own parsers take broken UTF-8 for Latin-1 or put U+FFFD in its place; a name stored like that is wrong
for good, so both are decoded here.
"""

import re
from collections.abc import AsyncGenerator
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.large import MOST_LISTED, use_a_file
from app.core.errors import Item, MalformedError, TooLargeError
from app.files.incoming import refused_when_full

MAX_FIELDS = MOST_LISTED
MAX_PARTS = 10_000
"""Fields of a multipart body, whose reader takes a hundred times as long for each as that of a plain form."""
MAX_FILES = 20
MAX_FIELD_BYTES = 8 * 1024**2

_LIST_NAME = re.compile(r"(?P<name>[^\[\]]+)\[\d*\]")


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


class Pairs:
    """Fields in the order sent; a name sent again, or written `name[]`, becomes a list."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.files: dict[str, UploadFile] = {}

    def add(self, raw_name: str, value: str | UploadFile) -> None:
        """Put one part where it belongs; of two files with one name the last counts."""
        match = _LIST_NAME.fullmatch(raw_name)
        name = match["name"] if match else raw_name
        if isinstance(value, UploadFile):
            self.files[name] = value
        elif name not in self.fields:
            self.fields[name] = [value] if match else value
        elif isinstance(self.fields[name], list):
            self.fields[name].append(value)
        else:
            self.fields[name] = [self.fields[name], value]


def read_urlencoded(raw: bytes) -> Pairs:
    """The fields of a plain form.

    Raises:
        MalformedError: ``invalid_encoding`` for bytes that are not UTF-8.
        TooLargeError: ``use_a_file``: too many fields.
    """
    text = decoded(raw)
    if text.count("&") >= MAX_FIELDS:
        raise _too_many(MAX_FIELDS)
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise _not_utf8() from None
    found = Pairs()
    for name, value in pairs:
        found.add(name, value)
    return found


async def read_multipart(headers: Headers, stream: AsyncGenerator[bytes, None]) -> tuple[Pairs, FormData]:
    """The parts of a multipart body; files are spooled to disk beyond 1 MiB. The second value is to be closed.

    Raises:
        MalformedError: ``invalid_multipart``, ``invalid_encoding``.
        TooLargeError: ``use_a_file`` when the fields alone are too much; and what `stream` raises.
        StorageFullError: ``storage_full``.
    """
    parser = _Parser(_as_latin1(headers), stream)
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
                value.filename = decoded((value.filename or "").encode("latin-1"))
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


def _as_latin1(headers: Headers) -> Headers:
    # Latin-1 maps every byte to one character and back: the parser hands the bytes on as they came.
    kind = Message()
    kind["content-type"] = headers.get("content-type", "")
    boundary = kind.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        message = "The Content-Type names no boundary. Let your HTTP client set the header with the body."
        raise MalformedError(Item(None, "invalid_multipart", message))
    return Headers({"content-type": f'multipart/form-data; charset=latin-1; boundary="{boundary}"'})


def _not_utf8() -> MalformedError:
    return MalformedError(Item(None, "invalid_encoding", "The body is not UTF-8. Send it in UTF-8."))


def _too_many(most: int) -> TooLargeError:
    return use_a_file(f"The form has over {most:,} fields.")
