"""The file of a backup, a tar within gzip: what it is, then secrets, the database's dump in pieces, and blobs."""

import gzip
import io
import json
import os
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from app.local.errors import LocalError

FORMAT = 1
MANIFEST, SECRETS, DATABASE, BLOBS = "manifest.json", "secrets/", "database/", "blobs/"
_LEVEL = 1  # sound hardly gets smaller, and a dump gets most of it at once
_PIECE = 1024**2
_DAMAGED = (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError, TypeError)

Tell = Callable[[int], None]
"""Takes how many bytes were just worked on."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of.

    Attributes:
        service: version of this service that made it.
        revision: newest migration of its database.
        postgres: version of the server that it was dumped from.
        made_at: when the dump began, ISO 8601.
    """

    service: str
    revision: str
    postgres: str
    made_at: str
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        """`made_at`, aware."""
        return datetime.fromisoformat(self.made_at)


class Writer:
    """Adds members to an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, data: bytes) -> None:
        """One more member."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(data), 0o600, int(time.time())
        self._tar.addfile(member, io.BytesIO(data))


@contextmanager
def writing(path: Path, manifest: Manifest) -> Iterator[Writer]:
    """An archive at `path`, there when it is whole and not before; mode 600.

    Raises:
        LocalError: there is such a file already, or it cannot be written.
    """
    if path.exists():
        msg = f"{path} exists already; name another file."
        raise LocalError(msg)
    part = path.with_name(f"{path.name}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as raw:
                with (
                    gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_LEVEL) as packed,
                    tarfile.open(fileobj=packed, mode="w|") as tar,
                ):
                    writer = Writer(tar)
                    writer.add(MANIFEST, json.dumps(asdict(manifest)).encode())
                    yield writer
                raw.flush()
                os.fsync(raw.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror or error})."
        raise LocalError(msg) from error


def read_manifest(path: Path) -> Manifest:
    """What the archive at `path` is of; LocalError when it is none."""
    for name, stream in members(path, lambda _: None):
        if name != MANIFEST:
            break
        try:
            return Manifest(**json.loads(stream.read()))
        except _DAMAGED:
            break
    msg = f"{path} is no backup of this service."
    raise LocalError(msg)


def members(path: Path, tell: Tell) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each member in their order; `tell` gets bytes of the file itself.

    Raises:
        LocalError: the file cannot be read, is damaged or was cut short. All of it is known at the last member's end.
    """
    try:
        with path.open("rb") as raw, gzip.GzipFile(fileobj=_Told(raw, tell)) as packed:
            with tarfile.open(fileobj=packed, mode="r|") as tar:
                for member in tar:
                    stream = tar.extractfile(member)
                    if stream is not None:
                        yield member.name, stream
            while packed.read(_PIECE):  # the check sum stands behind the last byte
                pass
    except _DAMAGED as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "damaged or cut short"
        msg = f"{path} cannot be read as a backup: {why}."
        raise LocalError(msg) from error


class _Told(io.RawIOBase):
    def __init__(self, raw: IO[bytes], tell: Tell) -> None:
        self._raw, self._tell = raw, tell

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._tell(len(data))
        return data
