"""A backup brings everything back but the calls that it does not know of, which nobody gets a second time unasked."""

import asyncio
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import asyncpg
import pytest

from app.core.settings import Settings
from app.local import archive
from app.local.archive import read_manifest
from app.local.backup import backup
from app.local.errors import LocalError
from app.local.home import Home
from app.local.migrate import upgrade
from app.local.ports import free_port
from app.local.postgres import Postgres
from app.local.restore import restore

Tingting = Callable[..., CompletedProcess[str]]
_ROWS = """
INSERT INTO accounts (id, email, username, password_hash) VALUES (1, 'सीता@example.com', 'a', '\\\\.');
INSERT INTO campaigns (id, account_id, name, services, voice_input)
SELECT n, 1, 'c', 'PHONE', 'np_rija' FROM generate_series(0, 5) AS n;
INSERT INTO runs (id, campaign_id, account_id, state, services, voice_input, first, ring_timeout_s, recipients,
                  scheduled_for)
SELECT n, n, 1, n, 'PHONE', 'np_rija', 'message', 5, 1, now() FROM generate_series(0, 5) AS n;
INSERT INTO calls (run_id, recipient_id) SELECT 1, n FROM generate_series(1, 50000) AS n;
UPDATE installation SET trial = true;
"""
_BLOBS = {"uploads/1/numbers.csv": b"phone\n9800000000\n", "speech/ab/abcd": bytes(range(256)) * 5000}


async def _do(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        if not statement.lstrip().startswith("SELECT"):
            await connection.execute(statement)
            return []
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    """A data folder with rows, blobs and secrets, and a backup of it."""
    base = tmp_path_factory.mktemp("backup")
    home = Home.open(base / "home")
    postgres = Postgres(home, {"fsync": "off"})
    postgres.start()
    upgrade(postgres.url())
    asyncio.run(_do(postgres.url(), "INSERT INTO installation DEFAULT VALUES"))
    asyncio.run(_do(postgres.url(), _ROWS))
    home.secret("jwt")
    for key, data in _BLOBS.items():
        (home.path / "blobs" / key).parent.mkdir(parents=True)
        (home.path / "blobs" / key).write_bytes(data)
    postgres.stop()
    settings = Settings(home=home.path)
    backup(settings, base / "backup")
    return settings, base / "backup"


def test_a_backup_brings_back_database_files_and_secrets(
    served: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, path = served
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    manifest, held = restore(Settings(home=tmp_path / "new"), path)
    assert held == 3
    old, new = Home(settings.home), Home(tmp_path / "new")
    for name in ("jwt", "database"):
        assert new.secret(name) == old.secret(name)
    for key, data in _BLOBS.items():
        assert (new.path / "blobs" / key).read_bytes() == data
    postgres = Postgres(new)
    postgres.start()
    try:
        assert asyncio.run(_do(postgres.url(), "SELECT email, password_hash FROM accounts")) == [
            ("सीता@example.com", "\\\\.")
        ]
        assert asyncio.run(_do(postgres.url(), "SELECT n FROM run_counts WHERE run_id = 1")) == [(50_000,)]
        found = asyncio.run(_do(postgres.url(), "SELECT state, held_why IS NOT NULL FROM runs ORDER BY id"))
        assert found == [(2, True), (2, True), (2, True), (3, False), (4, False), (5, False)]
        assert asyncio.run(_do(postgres.url(), "SELECT trial, restored_from FROM installation")) == [
            (True, None)
        ]
        # What goes on numbering goes on behind what is there.
        asyncio.run(_do(postgres.url(), "INSERT INTO calls (run_id, recipient_id) VALUES (1, 60000)"))
    finally:
        postgres.stop()
    assert manifest.service


def test_a_backup_never_writes_over_a_file(served: tuple[Settings, Path]) -> None:
    before = served[1].read_bytes()
    with pytest.raises(LocalError, match="exists already"):
        backup(*served)
    assert served[1].read_bytes() == before


def test_a_restore_never_writes_over_a_service(served: tuple[Settings, Path]) -> None:
    with pytest.raises(LocalError, match="TINGTING_HOME=another-folder"):
        restore(*served)


def test_a_database_that_is_not_empty_is_left_alone(
    served: tuple[Settings, Path], settings: Settings
) -> None:
    with pytest.raises(LocalError, match="not empty"):
        restore(settings, served[1])


@pytest.mark.parametrize("kept", [0, 100, 0.5, -9])
def test_of_a_backup_that_was_cut_short_nothing_is_restored(
    served: tuple[Settings, Path], tmp_path: Path, kept: float
) -> None:
    whole = served[1].read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(whole[: int(len(whole) * kept) if isinstance(kept, float) else kept])
    with pytest.raises(LocalError):
        restore(Settings(home=tmp_path / "new"), cut)
    assert not (tmp_path / "new").exists()


def test_a_backup_with_one_wrong_byte_is_told(served: tuple[Settings, Path], tmp_path: Path) -> None:
    damaged = bytearray(served[1].read_bytes())
    damaged[-6] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    with pytest.raises(LocalError, match="damaged or cut short"):
        restore(Settings(home=tmp_path / "new"), tmp_path / "damaged")
    assert not (tmp_path / "new").exists()


def _said_to_be(path: Path, target: Path, **changes: str) -> Path:
    """A copy of the archive that says something else of itself."""
    manifest = replace(read_manifest(path), **changes)
    with archive.writing(target, manifest) as copy:
        for name, stream in archive.members(path, lambda _: None):
            if name != archive.MANIFEST:
                copy.add(name, stream.read())
    return target


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"service": "99.0.0"}, "made by version 99.0.0 and this is version"),
        ({"revision": "9999"}, "which is older"),
        ({"postgres": "99.1"}, "made on PostgreSQL 99.1 and this server is 18"),
    ],
)
def test_an_older_service_or_server_refuses_with_both_versions(
    served: tuple[Settings, Path], tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    newer = _said_to_be(served[1], tmp_path / "newer", **changes)
    with pytest.raises(LocalError, match=said):
        restore(Settings(home=tmp_path / "new"), newer)
    assert not (tmp_path / "new").exists()


def test_what_is_no_backup_is_told(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no backup")
    for name in ("text", "absent"):
        with pytest.raises(LocalError, match="backup"):
            restore(Settings(home=tmp_path / "new"), tmp_path / name)
    assert (
        replace(archive.Manifest("0.2.0", "0001", "18.6", "2026-11-30T13:20:00+00:00")).moment.tzinfo
        is not None
    )


def test_a_backup_of_nothing_says_so(tingting: Tingting, tmp_path: Path) -> None:
    done = tingting("backup", str(tmp_path / "file"), TINGTING_HTTP_PORT=str(free_port()))
    assert (done.returncode, "There is no service in" in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_no_password_of_a_database_stands_on_a_command_line(served: tuple[Settings, Path]) -> None:
    from app.local import postgres_programs

    address = "postgresql://me:Zq7rW2xK%2F@127.0.0.1:5432/name?sslmode=require"
    assert "Zq7r" not in " ".join((*postgres_programs._DUMP, *postgres_programs._TAKE))
    found = postgres_programs._environment(address)
    assert (found["PGPASSWORD"], found["PGSSLMODE"], found["PGDATABASE"]) == ("Zq7rW2xK/", "require", "name")
    assert read_manifest(served[1]).format == archive.FORMAT
