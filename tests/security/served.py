"""The API as it is served, in a process of its own, on the servers of the tests."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from app.local.process import dies_with

_START_S = 90.0


@dataclass
class Served:
    """A running API.

    Attributes:
        url: its address.
        log: what it writes, all of it.
        process: its process.
    """

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def resident_mib(self) -> float:
        """Memory of the process now, MiB, without what belongs to its children."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


class Peak(threading.Thread):
    """The largest memory that the API was seen to take, MiB, while the block ran."""

    def __init__(self, served: Served) -> None:
        super().__init__(daemon=True)
        self._served = served
        self._over = threading.Event()
        self.mib = served.resident_mib()

    def run(self) -> None:
        while not self._over.wait(0.02):
            self.mib = max(self.mib, self._served.resident_mib())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Served]:
    """An API with `settings` beside its own, stopped at the end."""
    port = free_port()
    log = folder / "api.log"
    environment = {
        **os.environ,
        "TINGTING_HTTP_PORT": str(port),
        "TINGTING_BLOB_URL": str(folder / "blobs"),
        "TINGTING_SPEECH_PROCESSES": "2",
        "TINGTING_TRIAL": "true",
        "TINGTING_VOICE_TESTS_A_MINUTE": "100000",
        "TINGTING_UPLOADS_A_MINUTE": "100000",
        **settings,
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "api"],
            env=environment,
            stdout=out,
            stderr=out,
            preexec_fn=dies_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}", log)
        yield Served(f"http://127.0.0.1:{port}", log, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    ends = time.monotonic() + _START_S
    while time.monotonic() < ends:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/health/live", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the API did not start: " + log.read_text())
