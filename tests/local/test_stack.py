"""`tingting up` as a person runs it. Slow for a test: a stack takes some seconds to start."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.local import leftovers
from app.local.home import Home
from app.local.ports import free_port
from app.local.postgres import Postgres
from app.local.process import dies_with

_PATIENCE_S = 90.0


@dataclass
class Running:
    """A `tingting up` and where it is."""

    home: Path
    port: int
    output: Path
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while text not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)

    def pids(self) -> list[int]:
        return leftovers.marked(Home(self.home).id)

    def pid_of(self, part: str) -> int:
        return next(
            pid
            for pid in self.pids()
            if Path(f"/proc/{pid}/cmdline").read_text().split("\0")[1:] == ["-m", "app.cli", part, ""]
        )

    def until_gone(self, pids: list[int]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while any(Path(f"/proc/{pid}").exists() and pid in self.pids() for pid in pids):
            assert time.monotonic() < deadline, [
                Path(f"/proc/{pid}/cmdline").read_text() for pid in self.pids()
            ]
            time.sleep(0.05)


def start(folder: Path, name: str) -> Running:
    port, output = free_port(), folder / f"{name}.out"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up"],
            env={**os.environ, "TINGTING_HOME": str(folder / name), "TINGTING_HTTP_PORT": str(port)},
            stdout=out,
            stderr=out,
            preexec_fn=dies_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509
        )
    return Running(folder / name, port, output, process)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Running, Running]]:
    """Two stacks side by side on homes and ports of their own."""
    folder = Path(tempfile.mkdtemp(prefix="tingting-stack-"))
    folder.chmod(0o711)
    stacks = (start(folder, "one"), start(folder, "two"))
    for stack in stacks:
        stack.wait_for(f"Ready: {stack.address}")
    yield stacks
    for stack in stacks:
        stack.process.terminate()
        assert stack.process.wait(_PATIENCE_S) is not None
        stack.until_gone(stack.pids())
    shutil.rmtree(folder)


def test_two_stacks_run_side_by_side(pair: tuple[Running, Running]) -> None:
    for stack in pair:
        answer = httpx.get(f"{stack.address}/health/ready")
        assert answer.status_code == 200, answer.text
    ports = [set(Home(stack.home).ports().values()) for stack in pair]
    assert len(ports[0]) == 4
    assert ports[0].isdisjoint(ports[1])


def test_no_secret_of_a_stack_stands_on_a_command_line(pair: tuple[Running, Running]) -> None:
    secrets = [path.read_text() for path in (pair[0].home / "secrets").iterdir()]
    assert len(secrets) == 3
    for pid in pair[0].pids():
        command = Path(f"/proc/{pid}/cmdline").read_text()
        assert not any(secret in command for secret in secrets)


def test_a_second_start_on_the_same_home_says_who_holds_it(pair: tuple[Running, Running]) -> None:
    env = {**os.environ, "TINGTING_HOME": str(pair[0].home), "TINGTING_HTTP_PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "up"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert str(pair[0].process.pid) in done.stderr
    assert pair[0].address in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_taken_http_port_is_said_and_nothing_stays(pair: tuple[Running, Running]) -> None:
    folder = Path(tempfile.mkdtemp())
    env = {**os.environ, "TINGTING_HOME": str(folder), "TINGTING_HTTP_PORT": str(pair[0].port)}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "up"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"Port {pair[0].port} is taken" in done.stderr
    assert leftovers.marked(Home(folder).id) == []
    shutil.rmtree(folder)


def test_an_account_made_beside_a_running_stack_can_log_in(pair: tuple[Running, Running]) -> None:
    env = {**os.environ, "TINGTING_HOME": str(pair[0].home)}
    words = ["accounts", "create", "--email", "beside@example.com", "--password", "three long words"]
    command = [sys.executable, "-m", "app.cli", *words]
    for extra, code, said in (
        ([], 0, "created"),
        (["--if-missing"], 0, "exists already"),
        ([], 1, "beside@example.com"),
    ):
        done = subprocess.run(
            [*command, *extra], env=env, capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr
    body = {"email": "beside@example.com", "password": "three long words"}
    answer = httpx.post(f"{pair[0].address}/api/accounts/login/", json=body)
    assert answer.status_code == 200, answer.text
    assert httpx.post(f"{pair[1].address}/api/accounts/login/", json=body).status_code == 401


def test_a_killed_line_is_back_with_everything_it_had_started_gone(pair: tuple[Running, Running]) -> None:
    stack = pair[1]
    first = stack.pid_of("line")
    group = [pid for pid in stack.pids() if os.getpgid(pid) == first]
    os.kill(first, signal.SIGKILL)
    stack.wait_for("line: was ended by signal 9")
    stack.until_gone(group)
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            assert stack.pid_of("line") != first
            break
        except StopIteration:
            assert time.monotonic() < deadline
            time.sleep(0.05)


async def test_a_killed_database_is_back_on_the_same_port(pair: tuple[Running, Running]) -> None:
    stack = pair[1]
    server = Postgres(Home(stack.home))
    data = Path(json.loads((stack.home / "postgres.json").read_text())["data"])
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    async with asyncio.timeout(_PATIENCE_S), httpx.AsyncClient() as client:
        while True:
            try:
                connection = await asyncpg.connect(server.url())
                await connection.close()
                if (await client.get(f"{stack.address}/health/ready", timeout=10)).status_code == 200:
                    return
            except (OSError, asyncpg.PostgresError, httpx.HTTPError):
                pass
            await asyncio.sleep(0.1)


def test_a_stop_leaves_no_process(open_folder: Path) -> None:
    stack = start(open_folder, "stopped")
    stack.wait_for("Ready")
    pids = stack.pids()
    assert len(pids) >= 6
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(_PATIENCE_S) == 0
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists() and pid in stack.pids()] == []
    assert stack.pids() == []
    assert not Home(stack.home).is_held()


def test_a_killed_supervisor_leaves_no_process_and_the_next_start_works(open_folder: Path) -> None:
    stack = start(open_folder, "killed")
    stack.wait_for("Ready")
    pids = stack.pids()
    stack.process.kill()
    stack.process.wait()
    stack.until_gone(pids)
    again = start(open_folder, "killed")
    again.wait_for("Ready")
    again.process.terminate()
    assert again.process.wait(_PATIENCE_S) == 0
    assert again.pids() == []
