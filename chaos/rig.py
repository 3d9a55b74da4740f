"""The system under test: our processes over embedded servers, started again at once when they die, as an init would.

`tingting up` waits longer from death to death; two hundred kills in some minutes would measure its patience alone.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx

from app.core.faults import VARIABLE as FAULT
from app.local import lifeline, ports
from app.local.home import Home
from app.local.migrate import upgrade
from app.local.people import add_account
from app.local.postgres import Postgres
from app.local.process import MARK, Process, Program
from app.local.valkey import Valkey
from chaos.parts import Grave, Part
from chaos.questions import Questions
from chaos.warm import WarmProcess

EMAIL = "chaos@example.com"
PATIENCE_S = 240.0
_LOOK_S = 0.05

T = TypeVar("T")


class Rig:
    """Servers, phones and parts on one temporary folder.

    Args:
        folder: empty; everything lies in it.
        lines: how many line workers.
        settings: ``TINGTING_…`` variables over the rig's own.
        home: the data folder of servers and parts, when it is not to lie in `folder`.
        warm: fork the parts from an image (`chaos.warm`); else execute them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        lines: int = 3,
        settings: Mapping[str, str] | None = None,
        home: Path | None = None,
        warm: bool = True,
    ) -> None:
        self.folder = folder
        self.home = Home.open(home or folder / "home")
        self.postgres = Postgres(self.home)
        self.valkey = Valkey(self.home)
        self.parts: dict[str, Part] = {}
        self.graves: list[Grave] = []
        self.mourners: list[Callable[[Grave], None]] = []
        self.lines = [f"line-{nth}" for nth in range(1, lines + 1)]
        self.controls = ["worker-1", "worker-2"]
        self.phones_log = folder / "calls.jsonl"
        self.settings: dict[str, str] = dict(settings or {})
        self.http_port = ports.free_port()
        self._start = WarmProcess.start if warm else Process.start
        self._password = secrets.token_urlsafe(18)
        self._phones: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._client: httpx.AsyncClient | None = None
        self._questions = Questions(self.postgres, PATIENCE_S)

    # -- life -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start everything; returns when a line is open and the API says that it is ready."""
        self.postgres.start()
        self.valkey.start()
        await asyncio.to_thread(upgrade, self.postgres.url())
        await add_account(self.postgres.url(), email=EMAIL, password=self._password)
        self._phones = self._start_phones()
        for name in (*self.controls, *self.lines, "api"):
            self.parts[name] = Part(name, self._launch(name, {}))
        self._keeper = asyncio.create_task(self._keep(), name="keeper")
        await self.until(self.is_ready, "a ready service")

    async def stop(self) -> None:
        """End everything, at once."""
        if self._client is not None:
            await self._client.aclose()
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        for part in self.parts.values():
            part.process.kill()
        if self._phones is not None:
            self._phones.kill()
        self._questions.close()
        self.valkey.stop()
        self.postgres.stop()

    def _start_phones(self) -> Process:
        self._phones_port = ports.free_port(None, "udp")
        options = ("--port", str(self._phones_port), "--log", str(self.phones_log))
        return Process.start(self._program("phones", {}, *options))

    def _launch(self, name: str, extra: Mapping[str, str]) -> Process:
        return self._start(self._program(name, extra))

    def _program(self, name: str, extra: Mapping[str, str], *options: str) -> Program:
        return Program(
            name=name,
            argv=(sys.executable, "-m", "app.cli", name.partition("-")[0], *options),
            env={**_inherited(), **self._variables(), **self.settings, **extra},
            log=self.home.logs / f"{name}.log",
            stop_within_s=5.0,
        )

    @property
    def trunk(self) -> str:
        """The phones, as a trunk."""
        return f"sip:{ports.LOOPBACK}:{self._phones_port}"

    def urls(self) -> dict[str, str]:
        """Where database and Redis are, without detours."""
        return {"TINGTING_DATABASE_URL": self.postgres.url(), "TINGTING_REDIS_URL": self.valkey.url()}

    def _variables(self) -> dict[str, str]:
        return {
            **self.urls(),
            "TINGTING_HOME": str(self.home.path),
            "TINGTING_JWT_SECRET": self.home.secret("jwt"),
            "TINGTING_BLOB_URL": str(self.home.path / "blobs"),
            "TINGTING_DISK_RESERVE_BYTES": "0",  # a disk is to be filled to its last byte
            "TINGTING_HTTP_PORT": str(self.http_port),
            "TINGTING_SIP_TRUNK": self.trunk,
            "TINGTING_TRIAL": "true",
            "TINGTING_RING_TIMEOUT_S": "5",
            "TINGTING_LINE_PLACES": "60",
            "TINGTING_TRUNK_CPS": "30",
            "TINGTING_SPEECH_PROCESSES": "1",
            "TINGTING_ACCESS_TTL_S": "86400",
            MARK: self.home.id,
            lifeline.VARIABLE: str(os.getpid()),
            "PYTHONUNBUFFERED": "1",
        }

    async def _keep(self) -> None:
        while True:
            for part in self.parts.values():
                code = part.process.exit_code
                if code is not None and not part.held_down:
                    self._start_again(part, code)
            await asyncio.sleep(_LOOK_S)

    def _start_again(self, part: Part, code: int) -> None:
        part.process.sweep()
        grave = Grave(part.name, part.process.pid, code)
        self.graves.append(grave)
        for mourner in self.mourners:
            mourner(grave)
        extra, part.extra = part.extra, {}
        part.process = self._launch(part.name, extra)

    # -- handling -------------------------------------------------------------------------------------------

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a part a signal; its process id."""
        process = self.parts[name].process
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
        return process.pid

    def arm(self, name: str, fault: str) -> None:
        """Let the next process of a part meet a fault (`app.core.faults`)."""
        self.parts[name].extra = {FAULT: fault}

    async def restart(self, *names: str, **settings: str) -> None:
        """Kill parts and start them with other settings, for good."""
        self.settings.update(settings)
        for name in names:
            self.parts[name].process.kill()
        await self.until(lambda: self.all_up(*names), "parts after a restart")
        await self.until(self.is_ready, "a ready service")

    async def hold_down(self, *names: str) -> None:
        """End parts and leave them so."""
        for name in names:
            self.parts[name].held_down = True
            await asyncio.to_thread(self.parts[name].process.stop)

    @property
    def parts_up(self) -> list[str]:
        """Those that are not held down."""
        return [name for name, part in self.parts.items() if not part.held_down]

    def let_up(self, *names: str) -> None:
        """Start what was held down."""
        for name in names:
            self.parts[name].held_down = False

    async def all_up(self, *names: str) -> bool:
        """Whether each of these parts runs, and each line among them is open."""
        if any(self.parts[name].process.exit_code is not None for name in names):
            return False
        pids = [self.parts[name].process.pid for name in names if name in self.lines]
        rows = await self.fetch("SELECT pid FROM lines WHERE state = 0 AND pid = ANY($1::bigint[])", pids)
        return len({row["pid"] for row in rows}) == len(pids)

    async def is_ready(self) -> bool:
        """Whether the API says that calls can be placed."""
        try:
            return (await self.http.get("/health/ready")).is_success
        except httpx.HTTPError:
            return False

    # -- looking --------------------------------------------------------------------------------------------

    @property
    def http(self) -> httpx.AsyncClient:
        """A client of the API; see `logged_in`."""
        if self._client is None:
            address = f"http://{ports.LOOPBACK}:{self.http_port}"
            limits = httpx.Limits(max_connections=200)
            self._client = httpx.AsyncClient(base_url=address, timeout=60, trust_env=False, limits=limits)
        return self._client

    async def logged_in(self) -> httpx.AsyncClient:
        """The client with an access token."""
        if "Authorization" not in self.http.headers:
            answer = await self.patiently(
                lambda: self.http.post(
                    "/api/accounts/login/", json={"email": EMAIL, "password": self._password}
                )
            )
            self.http.headers["Authorization"] = f"Bearer {answer.json()['data']['token']['access']}"
        return self.http

    async def patiently(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Ask again while the API is away or says 503; AssertionError for any other refusal."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await ask()
                if answer.is_success:
                    return answer
                # A killed API leaves an idempotency key in progress; it is free again after a minute.
                busy = answer.status_code == 409 and "idempotency_in_progress" in answer.text
                assert busy or answer.status_code == 503, (
                    f"{answer.request.url}: {answer.status_code} {answer.text}"
                )
            assert time.monotonic() < deadline, "the API did not come back"
            await asyncio.sleep(0.3)

    async def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """Rows straight from the database, past every part of ours; waits while it is down."""
        return await self._questions.ask(query, *values)

    async def until(self, look: Callable[[], Awaitable[T]], what: str, within_s: float = PATIENCE_S) -> T:
        """Look again and again until something comes of it; AssertionError when nothing does."""
        deadline = time.monotonic() + within_s
        while True:
            found = await look()
            if found:
                return found
            assert time.monotonic() < deadline, (
                f"{what} did not come about within {within_s:g} s; logs: {self.home.logs}"
            )
            await asyncio.sleep(0.1)


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("TINGTING_")}


@asynccontextmanager
async def rig(**options: Any) -> AsyncIterator[Rig]:
    """A started rig in a folder of its own, which is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tingting-chaos-"))
    folder.chmod(0o711)
    made = Rig(folder, **options)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
        shutil.rmtree(folder, ignore_errors=True)
