"""Named points at which a test can end or freeze a process of ours. Inert unless the environment names one.

``TINGTING_FAULT=dialing_committed:17`` kills the process (SIGKILL) when it passes that point for the 17th time;
``…:17:freeze`` stops it (SIGSTOP) instead, for whoever set it to wake. Trials alone may be armed.
"""

import os
import signal
from dataclasses import dataclass

VARIABLE = "TINGTING_FAULT"

CLAIMED = "claimed"
"""The dispatcher's claim is committed; no doorbell has rung."""
DIALING_COMMITTED = "dialing_committed"
"""The line has committed `dialing`; no INVITE has left."""
INVITE_DUE = "invite_due"
"""All was looked at, and the INVITE is about to be given to the carrier."""
INVITE_SENT = "invite_sent"
"""The carrier has sent the INVITE; nothing is known of it yet."""
BEFORE_RESULT = "before_result"
"""The call is over; its result is not written."""
POINTS = (CLAIMED, DIALING_COMMITTED, INVITE_DUE, INVITE_SENT, BEFORE_RESULT)

_WAYS = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}


class FaultRefusedError(Exception):
    """A fault was asked for where none may be, or in words that mean nothing."""


@dataclass(slots=True)
class _Armed:
    point: str
    left: int
    how: signal.Signals


_armed: _Armed | None = None


def arm(*, trial: bool) -> None:
    """Read the fault that the environment names, if it names one; once, at the start of a process.

    Raises:
        FaultRefusedError: this is no trial, or the fault cannot be read.
    """
    global _armed  # noqa: PLW0603 - one process, one fault
    asked = os.environ.get(VARIABLE, "")
    if not asked:
        return
    if not trial:
        raise FaultRefusedError(
            f"{VARIABLE} is set outside a trial; unset it: it would end this process on purpose."
        )
    point, _, rest = asked.partition(":")
    count, _, how = rest.partition(":")
    if point not in POINTS or not count.isdecimal() or int(count) < 1 or (how or "kill") not in _WAYS:
        raise FaultRefusedError(
            f"{VARIABLE}={asked}: write point:count or point:count:freeze; points: {', '.join(POINTS)}."
        )
    _armed = _Armed(point, int(count), _WAYS[how or "kill"])


def reach(point: str) -> None:
    """Say that the process passes `point`."""
    if _armed is None or _armed.point != point:
        return
    _armed.left -= 1
    if _armed.left == 0:
        os.kill(os.getpid(), _armed.how)
