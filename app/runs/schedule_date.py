"""`schedule_date` as clients write it, and the text of each error about a wrong one. Pure.

Source of the rules: the API contract, "Ground rules" (dates) and "Begin".
"""

import re
import unicodedata
from datetime import datetime, timedelta

from app.core.bikram import YEARS, gregorian
from app.core.clock import KATHMANDU, to_kathmandu
from app.core.digits import ascii_digits
from app.core.errors import invalid

_DATE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"(?:\s*(Z|[+-]\d{2}(?::?\d{2})?)(?:\[[A-Z_/]{1,40}\])?)?",
    re.IGNORECASE,
)
"""ISO 8601, with a fraction as long as .NET (seven digits) and Java (nine) write it, and Java's name of the zone."""
_LOST_PLUS = re.compile(r"\d{4}-\d{2}-\d{2}[T ][\d:.,]{5,18} \d{2}:?\d{2}", re.IGNORECASE)
_BIKRAM = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:[T ]*(\d{2}:\d{2}))?", re.IGNORECASE)
_LONGEST_DATE = 100
_EARLIEST = timedelta(minutes=1)
_LATEST = timedelta(days=365)


def parse_schedule(value: object, now: datetime) -> datetime | None:
    """`schedule_date` as an aware moment in UTC.

    Args:
        value: ``2026-12-01T17:07`` (Asia/Kathmandu), the same with seconds, or with an offset, which is honoured.
            Absent, null or empty: None, begin at once.
        now: the server's clock, aware.

    Raises:
        InvalidError: ``invalid_date``, ``bikram_sambat_date``, ``date_in_past`` (more than a minute ago, so that the
            current minute can be named) or ``date_too_far`` (over 365 days ahead).
    """
    if value is None or value == "":
        return None
    moment = _read_moment(value)
    clock = f"The server's clock is {to_kathmandu(now).isoformat()} (Asia/Kathmandu)."
    if moment < now - _EARLIEST:
        raise invalid(
            "schedule_date", "date_in_past", f"This date has passed; send one in the future. {clock}"
        )
    if moment > now + _LATEST:
        raise invalid("schedule_date", "date_too_far", f"Send a date within a year from now. {clock}")
    return moment


def _read_moment(value: object) -> datetime:
    readable = isinstance(value, str) and len(value) <= _LONGEST_DATE
    text = unicodedata.normalize("NFKC", str(value)).strip() if readable else ""
    # int() reads Devanagari digits as well, so the pattern's \d may match them.
    _refuse_bikram(text)
    match = _DATE.fullmatch(text)
    if match:
        *parts, fraction, offset = match.groups()
        year, month, day, hour, minute, second = (int(part or 0) for part in parts)
        microsecond = int((fraction or "0")[:6].ljust(6, "0"))
        try:
            naive = datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001 - its zone follows
            if offset is None:
                return naive.replace(tzinfo=KATHMANDU)
            return datetime.fromisoformat(naive.isoformat() + offset.upper().replace("Z", "+00:00"))
        except (ValueError, OverflowError):
            pass
    advice = "Send a date and time that exist, as 2026-12-01T17:07 (Kathmandu time) or with an offset."
    if _LOST_PLUS.fullmatch(text):
        advice = (
            "The + of the offset was read as a space; in a form write it as %2B, or leave the offset out."
        )
    raise invalid("schedule_date", "invalid_date", advice)


def _refuse_bikram(text: str) -> None:
    match = _BIKRAM.match(text)
    if match is None or int(match[1]) not in YEARS:
        return
    found = gregorian(*(int(part) for part in match.groups()[:3]))
    if found is None:
        meant = "There is no such day in it either; send the date of the Gregorian calendar."
    else:
        time = ascii_digits(match[4] or "10:00")
        meant = f"It may be {found}: check the day, and send {found}T{time} if it is."
    message = f"{int(match[1])} is taken for a year of Bikram Sambat, and dates are Gregorian here. {meant}"
    raise invalid("schedule_date", "bikram_sambat_date", message)
