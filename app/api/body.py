"""One way to read bodies: JSON, multipart and plain forms come out alike, then a model checks the fields."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Annotated, Any, BinaryIO, TypeVar

from fastapi import Depends
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from app.api.deps import CurrentAccount
from app.api.fields import checked, refuse_unstorable
from app.api.forms import read_multipart, read_urlencoded
from app.api.json_body import read_json
from app.core.errors import Item, UnsupportedError

M = TypeVar("M", bound=BaseModel)

JSON = "application/json"
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"

_LARGE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent. A form's lists may still be strings; `app.api.fields` knows which fields are lists."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, UploadFile] = field(default_factory=dict)
    form: FormData | None = None
    is_form: bool = False

    async def digest(self) -> bytes:
        """SHA-256 over fields and file bytes: equal for equal bodies, whatever the multipart boundary was."""
        whole = hashlib.sha256(json.dumps(self.fields, sort_keys=True, default=str).encode())
        for name, upload in sorted(self.files.items()):
            content = await asyncio.to_thread(_sha256, upload.file)
            whole.update(json.dumps([name, upload.filename]).encode() + content)
        return whole.digest()


async def read_body(request: Request) -> Body:
    """The body of `request`, by its content type; none at all is an empty body.

    Raises:
        UnsupportedError: ``unsupported_media_type``.
        MalformedError, InvalidError, TooLargeError: as the readers say.
    """
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    stated = kind.get_content_type() if kind["content-type"] else ""
    if stated != MULTIPART:
        raw = await request.body()
        # Two million numbers take a second to read: not on the loop that everybody else waits for.
        return await asyncio.to_thread(_plain, stated, raw) if len(raw) > _LARGE else _plain(stated, raw)
    pairs, form = await read_multipart(request)
    try:
        refuse_unstorable(pairs.fields)
        refuse_unstorable({name: upload.filename for name, upload in pairs.files.items()})
    except BaseException:
        await form.close()
        raise
    return Body(pairs.fields, pairs.files, form, is_form=True)


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
    refuse_unstorable(body.fields)
    return body


async def _sent(request: Request) -> AsyncIterator[Body]:
    body = await read_body(request)
    try:
        yield body
    finally:
        if body.form is not None:
            await body.form.close()


SentBody = Annotated[Body, Depends(_sent)]


def read(model: type[M]) -> Callable[..., Awaitable[M]]:
    """A dependency that gives the body as a checked `model`; unknown fields are ignored.

    Files are fields too: declare them as `fastapi.UploadFile`, or `UploadFile | str` where a name may stand instead.
    The account is asked for first, so that nobody unknown has a body read.
    """

    async def dependency(account: CurrentAccount, body: SentBody) -> M:
        del account
        return _checked(model, body)

    return dependency


def read_anonymous(model: type[M]) -> Callable[..., Awaitable[M]]:
    """As `read`, for the few routes that ask for no account."""

    async def dependency(body: SentBody) -> M:
        return _checked(model, body)

    return dependency


def _checked(model: type[M], body: Body) -> M:
    return checked(model, {**body.fields, **body.files}, is_form=body.is_form)


def _sha256(file: BinaryIO) -> bytes:
    whole = hashlib.sha256()
    file.seek(0)
    while piece := file.read(1024**2):
        whole.update(piece)
    file.seek(0)
    return whole.digest()
