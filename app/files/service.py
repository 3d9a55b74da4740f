"""Uploads: stored once, named in later requests, opened where they are needed."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ConflictError, Item, NotFoundError, invalid
from app.files import repository
from app.files.blobs import BlobStore
from app.files.incoming import Received, refused_when_full
from app.files.models import File
from app.files.names import clean_name, last_segment
from app.files.room import over_quota

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Stored:
    """An upload in its place; `replaced` is the blob that no row names any more once this is committed."""

    file: File
    replaced: str | None


async def put_upload(blobs: BlobStore, account_id: int, upload: Received) -> str:
    """Put the bytes into the store and return their key; no row names them yet.

    The key holds the content's hash and a random tail: two rows never share a blob, so deleting one cannot take
    the bytes from under another that is being written at the same moment.

    Raises:
        StorageFullError: ``storage_full``.
        UnavailableError: ``blob_store_unavailable``.
    """
    key = f"uploads/{account_id}/{upload.sha256}-{uuid4().hex[:8]}"
    await blobs.put_file(key, upload.path)
    return key


async def store_upload(
    session: AsyncSession,
    account_id: int,
    name: str,
    upload: Received,
    blob_key: str,
    now: datetime,
    *,
    quota: int,
) -> Stored:
    """The row for an upload whose bytes lie under `blob_key`; one of the same name is replaced.

    Raises:
        InvalidError: ``invalid_name``, ``name_too_long``.
        TooLargeError: ``storage_quota``: all files of the account would be over `quota` bytes.
        ConflictError: ``changed_meanwhile``: the name is uploaded and deleted by others at a great rate.
    """
    clean = clean_name(name)
    values: dict[str, object] = {
        "sha256": upload.sha256,
        "size": upload.size,
        "blob_key": blob_key,
        "created_at": now,
    }
    await repository.hold_uploads(session, account_id)
    if await repository.stored_bytes(session, account_id, but=clean) + upload.size > quota:
        raise over_quota(quota)
    for _ in range(_TRIES):
        created = await repository.insert_new(session, {"account_id": account_id, "name": clean, **values})
        if created is not None:
            return Stored(created, None)
        known = await repository.named_for_update(session, account_id, clean)
        if known is not None:
            replaced = known.blob_key
            for column, value in values.items():
                setattr(known, column, value)
            await session.flush()
            return Stored(known, replaced)
    message = "This name is being changed by another request. Send the file again."
    raise ConflictError(Item("file", "changed_meanwhile", message))


async def find_named(session: AsyncSession, account_id: int, value: str, field: str = "file") -> File:
    """The account's own upload that `value` names: its last path segment counts, never a path or an address.

    Raises:
        InvalidError: ``file_not_found`` for `field`.
    """
    name = last_segment(value)
    found = await repository.named(session, account_id, name) if name else None
    if found is None:
        shown = name[:100] or value[:100]
        message = (
            f"No file named “{shown}” was uploaded. Upload it first: POST /api/system/files/, part `file`."
        )
        raise invalid(field, "file_not_found", message)
    return found


async def list_files(session: AsyncSession, account_id: int, *, before: int, limit: int) -> list[File]:
    """The account's uploads, newest first; see `repository.page`."""
    return await repository.page(session, account_id, before=before, limit=limit)


async def remove(session: AsyncSession, account_id: int, file_id: int) -> str:
    """Remove the row; the blob's key is returned, to be deleted once this is committed.

    Raises:
        NotFoundError: ``file_not_found``.
    """
    found = await repository.by_id_for_update(session, account_id, file_id)
    if found is None:
        raise NotFoundError(
            Item(None, "file_not_found", "There is no file with this id. GET /api/system/files/ lists them.")
        )
    key = found.blob_key
    await session.delete(found)
    await session.flush()
    return key


@asynccontextmanager
async def open_locally(blobs: BlobStore, file: File, field: str = "file") -> AsyncIterator[Path]:
    """The upload's bytes as a temporary file that is gone when the context ends.

    Raises:
        InvalidError: ``file_not_found`` when the bytes are gone: replaced or deleted a moment ago.
        UnavailableError: ``blob_store_unavailable``.
        StorageFullError: ``storage_full``.
    """
    with refused_when_full(), tempfile.NamedTemporaryFile(prefix="tingting-") as copy:
        path = Path(copy.name)
        if not await blobs.get_file(file.blob_key, path):
            message = (
                f"“{file.name}” was replaced or deleted meanwhile. Upload it again and repeat the request."
            )
            raise invalid(field, "file_not_found", message)
        yield path
