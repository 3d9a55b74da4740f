"""The fields of a begin as clients write them, read strictly. Pure functions; each raises `InvalidError`.

Source of the rules: the API contract, "Ground rules" (dates) and "Begin".
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from app.calls.state import RERUN_CHOICES, CallStatus
from app.core.bikram import YEARS, gregorian
from app.core.clock import KATHMANDU, to_kathmandu
from app.core.digits import ascii_digits
from app.core.errors import InvalidError, invalid

_DATE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"(?:\s*(Z|[+-]\d{2}(?::?\d{2})?)(?:\[[A-Z_/]{1,40}\])?)?",
    re.IGNORECASE,
)
"""ISO 8601, with a fraction as long as .NET (seven digits) and Java (nine) write it, and Java's name of the zone."""
_LOST_PLUS = re.compile(r"\d{4}-\d{2}-\d{2}[T ][\d:.,]{5,18} \d{2}:?\d{2}", re.IGNORECASE)
_BIKRAM = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:[T ]*(\d{2}:\d{2}))?", re.IGNORECASE)
_LONGEST_DATE = 100
_LONGEST_STATUS = 1_000
MOST_INDIVIDUAL = 10_000
"""Recipients that a begin may name one by one; every list of runs answers them all."""
_LONGEST_IDS = 21 * MOST_INDIVIDUAL
_EARLIEST = timedelta(minutes=1)
_LATEST = timedelta(days=365)
PRIORITIES = ("message", "audio")


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


def parse_statuses(value: object) -> list[CallStatus] | None:
    """`status` of a re-run: one name or several, a list or comma-separated, in any case.

    Returns:
        The statuses without repetition, in the order given; None when absent or empty.

    Raises:
        InvalidError: ``unknown_status``, naming the five that exist.
    """
    if value is None:
        return None
    values: Iterable[object] = value if isinstance(value, list) else [value]
    found: dict[CallStatus, None] = {}
    for item in islice(values, _LONGEST_STATUS):
        names = item[:_LONGEST_STATUS].split(",") if isinstance(item, str) else [item]
        for name in names:
            key = str(name).strip().strip("'\"").lower()
            if key == "":
                continue
            if not isinstance(name, str) or key not in RERUN_CHOICES:
                choices = ", ".join(RERUN_CHOICES)
                raise invalid(
                    "status", "unknown_status", f"'{str(name)[:40]}' is no status; use one of: {choices}."
                )
            found[RERUN_CHOICES[key]] = None
    return list(found) or None


def parse_failover(value: object) -> list[CallStatus] | None:
    """`failover_target`: ends of a call, spelled as in `parse_statuses`; ``terminated`` is none of them.

    A run that is stopped calls nobody, and writes to nobody either.

    Raises:
        InvalidError: field ``failover_target``, code ``unknown_status``.
    """
    choices = [name for name in RERUN_CHOICES if RERUN_CHOICES[name] is not CallStatus.TERMINATED]
    try:
        found = parse_statuses(value)
    except InvalidError as error:
        message = f"This is no end of a call; use one or several of: {', '.join(choices)}."
        raise invalid("failover_target", "unknown_status", message) from error
    if found and CallStatus.TERMINATED in found:
        message = f"Who was terminated is not written to; use one or several of: {', '.join(choices)}."
        raise invalid("failover_target", "unknown_status", message)
    return found


def parse_priority(value: object) -> str | None:
    """`priority`: ``message`` or ``audio`` in any case; None when absent or empty.

    Raises:
        InvalidError: ``unknown_priority``.
    """
    if value is None or value == "":
        return None
    key = value.strip().lower() if isinstance(value, str) else ""
    if key not in PRIORITIES:
        raise invalid("priority", "unknown_priority", "Send 'message' or 'audio': what the call starts with.")
    return key


def parse_individual(value: object) -> list[int] | None:
    """`individual`: recipient ids as a list, one id, or comma-separated; None when absent or empty.

    Raises:
        InvalidError: ``invalid_id`` for what is no positive 64-bit number, ``too_long`` for over `MOST_INDIVIDUAL` ids.
    """
    if value is None or value == "":
        return None
    values: list[object] = []
    for item in value if isinstance(value, list) else [value]:
        values.extend(item[:_LONGEST_IDS].split(",") if isinstance(item, str) else [item])
        if len(values) > MOST_INDIVIDUAL:
            message = f"At most {MOST_INDIVIDUAL:,} recipients are named one by one; make a campaign of them instead."
            raise invalid("individual", "too_long", message)
    ids: dict[int, None] = {}
    for index, item in enumerate(values):
        text = str(item).strip()
        if isinstance(item, bool) or not re.fullmatch(r"[0-9]{1,19}", text) or not 0 < int(text) < 2**63:
            raise invalid(
                f"individual.{index}", "invalid_id", "Send the ids of recipients, as their list shows them."
            )
        ids[int(text)] = None
    return list(ids) or None
