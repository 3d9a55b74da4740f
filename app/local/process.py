"""Child processes that never outlive us: each in a group of its own, told by the kernel when its parent dies."""

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.local.errors import LocalError

MARK = "TINGTING_STACK"
"""Variable that every process of a stack inherits, with the home's id; leftovers of a crash are found by it."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_KILL_WAIT_S = 10.0
# Loaded here, not in the forked child: between fork and exec nothing may take the loader's lock.
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class RunAs:
    """The unprivileged user a program runs as when we are root."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True, slots=True)
class Program:
    """What to run.

    Attributes:
        name: for people, and the log's file name.
        argv: the command; secrets never stand here, any user can read a command line.
        env: the whole environment of the child.
        log: file that its output is added to, created with mode 600.
        run_as: user to become; None: stay.
        stop_signal: what asks it to end; sent by the kernel as well when we die first.
        stop_within_s: seconds it gets to end before it is killed.
        hurry_within_s: seconds it gets after a second stop signal, which comes when the first was not enough; 0: none.
        pass_fds: descriptors of ours that it inherits.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    run_as: RunAs | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 15.0
    hurry_within_s: float = 0.0
    pass_fds: tuple[int, ...] = ()


class Child(Protocol):
    """The part of `subprocess.Popen` that a running program needs."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int, /) -> None: ...


class Process:
    """A running `Program`. Start it from the main thread: the kernel's parent is the thread, not the process."""

    def __init__(self, program: Program, child: Child) -> None:
        self.program = program
        self._child = child

    @classmethod
    def start(cls, program: Program) -> "Process":
        """Start it; LocalError when it cannot be executed."""
        who = program.run_as
        log = os.open(program.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            popen = subprocess.Popen(
                program.argv,
                env=dict(program.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=None if who is None else who.uid,
                group=None if who is None else who.gid,
                extra_groups=None if who is None else [],
                pass_fds=program.pass_fds,
                preexec_fn=dies_with(os.getpid(), program.stop_signal),  # noqa: PLW1509
            )
        except OSError as error:
            msg = f"{program.name} could not be started: {error.strerror or error} ({program.argv[0]})."
            raise LocalError(msg) from error
        finally:
            os.close(log)
        return cls(program, popen)

    @property
    def pid(self) -> int:
        """Process id, and that of its group and session."""
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._child.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal to the process itself; harmless when it is gone."""
        self._child.send_signal(self.program.stop_signal)

    def stop(self) -> bool:
        """Ask, wait, then kill with everything it started. True when it ended by itself in time. Blocks."""
        for within_s in (self.program.stop_within_s, self.program.hurry_within_s):
            self.ask_to_stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(within_s)
                self.sweep()
                return True
        self.kill()
        return False

    def kill(self) -> None:
        """Kill it and its group now, and collect it."""
        self.sweep()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_KILL_WAIT_S)

    def sweep(self) -> None:
        """Kill what its group still holds: a child that died hard leaves its own children behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for an error message."""
        return tail(self.program.log, lines)


def tail(path: Path, lines: int) -> str:
    """The last `lines` lines of a text file; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 400 * lines))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def dies_with(parent: int, death_signal: int) -> Callable[[], None]:
    """A hook for a child of `parent`, run after its change of user (which would clear the setting) and before exec."""

    def arm() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return arm
