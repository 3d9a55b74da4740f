"""What clients read about a call: how long it was, how much was heard, what it cost. Pure."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.calls.state import TERMINAL, CallStatus, Channel, public_name
from app.campaigns.rules import PHONE, SMS

_SECONDS_A_CREDIT = 60


@dataclass(frozen=True, slots=True)
class Measures:
    """One call in figures.

    Attributes:
        status: the name that clients read.
        duration: seconds between answer and end, to the tenth; 0 when it was not answered or is not over.
        playback: share of the audio that was heard, whole percent, 0 to 100; 100 only when nothing was missed.
        credit_consumed: minutes begun while the call was answered, or segments that the message centre took: what
            carriers bill.
    """

    status: str
    duration: float
    playback: int
    credit_consumed: int


class Measurable(Protocol):
    """What figures are taken from: a call, or a row with these columns of one."""

    @property
    def channel(self) -> Channel: ...
    @property
    def segments(self) -> int | None: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def status(self) -> CallStatus: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def played_ms(self) -> int | None: ...
    @property
    def audio_ms(self) -> int | None: ...


def measure(call: Measurable | None) -> Measures:
    """The figures of a call; of None, those of a recipient that no run has reached."""
    if call is None:
        return Measures(public_name(None), 0.0, 0, 0)
    if call.channel is Channel.SMS:
        # It expires once the centre has taken it.
        taken = call.expires_at is not None or call.status is CallStatus.COMPLETED
        return Measures(public_name(call.status), 0.0, 0, (call.segments or 0) if taken else 0)
    seconds = answered_seconds(call.answered_at, call.ended_at)
    return Measures(
        status=public_name(call.status),
        duration=round(seconds, 1),
        playback=playback_percent(call.status, call.played_ms, call.audio_ms),
        credit_consumed=math.ceil(seconds / _SECONDS_A_CREDIT),
    )


def answered_seconds(answered_at: datetime | None, ended_at: datetime | None) -> float:
    """Seconds from answer to end; never negative, since two clocks may have written them."""
    if answered_at is None or ended_at is None:
        return 0.0
    return max(0.0, (ended_at - answered_at).total_seconds())


def playback_percent(status: CallStatus, played_ms: int | None, audio_ms: int | None) -> int:
    """The share heard, rounded down; a completed call heard all of it by definition."""
    if status is CallStatus.COMPLETED:
        return 100
    if not played_ms or not audio_ms:
        return 0
    return min(100, played_ms * 100 // audio_ms)


_SERVICES = {Channel.VOICE: PHONE, Channel.SMS: SMS}


def service_name(channel: Channel) -> str:
    """What clients call a channel."""
    return _SERVICES[channel]


def summed(by_channel: Mapping[Channel, Mapping[CallStatus, int]]) -> dict[CallStatus, int]:
    """Counts over all channels."""
    total: Counter[CallStatus] = Counter()
    for counts in by_channel.values():
        total.update(counts)
    return dict(total)


def named_counts(counts: Mapping[CallStatus, int]) -> dict[str, int]:
    """Counts by the names that clients read, in the order of a call's life; a claimed call is a queued one to them."""
    named: dict[str, int] = {}
    for status in sorted(counts, key=lambda each: (each in TERMINAL, each)):
        named[public_name(status)] = named.get(public_name(status), 0) + counts[status]
    return named
