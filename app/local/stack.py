"""The whole service on one machine: servers, API, workers and, without a trunk, the phones that it calls."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Mapping
from typing import TypeVar

import httpx

from app.core.settings import Settings
from app.local import leftovers, lifeline, ports
from app.local.errors import LocalError
from app.local.home import Home
from app.local.migrate import upgrade
from app.local.postgres import Postgres
from app.local.process import MARK, Process, Program
from app.local.reach import is_trial, refuse_trial_elsewhere, settle
from app.local.supervisor import Say, Supervisor
from app.local.valkey import Valkey

_READY_S = 60.0
_ASK_EVERY_S = 0.1
_DRAIN_S = 30.0
_HANG_UP_S = 15.0
_TRIAL_RING_TIMEOUT_S = 5
_STOP_FIRST = ("line", "sms", "worker", "api", "phones", "centre")
"""The lines drain while all that they report to still runs."""
_TRIAL_SMS_VALIDITY_S = 8
_WITH_METRICS = ("api", "worker", "line", "sms")
"""Parts that serve /metrics, in the order of their ports."""

T = TypeVar("T")


class Stack:
    """One stack on one data folder.

    Args:
        settings: as read from the environment; what it leaves open is embedded.
        say: takes news about a part, such as a restart.
        adopt: go on with a trial's data for real telephones; every run that is not over is stopped.
    """

    def __init__(self, settings: Settings, say: Say, *, adopt: bool = False) -> None:
        self.settings = settings
        self.home = Home(settings.home)
        self._say = say
        self._adopt = adopt
        self._supervisor = Supervisor(say)
        self._watch: asyncio.Task[None] | None = None
        self._database_url = ""

    @property
    def address(self) -> str:
        """Where a client on this machine reaches the API."""
        host = self.settings.http_host
        return f"http://{ports.LOOPBACK if host in {'0.0.0.0', '::', ''} else host}:{self.settings.http_port}"

    @property
    def database_url(self) -> str:
        """Where the stack's database is, once started."""
        return self._database_url

    @property
    def phones_log(self) -> str:
        """The trial phones' own record of the calls that they got, one JSON object a line."""
        return str(self.home.path / "phones" / "calls.jsonl")

    @property
    def centre_log(self) -> str:
        """The trial message centre's own record of the messages that it got, one JSON object a line."""
        return str(self.home.path / "centre" / "messages.jsonl")

    @property
    def heard_folder(self) -> str:
        """Where the trial phones keep what they heard."""
        return str(self.home.path / "phones" / "heard")

    async def start(self) -> None:
        """Start everything; returns once the service says that it is ready.

        Raises:
            LocalError: the folder is held, a port is taken, or a part does not come up.
        """
        self.home = Home.open(self.settings.home)
        self.home.hold(self.address)
        leftovers.end(lambda: leftovers.marked(self.home.id), signal.SIGTERM)
        refusal = ports.why_not(self.settings.http_port, self.settings.http_host)
        if refusal is not None:
            raise LocalError(refusal)
        environment = self._start_servers()
        self._database_url = environment["TINGTING_DATABASE_URL"]
        await asyncio.to_thread(upgrade, self._database_url)
        await self._hold_to_reach()
        self._start_parts(environment)
        self._watch = asyncio.create_task(self._supervisor.watch(), name="supervisor")
        await self.unless_broken(self._until_ready())
        self._supervisor.settled()

    async def _hold_to_reach(self) -> None:
        refuse_trial_elsewhere(self.settings)
        stopped = await settle(self._database_url, trial=is_trial(self.settings), adopt=self._adopt)
        if stopped:
            self._say("adopt", f"runs of the trial that were stopped: {stopped}")

    async def unless_broken(self, work: Awaitable[T]) -> T:
        """Await `work`; when the supervisor gives up first, its error is raised instead."""
        if self._watch is None:
            msg = "The stack is not started."
            raise LocalError(msg)
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self._watch), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            self._watch.result()
            msg = "The supervisor ended."
            raise LocalError(msg)
        finally:
            if not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def stop(self) -> None:
        """Stop in order: the line drains for up to 30 s, then worker, API, phones, and the servers last."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError, LocalError):
                await self._watch
        await self._supervisor.stop(_STOP_FIRST)
        self.home.release()

    def hurry(self) -> None:
        """While stopping: do not wait for calls in progress, hang them up."""
        self._supervisor.hurry("line")
        self._supervisor.hurry("sms")

    def kill(self) -> None:
        """End every process at once; calls in progress are cut."""
        self._supervisor.kill()

    def pids(self) -> dict[str, int]:
        """Process id of each part, by name."""
        return self._supervisor.pids()

    def _start_servers(self) -> dict[str, str]:
        """Start what no address was given for, and say in variables where everything is."""
        chosen = self.settings
        if chosen.database_url is None:
            postgres = Postgres(self.home)
            postgres.start()
            self._supervisor.add("postgres", postgres.launch, postgres.process)
            database_url = postgres.url()
        else:
            database_url = chosen.database_url.get_secret_value()
        if chosen.redis_url is None:
            valkey = Valkey(self.home)
            valkey.start()
            self._supervisor.add("valkey", valkey.launch, valkey.process)
            redis_url = valkey.url()
        else:
            redis_url = chosen.redis_url.get_secret_value()
        secret = chosen.jwt_secret.get_secret_value() if chosen.jwt_secret else self.home.secret("jwt")
        return {
            "TINGTING_HOME": str(self.home.path),
            "TINGTING_DATABASE_URL": database_url,
            "TINGTING_REDIS_URL": redis_url,
            "TINGTING_JWT_SECRET": secret,
            "TINGTING_BLOB_URL": chosen.blob_url or str(self.home.path / "blobs"),
        }

    def _start_parts(self, environment: Mapping[str, str]) -> None:
        variables = dict(environment)
        parts = ["api", "worker", "line"]
        if not self.settings.sip_trunk and self.settings.sms_centre:
            # Messages reach real telephones, so this is no trial, and calls wait for a trunk.
            parts.remove("line")
        elif not self.settings.sip_trunk:
            port = ports.free_port(self.home.ports().get("phones"), "udp")
            self.home.keep_port("phones", port)
            self._add("phones", variables, *self._phones_options(port))
            variables["TINGTING_SIP_TRUNK"] = f"sip:{ports.LOOPBACK}:{port}"
            variables["TINGTING_TRIAL"] = "true"
            if "ring_timeout_s" not in self.settings.model_fields_set:
                variables["TINGTING_RING_TIMEOUT_S"] = str(_TRIAL_RING_TIMEOUT_S)
            variables |= self._start_centre(variables)
        for name in parts:
            self._add(name, variables)
        if self.settings.sms_centre or "TINGTING_SMS_CENTRE" in variables:
            self._add("sms", variables, "--kind", "smpp", command="line")

    def _start_centre(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The trial's message centre, and the settings by which the parts find it."""
        port = ports.free_port(self.home.ports().get("centre"), "tcp")
        self.home.keep_port("centre", port)
        self._add("centre", variables, "--port", str(port), "--log", self.centre_log)
        found = {"TINGTING_SMS_CENTRE": f"smpp://{ports.LOOPBACK}:{port}"}
        if "sms_validity_s" not in self.settings.model_fields_set:
            found["TINGTING_SMS_VALIDITY_S"] = str(_TRIAL_SMS_VALIDITY_S)
        return found

    def _phones_options(self, port: int) -> tuple[str, ...]:
        return (
            "--port",
            str(port),
            "--log",
            self.phones_log,
            "--heard",
            self.heard_folder,
            "--keep",
            self.settings.trial_keep,
        )

    def _metrics_port(self, name: str) -> dict[str, str]:
        """Each part's own port of /metrics: they share a machine, and the setting names the first."""
        first = self.settings.metrics_port
        if not first or name not in _WITH_METRICS:
            return {"TINGTING_METRICS_PORT": "0"}
        return {"TINGTING_METRICS_PORT": str(first + _WITH_METRICS.index(name))}

    def _add(self, name: str, variables: Mapping[str, str], *options: str, command: str = "") -> None:
        program = Program(
            name=name,
            argv=(sys.executable, "-m", "app.cli", command or name, *options),
            env={
                **os.environ,
                **variables,
                **self._metrics_port(name),
                MARK: self.home.id,
                lifeline.VARIABLE: str(os.getpid()),
                "PYTHONUNBUFFERED": "1",
            },
            log=self.home.logs / f"{name}.log",
            stop_within_s=_DRAIN_S if name == "line" else 15.0,
            hurry_within_s=_HANG_UP_S if name == "line" else 0.0,
        )
        self._supervisor.add(name, lambda: Process.start(program))

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + _READY_S
        answer = "The API does not answer."
        async with httpx.AsyncClient(base_url=self.address, timeout=5.0, trust_env=False) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(httpx.HTTPError):
                    response = await client.get("/health/ready")
                    answer = _missing(response)
                    if not answer:
                        return
                await asyncio.sleep(_ASK_EVERY_S)
        msg = f"The service is not ready after {_READY_S:g} s: {answer} The logs are in {self.home.logs}."
        raise LocalError(msg)


def _missing(response: httpx.Response) -> str:
    """What the health answer says is missing, in its own sentences; empty when nothing is."""
    try:
        return " ".join(response.json()["data"]["advice"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{response.status_code} {response.reason_phrase}"
