"""Cells of a recipient file as text that can be stored and spoken."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
# What Postgres cannot hold (NUL, lone surrogates) or nobody can see and no voice can say.
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]+")
_LONGEST_SHOWN = 100
_WRITTEN_OUT = range(-9, 21)

# What programs write where there is no value: spreadsheets, databases, pandas; and people.
_NO_VALUES = (
    "#N/A #N/A! #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #FIELD! #ERROR! #GETTING_DATA #### Err:502 "
    "Err:504 Err:508 Err:522 NULL Null null (null) (NULL) \\N nan NaN NAN -nan NaT <NA> None none nil N/A n/a N.A. "
    "n.a. NA undefined - -- --- – — −"
)
_NO_VALUE = frozenset(_NO_VALUES.split())
_LONGEST_NO_VALUE = max(map(len, _NO_VALUE))
_QUOTED_FORMULA = re.compile(r'="((?:[^"]|"")*)"')

CellValue = str | int | float | bool | date | datetime | time | timedelta
"""What a cell of a spreadsheet may hold."""


def clean(text: str) -> str:
    """`text` on one line, without control characters and without spaces around."""
    text = text.strip()
    if text.isprintable():
        return text
    return _UNSTORABLE.sub("", _BREAKS.sub(" ", text)).strip()


def is_no_value(text: str) -> bool:
    """Whether a cleaned text is what programs and people write where there is no value."""
    return len(text) <= _LONGEST_NO_VALUE and text in _NO_VALUE


def value_of(cell: str) -> str:
    """A cell's value on one line, '' for what means none.

    Marks that spreadsheets put before text are left out (``'0512``, ``="0512"``), and the ``.0`` that they put behind
    whole numbers; what stands behind an apostrophe is text and stays as it is. `app.runs.report.kept` puts one before
    such values as would lose something here.
    """
    text = clean(cell)
    if is_no_value(text):
        return ""
    if text[:1] == "'":
        return text[1:].lstrip()
    if text[:1] == "=":
        text = _out_of_formula(text)
    if text.endswith(".0") and text[:-2].removeprefix("-").isdecimal():
        return text[:-2]
    return text


def _out_of_formula(text: str) -> str:
    formula = _QUOTED_FORMULA.fullmatch(text)
    return clean(formula[1].replace('""', '"')) if formula else text


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
