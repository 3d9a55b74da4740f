"""What a trial phone does: its number's last two digits say it, so that a list of numbers is a script."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The ways in which a trial phone can behave."""

    LISTEN = "listen"  # answers and listens until the caller hangs up
    HANG_UP = "hang_up"  # answers and hangs up before a message of some length is over
    IGNORE = "ignore"  # rings and never answers
    REJECT = "reject"  # refuses with a SIP status
    PRESS = "press"  # answers, presses keys, listens


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One phone's script, and how the call to it must end.

    Attributes:
        kind: what it does.
        ring_s: seconds of ringing before it answers or refuses; 0 with `Kind.REJECT`: refused without ringing.
        listen_s: seconds after which it hangs up itself; None: it never does.
        digits: keys that it presses after answering.
        sip_status: final SIP status that the caller gets (487: the caller cancelled).
        call_status: the status that the call must end with: completed, hungup, unanswered or failed. A phone that
            hangs up after `listen_s` makes ``hungup`` of longer messages only.
    """

    kind: Kind
    ring_s: float
    sip_status: int
    call_status: str
    listen_s: float | None = None
    digits: str = ""


LISTENS = Behaviour(Kind.LISTEN, ring_s=0.3, sip_status=200, call_status="completed")
_HANGS_UP = Behaviour(Kind.HANG_UP, ring_s=0.3, sip_status=200, call_status="hungup", listen_s=2.0)
_IGNORES = Behaviour(Kind.IGNORE, ring_s=0.0, sip_status=487, call_status="unanswered")
_BUSY = Behaviour(Kind.REJECT, ring_s=0.0, sip_status=486, call_status="unanswered")
_DECLINES = Behaviour(Kind.REJECT, ring_s=0.3, sip_status=603, call_status="unanswered")
_UNKNOWN = Behaviour(Kind.REJECT, ring_s=0.0, sip_status=404, call_status="failed")
_UNAVAILABLE = Behaviour(Kind.REJECT, ring_s=0.0, sip_status=503, call_status="failed")
_PRESSES = Behaviour(Kind.PRESS, ring_s=0.3, sip_status=200, call_status="completed", digits="1")
_ANSWERS_LATE = Behaviour(Kind.LISTEN, ring_s=3.0, sip_status=200, call_status="completed")

_FIRST_OF = (
    (99, _ANSWERS_LATE),
    (98, _PRESSES),
    (97, _UNAVAILABLE),
    (95, _UNKNOWN),
    (93, _DECLINES),
    (90, _BUSY),
    (85, _IGNORES),
    (80, _HANGS_UP),
    (0, LISTENS),
)


def behaviour(number: str) -> Behaviour:
    """What the phone with this number does; a number without two digits at its end listens."""
    tail = number[-2:]
    if len(tail) < 2 or not (tail.isascii() and tail.isdigit()):
        return LISTENS
    ending = int(tail)
    return next(script for first, script in _FIRST_OF if ending >= first)
