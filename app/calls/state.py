"""The life of a call: its states, the one table of allowed steps, and what clients call them.

Source of the rules: the API contract, "What a call's status means".
"""

from enum import IntEnum


class CallStatus(IntEnum):
    """Where a call is. The numbers are stored and form the bits of the guards; never reuse one."""

    QUEUED = 0
    CLAIMED = 1
    DIALING = 2
    RINGING = 3
    ANSWERED = 4
    COMPLETED = 5
    HUNGUP = 6
    UNANSWERED = 7
    FAILED = 8
    TERMINATED = 9
    SUBMITTING = 10  # an SMS on its way to the message centre
    SENT = 11  # accepted by the message centre; its receipt is awaited
    DEFERRED = 12  # may not start now; `WaitingFor` says why


class Channel(IntEnum):
    """How a recipient is reached. Stored; never reuse one."""

    VOICE = 0
    SMS = 1


class LineState(IntEnum):
    """Whether a line takes calls."""

    OPEN = 0
    DRAINING = 1
    GONE = 2


class WaitingFor(IntEnum):
    """Why a call is deferred. Stored; never reuse one. Clients read the names in lower case."""

    NUMBER_BUSY = 1  # a call to its number is in progress, or one was lost and the phone may still ring
    NUMBER_CAP = 2  # its number was called as often as it may be in a day
    RETRY = 3  # a message that its centre refused for now


CHANNELS: dict[str, Channel] = {"sip": Channel.VOICE, "smpp": Channel.SMS}
"""What a line of each kind takes."""

TERMINAL = frozenset(
    {CallStatus.COMPLETED, CallStatus.HUNGUP, CallStatus.UNANSWERED, CallStatus.FAILED, CallStatus.TERMINATED}
)
HELD = frozenset(
    {
        CallStatus.CLAIMED,
        CallStatus.DIALING,
        CallStatus.RINGING,
        CallStatus.ANSWERED,
        CallStatus.SUBMITTING,
    }
)
"""States that take a place on a line. A message that waits for its receipt, for days perhaps, takes none."""

_ENDS_EARLY = frozenset({CallStatus.UNANSWERED, CallStatus.FAILED, CallStatus.TERMINATED})
_ENDS_ANSWERED = frozenset({CallStatus.COMPLETED, CallStatus.HUNGUP})

ALLOWED: dict[CallStatus, frozenset[CallStatus]] = {
    CallStatus.QUEUED: frozenset({CallStatus.CLAIMED, CallStatus.DEFERRED}) | _ENDS_EARLY,
    # Back to the queue: its time has come, or what it waited for.
    CallStatus.DEFERRED: frozenset({CallStatus.QUEUED}) | _ENDS_EARLY,
    # Back to the queue: paused, or its line died before any INVITE left.
    CallStatus.CLAIMED: frozenset({CallStatus.DIALING, CallStatus.SUBMITTING, CallStatus.QUEUED})
    | _ENDS_EARLY,
    # Back to the queue: its trunk did not take it, and there is another.
    CallStatus.DIALING: frozenset({CallStatus.RINGING, CallStatus.ANSWERED, CallStatus.QUEUED}) | _ENDS_EARLY,
    CallStatus.RINGING: frozenset({CallStatus.ANSWERED}) | _ENDS_EARLY,
    CallStatus.ANSWERED: _ENDS_ANSWERED | frozenset({CallStatus.FAILED, CallStatus.TERMINATED}),
    # Completed at once when no receipt was asked for.
    # Deferred: the centre did not take it now, so it may be sent once more.
    CallStatus.SUBMITTING: frozenset({CallStatus.SENT, CallStatus.COMPLETED, CallStatus.DEFERRED})
    | _ENDS_EARLY,
    # What the centre has accepted cannot be called back, so a stop does not end it.
    CallStatus.SENT: frozenset({CallStatus.COMPLETED, CallStatus.UNANSWERED, CallStatus.FAILED}),
    **{status: frozenset() for status in TERMINAL},
}


def sources_of(target: CallStatus) -> list[CallStatus]:
    """The states from which `target` may be entered."""
    return [status for status, targets in ALLOWED.items() if target in targets]


def guard_of(target: CallStatus) -> int:
    """The same as a bit mask: bit *n* set when status *n* may step to `target`. Fits a smallint."""
    return sum(1 << status for status in sources_of(target))


def public_name(status: CallStatus | None) -> str:
    """What clients read; None is a recipient that no run has reached. That a call is claimed or deferred is our own
    business.
    """
    if status is None:
        return "not started"
    return "queued" if status in (CallStatus.CLAIMED, CallStatus.DEFERRED) else status.name.lower()


RERUN_CHOICES: dict[str, CallStatus] = {
    name: CallStatus[name.upper()] for name in ("hungup", "unanswered", "failed", "terminated", "completed")
}
"""What `status` of a begin may name."""
