"""Takes an upload's bytes to a file of their own on disk, hashed and counted on the way."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from app.core.errors import Item, StorageFullError, TooLargeError, invalid

MAX_FILE_BYTES = 300 * 1024**2
_PIECE = 1024**2
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Received:
    """An upload on disk; `sha256` in hexadecimal, `size` in bytes. The file is gone once its context ends."""

    path: Path
    sha256: str
    size: int


@asynccontextmanager
async def received(
    file: BinaryIO, *, field: str = "file", most: int = MAX_FILE_BYTES
) -> AsyncIterator[Received]:
    """Copy `file` to a temporary file, a mebibyte at a time in a thread.

    Args:
        file: read from its start.
        field: named in errors.
        most: largest size taken, bytes.

    Raises:
        InvalidError: ``empty_file``.
        TooLargeError: ``file_too_large``.
        StorageFullError: ``storage_full``.
    """
    with refused_when_full(), tempfile.NamedTemporaryFile(prefix="tingting-") as copy:
        digest, size = await asyncio.to_thread(_copy, file, copy, most)
        if size > most:
            message = f"The file is over {most // 1024**2} MiB. Split it."
            raise TooLargeError(Item(field, "file_too_large", message))
        if size == 0:
            raise invalid(
                field, "empty_file", "The file is empty. Check that it was saved, and send it again."
            )
        yield Received(Path(copy.name), digest, size)


@contextmanager
def refused_when_full() -> Iterator[None]:
    """Say in the domain's words that the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        message = "No room is left to take this file in. Free some space, then try again."
        raise StorageFullError(Item(None, "storage_full", message)) from error


def _copy(source: BinaryIO, target: "tempfile._TemporaryFileWrapper[bytes]", most: int) -> tuple[str, int]:
    whole, size = sha256(), 0
    source.seek(0)
    while size <= most and (piece := source.read(_PIECE)):
        size += len(piece)
        whole.update(piece)
        target.write(piece)
    target.flush()
    return whole.hexdigest(), size
