"""What a carrier is: something that places a call and reports what happens to it.

A carrier reports facts (`Ringing`, `Answered`, `Ended`); it never chooses a call's status. `app.calls.sip_outcome`
turns the facts into one.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

SAMPLE_RATE = 8000
"""Hz of all audio that a carrier takes: signed 16-bit mono PCM, little endian."""


class Cause(StrEnum):
    """Why a call ended, as the carrier saw it."""

    PLAYED = "played"  # all audio drained, then we hung up
    REMOTE_HANGUP = "remote_hangup"  # the callee closed after answering and before our hang-up
    REJECTED = "rejected"  # a final SIP answer of 300 or above; `sip_status` says which
    RING_TIMEOUT = "ring_timeout"  # nobody answered within the ring timeout; we cancelled
    STOPPED = "stopped"  # `hangup()` was called
    MEDIA_LOST = "media_lost"  # answered, then no packet from the callee for the RTP timeout
    NO_ROUTE = "no_route"  # the INVITE could not be sent, or nothing answered it
    ERROR = "error"  # the stack itself failed


@dataclass(frozen=True, slots=True)
class Dial:
    """One call to place.

    Attributes:
        uuid: the call's own id; travels to the trunk as the header ``X-Tingting-Call``.
        number: whom to call, E.164 with plus.
        caller: our number shown to the callee, E.164; None: the trunk's default.
        audio: what is played after the answer, PCM as at `SAMPLE_RATE`; never empty.
        ring_timeout_s: seconds from the INVITE to our CANCEL.
    """

    uuid: UUID
    number: str
    caller: str | None
    audio: bytes
    ring_timeout_s: float


@dataclass(frozen=True, slots=True)
class Ringing:
    """A 180 or 183 came."""

    sip_status: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A 200 came and media is up; playing starts."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over; always the last event, exactly once.

    Attributes:
        cause: why.
        sip_status: the final SIP status (200 for an answered call, 487 after our CANCEL); None when none came.
        played_ms: audio that truly left on RTP, 0 to the audio's length.
        digits: keys that the callee pressed, in order (RFC 4733 events or SIP INFO).
        sip_call_id: the Call-ID on the wire, to match a trunk's records.
        packets_sent: RTP packets sent; 0 when never answered.
        answered_ms: milliseconds between answer and end; 0 when never answered.
        detail: the stack's own words, for the log only.
    """

    cause: Cause
    sip_status: int | None = None
    played_ms: int = 0
    digits: str = ""
    sip_call_id: str | None = None
    packets_sent: int = 0
    answered_ms: int = 0
    detail: str = ""


Event = Ringing | Answered | Ended


class CallHandle(Protocol):
    """A call under way."""

    def events(self) -> AsyncIterator[Event]:
        """What happens, in order; ends after `Ended`. To be read once."""
        ...

    def hangup(self) -> None:
        """Ask for the end (CANCEL or BYE). Harmless at any time and any number of times; `Ended` still follows."""
        ...


class Carrier(Protocol):
    """Places calls. One instance per line worker.

    Attributes:
        dead: set when the stack under it died; every call has then ended, and only a new process helps.
    """

    dead: asyncio.Event

    async def start(self) -> None:
        """Bring the stack up; raises when it cannot."""
        ...

    async def place(self, dial: Dial) -> CallHandle:
        """Start one call. Never raises for what the network does: that arrives as `Ended`."""
        ...

    async def close(self) -> None:
        """Hang up what is left, paced, and release everything."""
        ...
