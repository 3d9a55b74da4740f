"""What a sender of messages is: something that hands a message to a message centre and reports what came back.

A sender reports facts (`Accepted`, `Refused`, `NoAnswer`, `Receipt`); it never chooses a message's status.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.carriers.smpp_statuses import Refusal


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment to submit.

    Attributes:
        number: whom it is for, E.164 with plus.
        payload: its octets, concatenation header included; at most 254 (in SMPP's form of a letter an octet).
        data_coding: SMPP 3.4, 5.2.19.
        has_header: whether `payload` begins with a user data header.
        validity_s: seconds that the centre may keep trying; None: as long as the settings say.
        put_off: the message was refused for now before, which says nothing new of the centre.
    """

    number: str
    payload: bytes
    data_coding: int
    has_header: bool
    validity_s: int | None = None
    put_off: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The centre took it; `message_id` is what receipts will name, as they will spell it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The centre did not take it.

    Attributes:
        code: its command status (SMPP 3.4, 5.1.3).
        refusal: what that is about.
    """

    code: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It left, and no response came: the centre may have it or not."""

    detail: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """It never left: the caller said so before it could."""


Answer = Accepted | Refused | NoAnswer | NotSent


class Delivery(StrEnum):
    """How a message ended, as the centre says it (SMPP 3.4, 5.2.28)."""

    DELIVERED = "delivered"
    EXPIRED = "expired"
    DELETED = "deleted"
    UNDELIVERABLE = "undeliverable"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A final delivery receipt.

    Attributes:
        message_id: of the segment; None when the receipt cannot be read.
        delivery: None when the receipt cannot be read.
        error: the network's own code; empty when there is none.
        text: what was received, for people; without control characters, at most 300 characters.
    """

    message_id: str | None
    delivery: Delivery | None
    error: str
    text: str


class ReceiptSink(Protocol):
    """Takes receipts."""

    async def keep(self, receipt: Receipt) -> None:
        """Return once the receipt is safe; only then is it acknowledged, and the centre forgets it. May raise."""
        ...


class SenderDownError(Exception):
    """There is no session with the centre now; nothing was sent."""


class Turn(Protocol):
    """The right to begin a message; its segments go one after the other in one turn."""

    async def submit(
        self, segment: Segment, give_up: Callable[[], bool], may_leave: Callable[[], Awaitable[bool]]
    ) -> Answer:
        """Submit one segment, within the window, and wait for its response.

        Without a session one is waited for until `give_up` is true. `may_leave` is asked right before the segment
        would leave.
        """
        ...


class Sender(Protocol):
    """Hands messages to one centre through one session. One instance per line worker.

    Attributes:
        dead: set when only a new process helps.
    """

    dead: asyncio.Event

    @property
    def ready(self) -> bool:
        """Whether there is a session that messages can be submitted on."""
        ...

    async def start(self) -> None:
        """Begin to connect, and to connect again for as long as it lives; raises for settings that cannot work."""
        ...

    def turn(self) -> AbstractAsyncContextManager[Turn]:
        """Wait until a message may be begun: for one of few turns and for the pace.

        Raises (on entering):
            SenderDownError: no session.
        """
        ...

    async def close(self) -> None:
        """Unbind and release everything."""
        ...
