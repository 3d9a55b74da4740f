"""One way to read bodies: JSON, multipart and plain forms come out alike, then a model checks the fields."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, TypeVar

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request

from app.core.errors import Item, UnsupportedError
from app.files.incoming import refused_when_full
from app.http.brackets import base_of
from app.http.fields import checked, refuse_unstorable
from app.http.forms import MOST_OF_BOUNDARY, boundary_at, boundary_of, read_multipart, read_urlencoded
from app.http.json_body import read_json

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

JSON = "application/json"
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"

_MISTAKEN = frozenset({"", JSON, URLENCODED, "text/plain", "application/octet-stream"})
_LARGE = 256 * 1024
_MANY = 2_000
_SHOWN = 40

_reader = ThreadPoolExecutor(1, "large-bodies")
"""One thread for all large bodies: the allocator keeps what was freed for the thread that had it, in each of them."""

Counted = Callable[[int], Awaitable[None]]
Turn = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent. A form's lists may still be strings; `app.http.fields` knows which fields are lists."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, UploadFile] = field(default_factory=dict)
    is_form: bool = False
    is_large: bool = False

    async def digest(self) -> bytes:
        """SHA-256 over fields and file bytes: equal for equal bodies, whatever the multipart boundary was."""
        fields = self.fields
        whole = await _apart(lambda: _fields_digest(fields)) if self.is_large else _fields_digest(fields)
        for name, upload in sorted(self.files.items()):
            content = await asyncio.to_thread(_sha256, upload.file)
            whole.update(json.dumps([name, upload.filename]).encode() + content)
        return whole.digest()


@asynccontextmanager
async def read_body(request: Request, counted: Counted, turn: Turn) -> AsyncIterator[Body]:
    """The body of `request`, by its content type; none at all is an empty body.

    A body that is not multipart is held in memory up to 256 KiB, and else on disk until it has a turn. Parsed it takes
    several times its length, so it keeps the turn for as long as the context lasts. A form of many fields needs a turn
    however short it is: ten milliseconds for each thousand.

    Args:
        request: its body is not read yet.
        counted: told the length of each piece as it comes.
        turn: at being a large body.

    Raises:
        UnsupportedError: ``unsupported_media_type``, ``unsupported_content_encoding``.
        MalformedError, InvalidError, TooLargeError: as the readers say.
    """
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    stated = kind.get_content_type() if kind["content-type"] else ""
    _refuse_compressed(request)
    async with AsyncExitStack() as stack:
        start, pieces = await _started(_pieces(request, counted))
        # Clients that set the header by hand name no boundary, or JSON: the body's first line says what it is.
        if stated == MULTIPART or (stated in _MISTAKEN and boundary_at(start)):
            boundary = boundary_of(kind["content-type"]) if stated == MULTIPART else None
            yield await _multipart(boundary or boundary_at(start), pieces, stack)
            return
        with refused_when_full():
            spool = stack.enter_context(SpooledTemporaryFile(_LARGE))  # noqa: SIM115 - the stack closes it
            size = await _spooled(pieces, spool)
        raw = spool.read() if size <= _LARGE else b""
        if size <= _LARGE and raw.count(b"&") <= _MANY:
            yield _plain(stated, raw)
            return
        await stack.enter_async_context(turn())
        # A hundred thousand numbers take a tenth of a second: not on the loop that everybody else waits for.
        body = await _apart(lambda: _plain(stated, raw or spool.read()))
        yield replace(body, is_large=True)


async def _apart(job: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_reader, job)


async def _pieces(request: Request, counted: Counted) -> AsyncGenerator[bytes, None]:
    async for piece in request.stream():
        await counted(len(piece))
        yield piece


async def _started(
    pieces: AsyncGenerator[bytes, None],
) -> tuple[bytes, AsyncGenerator[bytes, None]]:
    """The first bytes, enough to know a boundary by, and the whole all the same."""
    start = b""
    async for piece in pieces:
        start += piece
        if len(start) >= MOST_OF_BOUNDARY:
            break

    async def whole() -> AsyncGenerator[bytes, None]:
        yield start
        async for piece in pieces:
            yield piece

    return start[:MOST_OF_BOUNDARY], whole()


def _refuse_compressed(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return
    message = (
        f"The Content-Encoding {encoding[:_SHOWN]} is not read here. Send the body as it is, uncompressed."
    )
    raise UnsupportedError(Item(None, "unsupported_content_encoding", message))


async def _multipart(
    boundary: str | None, pieces: AsyncGenerator[bytes, None], stack: AsyncExitStack
) -> Body:
    pairs, form = await read_multipart(boundary, pieces)
    stack.push_async_callback(form.close)
    refuse_unstorable(pairs.fields)
    refuse_unstorable({name: upload.filename for name, upload in pairs.files.items()})
    return Body(pairs.fields, pairs.files, is_form=True, is_large=len(pairs.fields) > _MANY)


async def _spooled(pieces: AsyncGenerator[bytes, None], spool: "SpooledTemporaryFile[bytes]") -> int:
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > _LARGE:
            await asyncio.to_thread(spool.write, piece)
        else:
            spool.write(piece)
    spool.seek(0)
    return size


def _plain(stated: str, raw: bytes) -> Body:
    # curl -d sends JSON under the form's type; no form field's name begins with a brace.
    looks_json = raw.lstrip()[:1] in {b"{", b"["}
    if stated == JSON or stated.endswith("+json") or (stated in {"", URLENCODED} and looks_json):
        body = Body(read_json(raw))
    elif stated == URLENCODED:
        body = Body(read_urlencoded(raw).fields, is_form=True)
    elif not raw.strip():
        body = Body()
    else:
        message = f"The Content-Type {stated or '(none)'} is not read here. Send {JSON}, {MULTIPART} or {URLENCODED}."
        raise UnsupportedError(Item(None, "unsupported_media_type", message))
    # In a JSON text only an escape can stand for what cannot be stored; looking for it takes several times its memory.
    if body.is_form or b"\\u" in raw:
        refuse_unstorable(body.fields)
    return body


async def as_model(model: type[M], body: Body) -> M:
    """The body as a checked `model`, unknown fields ignored; InvalidError with an item for each field that is wrong."""
    if body.is_large:
        return await _apart(lambda: _checked(model, body))
    return _checked(model, body)


def _checked(model: type[M], body: Body) -> M:
    # Of a file and a text in one field the file counts: browsers send an empty text for further files left out.
    fields = {name: value for name, value in body.fields.items() if base_of(name) not in body.files}
    return checked(model, {**fields, **body.files}, is_form=body.is_form)


def _fields_digest(fields: dict[str, Any]) -> "hashlib._Hash":
    return hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode())


def _sha256(file: BinaryIO) -> bytes:
    whole = hashlib.sha256()
    file.seek(0)
    while piece := file.read(1024**2):
        whole.update(piece)
    file.seek(0)
    return whole.digest()
