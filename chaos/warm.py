"""Parts that are forked from an image which has imported everything, instead of executed.

The table ends some six hundred processes. Each would import for two to three and a half seconds of a slow
processor, and a line starts a speech process besides. From where the command line is read on, a forked part is
the same as an executed one. The soak, which weighs them, and tests of how the service starts and ends execute theirs,
as an init does.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from app.local import lifeline
from app.local.process import Process, Program, dies_with

_IMAGE = ["app.cli", "app.main", "workers.control", "workers.sip_line", "workers.sms_line"]
_COMMAND = ("-m", "app.cli")
# numpy's threads would not be there after a fork.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
_context = get_context("forkserver")
_context.set_forkserver_preload(_IMAGE)


class WarmProcess(Process):
    """A running ``python -m app.cli …``, forked."""

    @classmethod
    def start(cls, program: Program) -> Process:
        """Start it, or execute it when its environment has to be there before Python is."""
        if "LD_PRELOAD" in program.env or program.argv[1:3] != _COMMAND:
            return Process.start(program)
        return cls(program, fork(program.argv[3:], program.env, program.log, program.log, part=True))


def fork(
    arguments: Sequence[str], env: Mapping[str, str], out: Path, err: Path, *, part: bool = False
) -> "Forked":
    """Fork a `tingting` with these arguments and this whole environment; it ends with the image.

    Args:
        arguments: what follows the command's name.
        env: its environment.
        out: file that its standard output is added to.
        err: the same for its standard error; may be `out`.
        part: let it watch the image as a part watches its supervisor.
    """
    child = _context.Process(target=_become, args=(tuple(arguments), dict(env), out, err, part), daemon=True)
    child.start()
    return Forked(child)


class Forked:
    """A process of multiprocessing's fork server, looked at as subprocess's are."""

    def __init__(self, child: ForkServerProcess) -> None:
        self._child = child
        self.pid = child.pid or 0

    def poll(self) -> int | None:
        return self._child.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._child.join(timeout)
        code = self._child.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._child.name, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _become(arguments: tuple[str, ...], env: dict[str, str], out: Path, err: Path, part: bool) -> None:
    """What `Process.start` does between fork and exec, and what the interpreter does after it."""
    os.setsid()
    adding = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    streams = (os.open(os.devnull, os.O_RDONLY), os.open(out, adding, 0o600), os.open(err, adding, 0o600))
    for standard, ours in enumerate(streams):
        os.dup2(ours, standard)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(write_through=True)  # type: ignore[union-attr] # what a killed process said is wanted
    server = os.getppid()
    os.environ.clear()
    os.environ.update({**env, lifeline.VARIABLE: str(server)} if part else env)
    dies_with(server, signal.SIGTERM)()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["tingting", *arguments]

    from app.cli import app

    app()
