"""The one clock. Everything inside is aware UTC; Kathmandu time appears at the edges alone."""

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

KATHMANDU = ZoneInfo("Asia/Kathmandu")
# Where there is one, the clock that runs on while the machine sleeps.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Tells the time; passed in wherever a decision depends on it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


def steady_now() -> float:
    """Seconds on a clock that never jumps and does not stand still while this process or machine does.

    The event loop's own time is read once a turn, so that a process that was frozen goes on with the old one.
    """
    return time.clock_gettime(_STEADY)


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; tests travel with it instead of sleeping."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def to_kathmandu(moment: datetime) -> datetime:
    """The same moment with the +05:45 offset, whole seconds, for answers and messages."""
    return moment.astimezone(KATHMANDU).replace(microsecond=0)
