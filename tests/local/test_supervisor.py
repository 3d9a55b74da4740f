"""Parts that die are started again; parts that are stopped, or lose their supervisor, leave nothing behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.local.errors import LocalError
from app.local.logs import LogFollower, loud
from app.local.process import Process, Program
from app.local.supervisor import Supervisor, pause_after

_STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.05; done"
_PARENT = "sleep 60 & echo $!; wait"
_ORPHANS = """
import os, sys, time
from pathlib import Path
from app.local.process import Process, Program
child = Process.start(Program("child", ("/bin/sleep", "60"), dict(os.environ), Path(sys.argv[1])))
print(child.pid, flush=True)
time.sleep(60)
"""
_HELD = """
import os, subprocess, sys
os.setsid()
from app.local import lifeline
lifeline._GRACE_S = 0.2
lifeline.hold()
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), subprocess.Popen(["/bin/sleep", "60"]).pid, flush=True)
signal.pause()
while True:
    signal.pause()
"""


class Said:
    """What the supervisor said, to be waited for."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, part: str, news: str) -> None:
        self.lines.append((part, news))


async def until(fact: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not fact():  # noqa: ASYNC110 -- the fact is another process's
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def make(script: str, name: str = "part", within_s: float = 5.0, hurry_s: float = 0.0) -> Program:
        return Program(
            name,
            ("/bin/sh", "-c", script),
            dict(os.environ),
            tmp_path / f"{name}.log",
            stop_within_s=within_s,
            hurry_within_s=hurry_s,
        )

    return make


@pytest.fixture
async def supervised() -> AsyncIterator[tuple[Supervisor, Said]]:
    said = Said()
    supervisor = Supervisor(said)
    watch = asyncio.create_task(supervisor.watch())
    yield supervisor, said
    watch.cancel()
    with contextlib.suppress(asyncio.CancelledError, LocalError):
        await watch
    supervisor.kill()
    await supervisor.stop()


async def test_a_part_that_dies_is_started_again_and_the_reason_said(
    supervised: tuple[Supervisor, Said], program: Callable[..., Program]
) -> None:
    supervisor, said = supervised
    supervisor.add("part", lambda: Process.start(program("sleep 60")))
    first = supervisor.pids()["part"]
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pids()["part"] != first)
    assert alive(supervisor.pids()["part"])
    assert any(part == "part" and "signal 9" in news for part, news in said.lines)


async def test_what_a_dead_part_had_started_goes_with_it(
    supervised: tuple[Supervisor, Said], program: Callable[..., Program], tmp_path: Path
) -> None:
    supervisor, _ = supervised
    supervisor.add("part", lambda: Process.start(program(_PARENT)))
    log = tmp_path / "part.log"
    await until(log.read_text)
    grandchild = int(log.read_text().split()[0])
    os.kill(supervisor.pids()["part"], signal.SIGKILL)
    await until(lambda: not alive(grandchild))


async def test_a_wrong_setting_ends_the_start_with_the_parts_own_words(
    program: Callable[..., Program],
) -> None:
    supervisor = Supervisor(Said())
    supervisor.add("line", lambda: Process.start(program("echo TRUNK is wrong; exit 2", "line")))
    with pytest.raises(LocalError, match="TRUNK is wrong"):
        await asyncio.wait_for(supervisor.watch(), 20)


async def test_a_part_that_never_stays_up_ends_the_start(program: Callable[..., Program]) -> None:
    supervisor = Supervisor(Said())
    supervisor.add("api", lambda: Process.start(program("exit 1", "api")))
    with pytest.raises(LocalError, match="api ended with exit code 1"):
        await asyncio.wait_for(supervisor.watch(), 20)


async def test_once_settled_a_part_is_started_for_ever(
    supervised: tuple[Supervisor, Said], program: Callable[..., Program]
) -> None:
    supervisor, said = supervised
    supervisor.settled()
    supervisor.add("part", lambda: Process.start(program("exit 2")))
    await until(lambda: len(said.lines) >= 3)


def test_pauses_double_from_half_a_second_to_fifteen() -> None:
    assert [pause_after(deaths) for deaths in (1, 2, 3, 4, 5, 6, 7, 1000)] == [0.5, 1, 2, 4, 8, 15, 15, 15]


async def test_parts_stop_in_the_order_asked_then_the_latest_first(program: Callable[..., Program]) -> None:
    supervisor = Supervisor(Said())
    stopped: list[str] = []

    class Noted(Process):
        def stop(self) -> bool:
            stopped.append(self.program.name)
            return super().stop()

    for name in ("postgres", "valkey", "phones", "api", "line"):
        supervisor.add(name, lambda name=name: Noted.start(program("sleep 60", name)))
    pids = list(supervisor.pids().values())
    await supervisor.stop(("line", "api"))
    assert stopped == ["line", "api", "phones", "valkey", "postgres"]
    assert not any(alive(pid) for pid in pids)


async def test_a_part_that_ignores_its_signal_is_killed_and_said(
    program: Callable[..., Program], tmp_path: Path
) -> None:
    said = Said()
    supervisor = Supervisor(said)
    supervisor.add("part", lambda: Process.start(program(_STUBBORN, within_s=0.3)))
    await until((tmp_path / "part.log").read_text)
    pid = supervisor.pids()["part"]
    await supervisor.stop()
    assert not alive(pid)
    assert said.lines == [("part", "did not stop in time and was killed")]


def test_a_second_signal_comes_before_the_kill(program: Callable[..., Program], tmp_path: Path) -> None:
    script = "trap 'trap \"exit 0\" TERM; echo draining' TERM; echo up; while :; do sleep 0.05; done"
    process = Process.start(program(script, within_s=0.5, hurry_s=10.0))
    while not (tmp_path / "part.log").read_text():
        time.sleep(0.02)
    assert process.stop()
    assert process.exit_code == 0
    assert "draining" in process.last_words()


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="/no/such/program"):
        Process.start(Program("part", ("/no/such/program",), {}, tmp_path / "log"))


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _ORPHANS, str(tmp_path / "log")], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    deadline = time.monotonic() + 20
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def test_a_deaf_part_and_its_children_end_after_a_grace_when_the_supervisor_is_gone() -> None:
    script = "import os, subprocess, sys\nos.environ['TINGTING_SUPERVISOR'] = str(os.getpid())\n"
    script += f"subprocess.Popen([sys.executable, '-c', {_HELD!r}])\nimport time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        part, child = map(int, supervisor.stdout.readline().split())
        assert alive(part)
        assert alive(child)
        supervisor.kill()
    deadline = time.monotonic() + 20
    while (alive(part) or alive(child)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(part)
    assert not alive(child)


def test_errors_in_a_log_are_shown_and_the_rest_is_not(tmp_path: Path) -> None:
    log, shown = tmp_path / "log", []
    log.write_text('{"level": "error", "event": "of_yesterday"}\n')
    follower = LogFollower(log, shown.append)
    with log.open("a") as file:
        file.write('{"level": "info", "event": "call_ended"}\n')
        file.write(
            '{"level": "error", "event": "line_failed", "line": 3, "exception": "Trace\\nOSError: no"}\n'
        )
        file.write('{"level": "error", "event": "half a li')
    follower.look()
    assert shown == ["line_failed line=3 OSError: no"]
    with log.open("a") as file:
        file.write('ne"}\n')
    follower.look()
    assert shown[1:] == ["half a line"]


def test_a_log_that_grew_large_starts_again_with_the_old_one_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.local.logs._LARGEST", 100)
    log = tmp_path / "log"
    follower = LogFollower(log, lambda _: None)
    follower.look()
    with log.open("a") as file:
        file.write("x" * 150 + "\n")
        file.flush()
        follower.look()
        file.write("after\n")
    assert log.read_text() == "after\n"
    assert (tmp_path / "log.1").read_text().startswith("xxx")


def test_five_full_logs_are_kept_for_their_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.local.logs._LARGEST", 100)
    log = tmp_path / "log"
    follower = LogFollower(log, lambda _: None)
    for nth in range(7):
        with log.open("a") as file:
            file.write(f"{nth}" * 150 + "\n")
        follower.look()

    kept = {path.name: path.read_text()[0] for path in tmp_path.iterdir() if path != log}
    assert kept == {"log.1": "6", "log.2": "5", "log.3": "4", "log.4": "3", "log.5": "2"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("log.*")} == {0o600}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"level": "critical", "event": "gone"}', "gone"),
        ('{"level": "warning", "event": "slow"}', ""),
        ("{broken", ""),
        (
            "2026-11-24 07:00:00.000 UTC [1] FATAL:  no room",
            "2026-11-24 07:00:00.000 UTC [1] FATAL:  no room",
        ),
        ("plain words", ""),
    ],
)
def test_what_is_worth_a_persons_attention(line: str, shown: str) -> None:
    assert loud(line) == shown
