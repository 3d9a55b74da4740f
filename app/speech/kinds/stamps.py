"""Instants as programs write them, with a zone: 2025-02-21T18:15:00.000Z is midnight of the 22nd in Nepal.

Shapes: ISO 8601 and RFC 3339, its basic form, RFC 5322, and what browsers and databases print. A stamp without a
zone is local. A year of Bikram Sambat was no instant when it was written, whatever zone a program has added, and stays
as it stands.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from app.speech.kinds.months import AD_SHORT, FIRST_BS_YEAR

_NEPAL: Final = timezone(timedelta(hours=5, minutes=45))
_HOURS: Final = 24
_LARGEST_OFFSET: Final = 14 * 60
_ZONE: Final = r"Z|UTC|GMT(?:[+-]\d\d:?\d\d)?|NPT|[+-]\d\d(?::?\d\d)?"
_ISO: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/:-])(\d{{4}})([-/])(\d\d)\2(\d\d)(\s?T\s?|\s)(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{{1,9}})?)?\s?({_ZONE})(?:\sUTC)?"
    r"(?![\dA-Za-z:])",
    re.IGNORECASE,
)
_BASIC: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/:-])(\d{{4}})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(?:[.,]\d{{1,9}})?({_ZONE})(?![\dA-Za-z:])",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(
    rf"(?:(?<![A-Za-z])(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)[a-z]{{0,6}},?\s)?"
    rf"(?<!\d)(?:(\d{{1,2}})[ -]({'|'.join(AD_SHORT)})|"
    rf"({'|'.join(AD_SHORT)})\s(\d{{1,2}}))[ -](\d{{4}})\s(\d\d):(\d\d)(?::(\d\d))?\s({_ZONE})(?![\dA-Za-z:])"
    r"(?:\s?\((?:[A-Za-z]{1,12}\s?){1,4}\))?",
    re.IGNORECASE,
)
_YEAR_AND_HOUR: Final = re.compile(r"\d{4}\s\d\d:")
# What databases and spreadsheets put behind a date alone.
_MIDNIGHT: Final = re.compile(
    rf"(?<=\d{{4}}[-/]\d\d[-/]\d\d)\s00:00:00(?:\.0{{1,9}})?(?!\s?(?:{_ZONE})|[\d:.])", re.IGNORECASE
)
_MARK: Final = re.compile(r"\dT\d", re.IGNORECASE)
_LOCAL: Final = re.compile(r"(?<=\d)T(\d\d):(\d\d)(?::(\d\d))?(?:[.,]\d{1,9})?(?![\d:])")


def read(text: str) -> str:
    """Each stamp as a date and time of Kathmandu, which the kinds after this read; midnight is the date alone."""
    if ":" not in text and not _MARK.search(text):
        return text
    text = _MIDNIGHT.sub("", text)
    text = _ISO.sub(_iso, text)
    text = _BASIC.sub(_basic, text)
    text = _MAIL.sub(_mail, text) if _YEAR_AND_HOUR.search(text) else text
    return _LOCAL.sub(_local, text)


def _iso(match: re.Match[str]) -> str:
    year, _, month, day, between, hour, minute, second, zone = match.groups()
    if zone[0] == "-" and between.isspace() and second is None:
        return match[0]  # 2026-04-14 10:00-17:00 are two times
    return _in_nepal(match, (year, month, day, hour, minute, second), zone)


def _basic(match: re.Match[str]) -> str:
    *parts, zone = match.groups()
    return _in_nepal(match, parts, zone)


def _mail(match: re.Match[str]) -> str:
    month = str(AD_SHORT.index((match[2] or match[3]).lower()) + 1)
    year, *clock, zone = match.groups()[4:]
    return _in_nepal(match, (year, month, match[1] or match[4], *clock), zone)


def _local(match: re.Match[str]) -> str:
    hour, minute, second = (int(part or 0) for part in match.groups())
    return _written("", hour, minute, second) if hour < _HOURS else match[0]


def _in_nepal(match: re.Match[str], parts: Sequence[str | None], zone: str) -> str:
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    if year >= FIRST_BS_YEAR:
        return _written(f"{year}-{month:02}-{day:02}", hour, minute, second)
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=_offset(zone)).astimezone(_NEPAL)
    except (ValueError, OverflowError):
        return match[0]
    return _written(f"{local:%Y-%m-%d}", local.hour, local.minute, local.second)


def _written(date: str, hour: int, minute: int, second: int) -> str:
    """Twelve hours with their half, so that the part of the day is said: these clocks have 24."""
    if not (hour or minute or second):
        return date
    seconds = f":{second:02}" if second else ""
    return f"{date} {hour % 12 or 12}:{minute:02}{seconds} {'am' if hour < 12 else 'pm'}"


def _offset(zone: str) -> timezone:
    """Raises ValueError for an offset that no place on earth has."""
    zone = zone.upper().removeprefix("GMT").removeprefix("UTC")
    if zone == "NPT":
        return _NEPAL
    if zone in {"", "Z"}:
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[3:].strip(":") or 0)
    if minutes > _LARGEST_OFFSET:
        raise ValueError(zone)
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
