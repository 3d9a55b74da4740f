"""The one clock. Everything inside is aware UTC; Kathmandu time appears at the edges alone."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
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


def day_of(moment: datetime) -> date:
    """The day in Kathmandu, as people there count it."""
    return moment.astimezone(KATHMANDU).date()


def midnight_before(moment: datetime) -> datetime:
    """When that day began in Kathmandu."""
    return datetime.combine(day_of(moment), time_of_day(), KATHMANDU).astimezone(UTC)


def midnight_after(moment: datetime) -> datetime:
    """When the next day begins in Kathmandu."""
    following = day_of(moment) + timedelta(days=1)
    return datetime.combine(following, time_of_day(), KATHMANDU).astimezone(UTC)
