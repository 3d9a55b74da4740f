"""The end of a part whose supervisor was killed: nothing may be left behind, not even its own children."""

import os
import signal
import threading
import time

VARIABLE = "TINGTING_SUPERVISOR"
"""Holds the supervisor's process id; set by the supervisor for the parts it starts."""

_LOOK_EVERY_S = 0.5
_GRACE_S = 10.0


def hold() -> None:
    """Watch the supervisor, if there is one, from a thread of this process.

    The kernel sends us the stop signal when the supervisor dies. Ten seconds later whatever is still there goes: this
    process, and the group it leads, for a pool's children have been seen to wait on for a dead parent's next job.
    """
    supervisor = os.environ.get(VARIABLE, "")
    if supervisor.isdigit():
        threading.Thread(target=_watch, args=(int(supervisor),), name="lifeline", daemon=True).start()


def _watch(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
