"""What every row stands on: a real PostgreSQL (fsync on) and Valkey of its own, and our processes as shipped."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from app.local.home import Home
from app.local.migrate import upgrade
from app.local.ports import free_port
from app.local.postgres import Postgres
from app.local.process import Process, Program
from app.local.valkey import Valkey

Connection = asyncpg.Connection
PATIENCE_S = 600.0
RESULTS = Path(__file__).parents[1] / "build" / "bench"
"""Ignored by git; what is to be kept is copied to `bench/results`."""
_TEMPLATE = "bench_template"
JWT = "a signing key for the bench, thirty-two characters or more"


class Stage:
    """Servers for the bench, and the settings that our processes find them by.

    Args:
        size: recipients of the largest campaign.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._base = Path(tempfile.mkdtemp(prefix="tingting-bench-"))
        self._base.chmod(0o711)
        self.home = Home.open(self._base / "home")
        self.folder = self._base / "files"
        self.folder.mkdir(mode=0o755)
        self.postgres = Postgres(self.home, {"max_wal_size": "4GB"})
        self.valkey = Valkey(self.home)
        self._made = 0

    def start(self) -> None:
        """Start both servers and make the migrated template that each row's database is copied from."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        self.postgres.start()
        self.valkey.start()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._admin(f'CREATE DATABASE "{_TEMPLATE}"')).result()
            pool.submit(upgrade, self.postgres.url(_TEMPLATE)).result()

    def stop(self) -> None:
        """Stop the servers and remove every file."""
        self.postgres.stop()
        self.valkey.stop()
        shutil.rmtree(self._base, ignore_errors=True)

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[tuple[str, Connection]]:
        """A migrated database of one row's own, its address and a connection to it."""
        self._made += 1
        name = f"bench_{self._made}"
        await self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}"')
        url = self.postgres.url(name)
        connection = await asyncpg.connect(url)
        try:
            yield url, connection
        finally:
            await connection.close()
            await self._admin(f'DROP DATABASE "{name}" WITH (FORCE)')

    def environment(self, database_url: str, **settings: str) -> dict[str, str]:
        """Variables for one of our processes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TINGTING_")}
        return {
            **kept,
            "TINGTING_HOME": str(self.folder / "home"),
            "TINGTING_DATABASE_URL": database_url,
            "TINGTING_REDIS_URL": self.valkey.url(),
            "TINGTING_BLOB_URL": str(self.folder / "blobs"),
            "TINGTING_JWT_SECRET": JWT,
            **{f"TINGTING_{name.upper()}": value for name, value in settings.items()},
        }

    @contextmanager
    def process(self, name: str, environment: Mapping[str, str], *argv: str) -> Iterator[Process]:
        """``python -m argv…`` while the context lasts; its output goes to a log in the stage's home."""
        (self.folder / "blobs").mkdir(exist_ok=True)
        # What an earlier process of this name said must not be taken for this one's words.
        (self.home.logs / f"{name}.log").unlink(missing_ok=True)
        program = Program(
            name=name,
            argv=(sys.executable, "-m", *argv),
            env=environment,
            log=self.home.logs / f"{name}.log",
            stop_within_s=5.0,
            hurry_within_s=5.0,
        )
        process = Process.start(program)
        try:
            yield process
        finally:
            process.stop()

    def api_port(self) -> int:
        """A free TCP port."""
        return free_port(None)

    def cpu_s(self, *processes: Process) -> float:
        """Processor seconds that both servers and `processes` with their children have used."""
        pids = [self.postgres.process.pid, self.valkey.process.pid, *(process.pid for process in processes)]
        return sum(tree_cpu_s(pid) for pid in pids)


def tree_cpu_s(pid: int) -> float:
    """Processor seconds of a process, of its living descendants and of those that it has collected."""
    parent = psutil.Process(pid)
    total = 0.0
    for process in (parent, *parent.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def resident_mib(pid: int) -> float:
    """Resident memory of one process, MiB."""
    return float(psutil.Process(pid).memory_info().rss) / 1024**2


async def until(look: Callable[[], Awaitable[Any]], what: str, *, every_s: float = 0.05) -> Any:
    """Look again and again until something comes of it; TimeoutError when nothing does."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(every_s)
    msg = f"{what} did not come about within {PATIENCE_S:g} s"
    raise TimeoutError(msg)
