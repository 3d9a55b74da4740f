"""Bytes by key, in a folder or an object store: uploads, spoken messages, reports.

Every write is whole or absent: `obstore` stages a file beside its place and renames it, and object stores show
an object only once it is complete.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, from_url

from app.core.errors import Item, StorageFullError, UnavailableError
from app.core.logging import get_logger

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# A call waits for its audio while the callee's phone is about to ring: rather fail soon and speak anew than hang
# for the three minutes that the library would try by itself.
_CONNECT_TIMEOUT = timedelta(seconds=3)
_REQUEST_TIMEOUT = timedelta(seconds=20)
_RETRIES = 3
_RETRY_FOR = timedelta(seconds=15)
_DELETES_AT_ONCE = 16
_PIECE_BYTES = 1024**2
# How the library tells that the disk or the quota is used up (ENOSPC 28, EDQUOT 122): it has no error class for it.
PROBES = "probes"
"""Where `BlobStore.probe` writes: one small blob a machine."""
_REFUSAL_MARKS = ("os error 13", "os error 30", "os error 1)")
"""EACCES, EROFS and EPERM, where the library has no class for them."""
_FULL_MARKS = ("os error 28", "os error 122", "StorageFull", "QuotaExceeded", "InsufficientStorage")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """One stored blob: its key, its size in bytes and when it was last written (aware, UTC)."""

    key: str
    size: int
    written_at: datetime


class BlobStore:
    """Named bytes behind one interface, whatever holds them.

    Keys are slash-separated names such as ``speech/ab/abcd``; ``..`` and empty parts are refused (ValueError).
    All methods raise `UnavailableError` (``blob_store_unavailable``) when the store cannot be reached and
    (``blob_store_refused``) when it refuses us; those that write raise `StorageFullError` (``storage_full``) when it
    has no room.
    """

    def __init__(self, store: "ObjectStore", folder: Path | None = None) -> None:
        self._store = store
        self.folder = folder
        """The folder that holds the blobs; None where they lie elsewhere."""

    @classmethod
    def open(cls, url_or_folder: str) -> "BlobStore":
        """The store at a folder (made when missing), ``file://``, ``s3://``, ``gs://``, ``az://`` or ``memory://``.

        Credentials of cloud stores come from their usual environment variables. Nothing is contacted yet.

        Raises:
            UnavailableError: a folder cannot be made, or the address is of no known kind.
        """
        with _translated():
            folder = _local_folder(url_or_folder)
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                return cls(LocalStore(folder), folder)
            if url_or_folder.startswith("memory:"):
                return cls(from_url(url_or_folder))
            return cls(
                from_url(
                    url_or_folder,
                    client_options={"connect_timeout": _CONNECT_TIMEOUT, "timeout": _REQUEST_TIMEOUT},
                    retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_FOR},
                ),
            )

    async def put(self, key: str, data: bytes) -> None:
        """Store `data` under `key`, replacing what was there."""
        with _translated():
            await obstore.put_async(self._store, key, data)

    async def probe(self) -> None:
        """Write a few bytes, to see that the store takes them; raises as `put` when it does not."""
        await self.put(f"{PROBES}/{socket.gethostname()}", b"probe")

    async def put_file(self, key: str, path: Path) -> None:
        """Store the file at `path` under `key` without holding it in memory whole."""
        with _translated():
            await obstore.put_async(self._store, key, path)

    async def get(self, key: str) -> bytes | None:
        """The bytes under `key`; None when there are none."""
        with _translated():
            try:
                answer = await obstore.get_async(self._store, key)
                return bytes(await answer.bytes_async())
            except FileNotFoundError:
                return None

    async def get_file(self, key: str, path: Path) -> bool:
        """Write the bytes under `key` to the file at `path`, a piece at a time; False when there are none."""
        with _translated():
            try:
                answer = await obstore.get_async(self._store, key)
            except FileNotFoundError:
                return False
            with path.open("wb") as target:
                async for piece in answer.stream(min_chunk_size=_PIECE_BYTES):
                    await asyncio.to_thread(target.write, piece)
            return True

    async def length(self, key: str) -> int | None:
        """How many bytes are stored under `key`; None when nothing is."""
        with _translated():
            try:
                found = await obstore.head_async(self._store, key)
            except FileNotFoundError:
                return None
            return int(found["size"])

    async def delete(self, key: str) -> None:
        """Remove `key`; harmless when it is gone already."""
        with _translated():
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                return

    async def list(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """Everything below the folder `prefix` (no trailing slash needed), in no order."""
        with _translated():
            async for chunk in obstore.list(self._store, prefix):
                for found in chunk:
                    yield BlobInfo(found["path"], found["size"], found["last_modified"])

    async def size(self, prefix: str) -> int:
        """Bytes stored below `prefix`."""
        return sum([info.size async for info in self.list(prefix)])

    async def trim(self, prefix: str, max_bytes: int) -> int:
        """Drop the least recently written blobs below `prefix` until at most `max_bytes` remain.

        Returns:
            The bytes given back; 0 when nothing had to go.
        """
        found = sorted([info async for info in self.list(prefix)], key=lambda info: info.written_at)
        excess = sum(info.size for info in found) - max_bytes
        doomed: list[BlobInfo] = []
        freed = 0
        for info in found:
            if freed >= excess:
                break
            doomed.append(info)
            freed += info.size
        for start in range(0, len(doomed), _DELETES_AT_ONCE):
            await asyncio.gather(
                *(self.delete(info.key) for info in doomed[start : start + _DELETES_AT_ONCE])
            )
        return freed


def _local_folder(url_or_folder: str) -> Path | None:
    """The folder meant by a plain path or a file URL; None for every other kind of address."""
    if url_or_folder.startswith("file:"):
        return Path(unquote(urlsplit(url_or_folder).path))
    if "://" in url_or_folder or url_or_folder.startswith("memory:"):
        return None
    return Path(url_or_folder).expanduser().resolve()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into the domain's."""
    try:
        yield
    except (BaseError, OSError, TimeoutError) as error:
        if any(mark in str(error) for mark in _FULL_MARKS):
            raise StorageFullError(
                Item(None, "storage_full", "No room is left to store this. Free some space, then try again."),
            ) from error
        if _refuses(error):
            # Waiting does not help: whoever runs the service has to.
            log.error("blob_store_refuses", error=str(error)[:300])  # noqa: TRY400 - one line for an operator
            raise UnavailableError(
                Item(
                    None,
                    "blob_store_refused",
                    "The file store refuses the service (permission denied), so nothing can be stored. Tell whoever "
                    "runs the service: its log and /health/ready say more.",
                ),
                retry_after=60,
            ) from error
        log.warning("blob_store_unavailable", error=str(error)[:300])
        raise UnavailableError(
            Item(
                None,
                "blob_store_unavailable",
                "The file store cannot be reached at the moment. Try again shortly.",
            ),
        ) from error


def _refuses(error: Exception) -> bool:
    if isinstance(error, (PermissionError, PermissionDeniedError, UnauthenticatedError)):
        return True
    return any(mark in str(error) for mark in _REFUSAL_MARKS)
