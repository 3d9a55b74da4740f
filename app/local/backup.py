"""`tingting backup`: database, files and secrets of a service in one file, while it runs or while it does not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from app.core import version
from app.core.settings import Settings
from app.files.blobs import BlobStore
from app.local.archive import BLOBS, DATABASE, SECRETS, Manifest, Tell, Writer, writing
from app.local.database import database_of, require_database
from app.local.home import Home
from app.local.postgres_programs import dumping
from app.wiring import blob_location

_PIECE = 16 * 1024**2


def backup(settings: Settings, path: Path) -> Manifest:
    """Write a backup of the service that `settings` mean to the new file `path`; what it is of.

    The database comes first: a file that is stored meanwhile is then one too many, and none is missing.

    Raises:
        LocalError: there is no service, the file exists or cannot be written, or the database cannot be dumped.
        UnavailableError: the blob store does not answer.
    """
    with database_of(settings) as url:
        require_database(url)
        manifest, size = asyncio.run(_look(url))
        with writing(path, manifest) as archive:
            for name, secret in _secrets(settings):
                archive.add(SECRETS + name, secret)
            with bar("Database", size) as tell:
                _add_database(archive, url, tell)
            asyncio.run(_add_blobs(archive, BlobStore.open(blob_location(settings))))
    return manifest


async def _look(url: str) -> tuple[Manifest, int]:
    """What the database is, and about how many bytes its dump will have."""
    connection = await asyncpg.connect(url)
    try:
        postgres = str(await connection.fetchval("SHOW server_version")).split()[0]
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
        size = await connection.fetchval(
            "SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    finally:
        await connection.close()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(version.SERVICE, str(revision), postgres, made_at), size


def _secrets(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The data folder's, and the key that signs tokens where it is a setting."""
    chosen = settings.jwt_secret
    folder = Home(settings.home).path / "secrets"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name != "jwt" or chosen is None:
            yield path.name, path.read_bytes()
    if chosen is not None:
        yield "jwt", chosen.get_secret_value().encode()


def _add_database(archive: Writer, url: str, tell: Tell) -> None:
    with dumping(url) as dump:
        for nth in range(10**6):
            piece = dump.read(_PIECE)
            if not piece:
                return
            archive.add(f"{DATABASE}{nth:06d}", piece)
            tell(len(piece))


async def _add_blobs(archive: Writer, blobs: BlobStore) -> None:
    found = [info async for info in blobs.list("")]
    with bar("Files", sum(info.size for info in found)) as tell:
        for info in found:
            data = await blobs.get(info.key)
            if data is not None:  # None: removed since the list was made
                archive.add(BLOBS + info.key, data)
            tell(info.size)


@contextmanager
def bar(title: str, total: int) -> Iterator[Tell]:
    """A progress bar of bytes on standard error; full at the end, for a total may be an estimate."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=max(1, total))
        yield lambda done: progress.advance(task, done)
        progress.update(task, completed=max(1, total))
