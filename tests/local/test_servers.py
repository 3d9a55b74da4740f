"""The embedded servers: closed to strangers, kept across stops and crashes, rid of what a crash left."""

import os
import shutil
import signal
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio as redis
from sqlalchemy.engine import make_url

from app.local import leftovers, ports, runas
from app.local.errors import LocalError
from app.local.home import Home
from app.local.postgres import Postgres
from app.local.process import Process, Program
from app.local.valkey import Valkey


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server for tests that only ask."""
    folder = Path(tempfile.mkdtemp(prefix="tingting-local-"))
    folder.chmod(0o711)
    server = Postgres(Home.open(folder / "home"))
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def valkey(home: Home) -> Iterator[Valkey]:
    server = Valkey(home)
    server.start()
    yield server
    server.stop()


async def _value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def _is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]


async def test_postgres_speaks_unicode_and_never_loses_a_commit(postgres: Postgres) -> None:
    assert await _value(postgres.url(), "SHOW server_encoding") == "UTF8"
    assert await _value(postgres.url(), "SHOW fsync") == "on"
    assert await _value(postgres.url(), "SELECT lower('ÀÉ') || length('नमस्ते')") == "àé6"


async def test_postgres_lets_nobody_in_without_the_password(postgres: Postgres) -> None:
    url = f"postgresql://tingting:wrong@127.0.0.1:{postgres.port}/tingting"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url)
    assert await _value(postgres.url(), "SHOW unix_socket_directories") == ""
    assert await _value(postgres.url(), "SHOW listen_addresses") == "127.0.0.1"


def test_postgres_never_runs_as_root(postgres: Postgres) -> None:
    owner = Path(f"/proc/{postgres.process.pid}").stat().st_uid
    assert owner != 0
    assert os.geteuid() in {0, owner}


def test_no_secret_stands_on_a_command_line(postgres: Postgres, valkey: Valkey) -> None:
    for server in (postgres, valkey):
        command = Path(f"/proc/{server.process.pid}/cmdline").read_text()
        environment = " ".join(server.process.program.env.values())
        secret = make_url(server.url()).password
        assert secret
        assert str(secret) not in command + environment


async def test_what_was_written_is_there_after_a_stop_on_the_same_port(home: Home) -> None:
    first = Postgres(home)
    first.start()
    await _value(first.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()
    second = Postgres(home)
    second.start()
    assert second.port == first.port
    assert await _value(second.url(), "SELECT answer FROM kept") == 42
    second.stop()


async def test_a_killed_postgres_starts_again_over_its_leftovers(home: Home) -> None:
    first = Postgres(home)
    first.start()
    connection = await asyncpg.connect(first.url())
    backend = await connection.fetchval("SELECT pg_backend_pid()")
    os.kill(first.process.pid, signal.SIGKILL)
    second = Postgres(home)
    second.start()
    assert await _value(second.url(), "SELECT 1") == 1
    assert _is_gone(backend)
    second.stop()


async def test_a_server_still_at_work_on_the_data_is_ended_first(home: Home) -> None:
    first = Postgres(home)
    first.start()
    second = Postgres(home)
    second.start()
    assert first.process.exit_code is not None
    assert await _value(second.url(), "SELECT 1") == 1
    second.stop()


def test_a_lock_file_that_names_an_unrelated_process_is_no_obstacle(home: Home) -> None:
    first = Postgres(home)
    first.start()
    data = home.path / "postgres" / "data"
    os.kill(first.process.pid, signal.SIGKILL)
    assert leftovers.end(lambda: leftovers.working_in(data), signal.SIGQUIT) >= 0
    lines = (data / "postmaster.pid").read_text().splitlines()
    (data / "postmaster.pid").write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    second = Postgres(home)
    second.start()
    second.stop()


def test_an_initdb_that_was_interrupted_is_made_anew(home: Home) -> None:
    first = Postgres(home)
    first.start()
    data = home.path / "postgres" / "data"
    first.stop()
    data.with_name("data.complete").unlink()
    (data / "global" / "pg_control").unlink()
    second = Postgres(home)
    second.start()
    second.stop()


@pytest.mark.parametrize("server", [Postgres, Valkey])
def test_a_port_that_somebody_took_is_chosen_again(home: Home, server: type[Postgres | Valkey]) -> None:
    first = server(home)
    first.start()
    first.stop()
    assert first.port is not None
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind((ports.LOOPBACK, first.port))
        thief.listen()
        second = server(home)
        second.start()
        assert second.port != first.port
        second.stop()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(home: Home) -> None:
    server = Postgres(home, {"shared_buffers": "nonsense"})
    with pytest.raises(LocalError, match="shared_buffers"):
        server.start()
    with pytest.raises(LocalError, match="not running"):
        _ = server.process


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
async def test_roots_database_lies_in_a_folder_that_root_alone_can_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = Home.open(tmp_path / "home")
    server = Postgres(home)
    server.start()
    try:
        data = home.path / "postgres" / "data"
        assert data.stat().st_uid != 0
        await _value(server.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
        await _value(server.url(), "SELECT pg_reload_conf()")
        server.stop()
        server = Postgres(Home.open(home.path))
        server.start()
        assert await _value(server.url(), "SELECT answer FROM kept") == 42
        assert [path for path in (home.path, data.parent) if stat.S_IMODE(path.stat().st_mode) != 0o700] == []
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_roots_binaries_are_copied_out_of_a_closed_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = runas.unprivileged()
    assert who is not None
    original = runas.postgres_binaries(None).parent.parent
    monkeypatch.setattr(runas, "_SHARED", _passable(tmp_path))
    copied = runas._copied(original, who)
    assert runas._as(who, str(copied / "initdb"), "--version")
    assert runas._copied(original, who) == copied


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_what_lies_in_a_closed_folder_another_user_cannot_run(tmp_path: Path) -> None:
    who = runas.unprivileged()
    assert who is not None
    _passable(tmp_path)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    program = closed / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert not runas._as(who, str(program))
    closed.chmod(0o711)
    assert runas._as(who, str(program))


def _passable(folder: Path) -> Path:
    """`folder` and its parents opened for passing, as /var/lib is."""
    for path in (folder, *folder.parents):
        if path.stat().st_mode & 0o001 == 0:
            path.chmod(path.stat().st_mode | 0o011)
    return folder / "shared"


async def test_valkey_keeps_its_jobs_across_a_kill(home: Home) -> None:
    first = Valkey(home)
    first.start()
    client = redis.from_url(first.url())
    await client.set("job", "waiting")
    # Everysec: the write reaches the file at once, the disk within a second; a kill of the process loses nothing.
    await client.aclose()
    first.process.kill()
    second = Valkey(home)
    second.start()
    client = redis.from_url(second.url())
    assert await client.get("job") == b"waiting"
    await client.aclose()
    second.stop()


async def test_valkey_lets_nobody_in_without_the_password(valkey: Valkey) -> None:
    client = redis.from_url(f"redis://127.0.0.1:{valkey.port}/0")
    with pytest.raises(redis.AuthenticationError):
        await client.ping()
    await client.aclose()


def test_leftovers_are_found_by_their_mark_alone(home: Home, open_folder: Path) -> None:
    def sleeper(mark: str) -> Process:
        env = {**os.environ, "TINGTING_STACK": mark}
        return Process.start(Program("sleeper", ("/bin/sleep", "60"), env, open_folder / "log"))

    ours, another = sleeper(home.id), sleeper("another")
    assert leftovers.marked(home.id) == [ours.pid]
    assert leftovers.end(lambda: leftovers.marked(home.id), signal.SIGTERM) == 1
    assert ours.exit_code == -signal.SIGTERM
    assert another.exit_code is None
    another.kill()
