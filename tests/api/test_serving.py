"""The service as a process: it listens, says in plain words when it cannot, and stops when asked."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest

from app.core.settings import Settings

_SERVE = "from app.core.settings import Settings; from app.main import serve; serve(Settings())"
_START_S = 60

Serve = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def serve(settings: Settings, port: int) -> Iterator[Serve]:
    started: list[subprocess.Popen[str]] = []

    def start(**changes: str | None) -> subprocess.Popen[str]:
        environment = {
            "TINGTING_DATABASE_URL": settings.required("database_url"),
            "TINGTING_REDIS_URL": settings.required("redis_url"),
            "TINGTING_JWT_SECRET": settings.required("jwt_secret"),
            "TINGTING_BLOB_URL": settings.blob_url,
            "TINGTING_SPEECH_PROCESSES": "1",
            "TINGTING_HTTP_PORT": str(port),
        }
        wanted = {**os.environ, **environment, **changes}
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE],
            env={name: value for name, value in wanted.items() if value is not None},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        # With all its children: one that was left would keep the pipe open, and this waiting.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _wait_until_it_answers(process: subprocess.Popen[str], port: int) -> None:
    ends = time.monotonic() + _START_S
    while time.monotonic() < ends and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/live").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"no answer; exit {process.poll()}")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_serves_and_ends_when_told_to(serve: Serve, port: int, workers: str):
    process = serve(TINGTING_HTTP_WORKERS=workers)
    _wait_until_it_answers(process, port)

    answer = httpx.get(
        f"http://127.0.0.1:{port}/api/system/campaigns/", headers={"X-Forwarded-For": "1.2.3.4"}
    )
    assert answer.status_code == 401
    assert "server" not in answer.headers
    process.send_signal(signal.SIGTERM)
    process.wait(20)

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/health/live")


def test_a_port_that_is_taken_is_said_in_one_sentence(serve: Serve, port: int):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        process = serve()
        _, said = process.communicate(timeout=_START_S)

    assert process.returncode == 2
    assert said.count("\n") == 1
    assert f"127.0.0.1:{port}" in said
    assert "TINGTING_HTTP_PORT" in said


def test_a_setting_that_is_missing_is_named_in_one_sentence(serve: Serve):
    process = serve(TINGTING_JWT_SECRET=None)
    _, said = process.communicate(timeout=_START_S)

    assert process.returncode == 2
    assert said.count("\n") == 1
    assert "TINGTING_JWT_SECRET is not set" in said
