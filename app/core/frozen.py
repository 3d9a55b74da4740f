"""For what must not happen late: a process that was frozen on its way there is ended instead of going on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_inside = 0


@contextmanager
def ends_if_frozen(seconds: float) -> Iterator[None]:
    """End this process by SIGALRM when it stays inside for longer than `seconds`, frozen or not.

    To look right before an act does not keep a process from being frozen between the two, and from acting when it
    wakes. The kernel does: its timer runs on while the process stands still (SIGSTOP), and a signal
    that nobody catches ends the process as it wakes, before it goes on. A machine that sleeps as a whole is no such
    case, for its timers sleep as well: what must hold for the act is therefore looked at inside.

    Entered again before it was left, it ends the process `seconds` after the last entry.
    """
    global _inside  # noqa: PLW0603 - one process, one timer
    signal.setitimer(signal.ITIMER_REAL, seconds)
    _inside += 1
    try:
        yield
    finally:
        _inside -= 1
        if not _inside:
            signal.setitimer(signal.ITIMER_REAL, 0)
