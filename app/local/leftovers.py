"""What an earlier stack of the same home left running when it was killed, found through /proc."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.local.process import MARK

_PROC = Path("/proc")
_POLITE_S = 5.0
_FINAL_S = 5.0


def _pids() -> Iterator[int]:
    if not _PROC.is_dir():
        return
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            yield int(entry.name)


def _is_zombie(pid: int) -> bool:
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return True


def marked(mark: str) -> list[int]:
    """Processes, ourselves apart, whose environment holds ``TINGTING_STACK=<mark>``."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for pid in _pids():
        with contextlib.suppress(OSError):
            if wanted in (_PROC / str(pid) / "environ").read_bytes().split(b"\0") and not _is_zombie(pid):
                found.append(pid)
    return found


def working_in(folder: Path) -> list[int]:
    """Processes whose current folder is `folder`: a PostgreSQL server and all of its backends sit in its data."""
    wanted = str(folder.resolve())
    found = []
    for pid in _pids():
        with contextlib.suppress(OSError):
            if str((_PROC / str(pid) / "cwd").readlink()) == wanted and not _is_zombie(pid):
                found.append(pid)
    return found


def end(find: Callable[[], list[int]], asking: signal.Signals) -> int:
    """End all that `find` finds: `asking` first, SIGKILL after five seconds. Returns how many there were."""
    found = find()
    for how, patience_s in ((asking, _POLITE_S), (signal.SIGKILL, _FINAL_S)):
        remaining = find()
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, how)
        deadline = time.monotonic() + patience_s
        while remaining and time.monotonic() < deadline:
            time.sleep(0.05)
            remaining = find()
        if not remaining:
            break
    return len(found)
