"""Cells of a recipient file as text that can be stored and spoken."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
# What Postgres cannot hold (NUL, lone surrogates) or nobody can see and no voice can say.
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]+")
_LONGEST_SHOWN = 100
_WRITTEN_OUT = range(-9, 21)

CellValue = str | int | float | bool | date | datetime | time | timedelta
"""What a cell of a spreadsheet may hold."""


def clean(text: str) -> str:
    """`text` on one line, without control characters and without spaces around."""
    text = text.strip()
    if text.isprintable():
        return text
    return _UNSTORABLE.sub("", _BREAKS.sub(" ", text)).strip()


def shown(value: object) -> str:
    """A refused value as a report shows it: cleaned, at most 100 characters."""
    text = value if isinstance(value, str) else _described(value)
    return clean(text[: 2 * _LONGEST_SHOWN])[:_LONGEST_SHOWN]


def _described(value: object) -> str:
    if value is None:
        return ""
    try:
        return str(value)
    except ValueError:  # CPython refuses to write out whole numbers of more than 4,300 digits
        return "a number too long to show"


def cell_text(value: CellValue, *, percent: bool = False) -> str:
    """A spreadsheet's cell as a person reads it there.

    Whole numbers have no ``.0``, dates are ISO (``2026-12-01``, ``2026-12-01 17:07``), durations ``h:mm``,
    truth values ``TRUE`` and ``FALSE``. With `percent`, the share 0.125 is ``12.5%``.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return f"{_number(value * 100)}%" if percent else _number(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds").removesuffix(":00")
    return _duration(value)


def _number(value: float) -> str:
    """Fifteen significant digits, as spreadsheets show: 0.1 + 0.2 is 0.3. Written out unless absurdly long."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    short = Decimal(f"{value:.15g}")
    return f"{short.normalize():f}" if short.adjusted() in _WRITTEN_OUT else f"{value:.15g}"


def _moment(value: datetime) -> str:
    # A spreadsheet keeps times as fractions of a day: 17:07 may come as 17:06:59.999999.
    whole = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    if whole.time() == time():
        return whole.date().isoformat()
    return whole.isoformat(" ").removesuffix(":00")


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, left = divmod(abs(seconds), 60)
    text = f"{sign}{minutes // 60}:{minutes % 60:02}"
    return f"{text}:{left:02}" if left else text
