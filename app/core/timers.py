"""How exactly the kernel wakes a thread."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def timer_slack(seconds: float) -> Iterator[None]:
    """Let threads that are started inside, and theirs, be woken up to `seconds` later than they ask for.

    The kernel then wakes many of them at one time (timer slack, ``man 2 prctl``). Where there is no such thing nothing
    changes: it spares processor time and decides nothing.
    """
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
