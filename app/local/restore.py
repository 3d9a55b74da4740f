"""`tingting restore`: a service from a backup, in a new folder or an empty database; nothing stays when it fails."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from alembic.script import ScriptDirectory

from app.core import version
from app.core.settings import Settings
from app.core.spelling import command
from app.db.engine import make_engine, make_sessions
from app.files.blobs import BlobStore
from app.installation.repository import installation
from app.local.archive import BLOBS, DATABASE, SECRETS, Manifest, Tell, members, read_manifest
from app.local.backup import bar
from app.local.database import require_database
from app.local.errors import LocalError
from app.local.home import Home, write_private
from app.local.migrate import MIGRATIONS, upgrade
from app.local.postgres import Postgres
from app.local.postgres_programs import load
from app.runs.paused_after_restore import hold_if_restored
from app.wiring import blob_location

_PIECE = 1024**2
_MARK = "UPDATE public.installation SET restored_from = '{made_at}';"


def restore(settings: Settings, path: Path) -> tuple[Manifest, int]:
    """Bring the backup at `path` to where `settings` lead; what it is of, and how many runs wait for a person.

    Raises:
        LocalError: the file is damaged, it is of a newer version, or there is something already where it was to go.
    """
    manifest = read_manifest(path)
    _refuse_newer(manifest)
    with bar("Checking", path.stat().st_size) as tell:
        for _ in members(path, tell):
            pass
    with _target(settings, path) as url:
        asyncio.run(_refuse_unfit(url, manifest))
        asyncio.run(_restore_blobs(path, BlobStore.open(blob_location(settings))))
        with bar("Database", path.stat().st_size) as tell:
            # With the dump, or not at all: a worker that finds these words pauses every run before it does anything.
            load(url, database_in(path, tell), _MARK.format(made_at=manifest.moment.isoformat()))
        upgrade(url)
        held = asyncio.run(_hold(url))
    return manifest, held


def _refuse_newer(manifest: Manifest) -> None:
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if _numbers(manifest.service) > _numbers(version.SERVICE) or manifest.revision not in known:
        msg = (
            f"The backup was made by version {manifest.service} and this is version {version.SERVICE}, which is older; "
            "restore it by that version or a newer one."
        )
        raise LocalError(msg)


async def _refuse_unfit(url: str, manifest: Manifest) -> None:
    connection = await asyncpg.connect(url)
    try:
        server = str(await connection.fetchval("SHOW server_version")).split()[0]
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    if _numbers(manifest.postgres)[:1] > _numbers(server)[:1]:
        msg = (
            f"The backup was made on PostgreSQL {manifest.postgres} and this server is {server}, which is older; "
            "restore it to a server that is as new."
        )
        raise LocalError(msg)
    if tables:
        msg = "The database is not empty; restore into a new one, and leave the old one for whoever may miss it."
        raise LocalError(msg)


@contextmanager
def _target(settings: Settings, path: Path) -> Iterator[str]:
    """The address of the database to restore to; a data folder is made for it, and removed when that fails."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        require_database(url)
        yield url
        return
    folder = Home(settings.home).path
    if folder.exists() and any(folder.iterdir()):
        msg = (
            f"{folder} holds something already. Restore into a new folder, "
            f"{command('restore', home='another-folder')} {path}, or move the old one away first."
        )
        raise LocalError(msg)
    home = Home.open(folder)
    home.hold("")
    postgres = Postgres(home)
    try:
        try:
            _restore_secrets(home, path)
            postgres.start()
            yield postgres.url()
        finally:
            postgres.stop()
            home.release()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _restore_secrets(home: Home, path: Path) -> None:
    for name, stream in members(path, lambda _: None):
        if name.startswith(DATABASE):
            break
        if name.startswith(SECRETS):
            write_private(home.path / "secrets" / Path(name).name, stream.read().decode())


async def _restore_blobs(path: Path, blobs: BlobStore) -> None:
    with bar("Files", path.stat().st_size) as tell:
        for name, stream in members(path, tell):
            if name.startswith(BLOBS):
                await blobs.put(name.removeprefix(BLOBS), stream.read())


def database_in(path: Path, tell: Tell) -> Iterator[bytes]:
    """The database's part of the archive; what follows is not read."""
    begun = False
    for name, stream in members(path, tell):
        if name.startswith(DATABASE):
            begun = True
            while piece := stream.read(_PIECE):
                yield piece
        elif begun:
            return


async def _hold(url: str) -> int:
    engine = make_engine(url, application="tingting restore", pool_size=1)
    try:
        async with make_sessions(engine).begin() as session:
            return len(await hold_if_restored(session, await installation(session)))
    finally:
        await engine.dispose()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if part.isdigit()]
