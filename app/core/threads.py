"""How soon the kernel runs a thread."""

import contextlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def modest_threads(*, slack_s: float, nice: int) -> Iterator[None]:
    """Let threads that are started inside, and theirs, leave the processor to others.

    Both are Linux's, for each thread by itself. Elsewhere, or where they are forbidden, nothing changes.

    Args:
        slack_s: seconds that they may wake later than they ask for, so that many are woken at one time (timer slack,
            ``man 2 prctl``).
        nice: by how much their niceness is above that of the thread that starts them (``man 2 setpriority``).
    """
    before = set(threading.enumerate())
    with _timer_slack(slack_s):
        yield
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    for thread in set(threading.enumerate()) - before:
        # Elsewhere such a number may be that of another process.
        if Path(f"/proc/self/task/{thread.native_id}").exists():
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, thread.native_id or 0, ours + nice)


@contextmanager
def _timer_slack(seconds: float) -> Iterator[None]:
    # Of this thread alone, though the path reads like that of a process; those that it starts inherit it.
    path = Path(f"/proc/{threading.get_native_id()}/timerslack_ns")
    before = None
    with contextlib.suppress(OSError):
        before = path.read_text()
        path.write_text(str(round(seconds * 1e9)))
    try:
        yield
    finally:
        if before is not None:
            with contextlib.suppress(OSError):
                path.write_text(before)
