"""Dates in figures, of both calendars.

A year alone does not tell its calendar. Bikram Sambat runs 56 to 57 years ahead, so messages of these decades hold
BS years around 2080 and AD years around 2025; from `FIRST_BS_YEAR` on a year is taken as BS. An era beside
the date (वि.सं., BS, गते, ई.सं., AD, सन्) or a 32nd day decides before that.
"""

import calendar
import re
from typing import Final

from app.speech.kinds.months import AD_MONTHS, BS_MONTHS, FIRST_BS_YEAR, LONGEST_BS_MONTH, YEARS
from app.speech.kinds.patterns import NOT_BEFORE_LETTER, placed
from app.speech.kinds.words import cardinal

_GATE: Final = "गते"

# A label may touch: मिति:2082/01/05, मिति-2082-01-05; a digit or Latin letter before the dash makes it a code.
_FREE: Final = r"(?<!\d)(?<![\dA-Za-z][/.,-])"
_END: Final = r"(?![\d]|[/.,-]\d)"
# Old typewriters in offices had no slash: २०८२।०३।२५.
_DANDAS: Final = re.compile(r"(?<!\d)(\d{4}|0[5-9]\d)\s?([।|÷])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)")
_LATIN_GATE: Final = re.compile(rf"(?<=\d)\s?gate{NOT_BEFORE_LETTER}", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(rf"{_FREE}(\d{{4}}|0\d\d)\s?([-/.])\s?(\d{{1,2}})\s?\2\s?(\d{{1,2}}){_END}")
_YEAR_LAST: Final = re.compile(rf"{_FREE}(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|0\d\d){_END}")
_SHORT: Final = re.compile(rf"{_FREE}(\d{{1,2}})([/-])(\d{{1,2}})\2(\d\d){_END}")
_BS_BEFORE: Final = re.compile(
    r"(?:वि\.?\s?सं\.?|विक्रम सं(?:वत्?|म्बत्?)|(?<![A-Za-z])B\.?S\.?)\s*[:,-]?\s*$", re.IGNORECASE
)
_AD_BEFORE: Final = re.compile(r"(?:[ईइ]\.?\s?सं\.?|सन्|(?<![A-Za-z])A\.?D\.?)\s*[:,-]?\s*$", re.IGNORECASE)
_BS_AFTER: Final = re.compile(r"\s*\(?(?:गते|वि\.?\s?सं|B\.?S\.?(?![A-Za-z]))", re.IGNORECASE)
_AD_AFTER: Final = re.compile(r"\s*\(?(?:तारिख|[ईइ]\.?\s?सं|A\.?D\.?(?![A-Za-z]))", re.IGNORECASE)
_TIME_AFTER: Final = re.compile(r"\s+\d{1,2}:\d")
_GATE_AFTER: Final = re.compile(rf"\s*{_GATE}")

# Two digits at each place, or three for the year at the end, are a date only beside one of these.
_DATE_BEFORE: Final = re.compile(
    r"(?:मिति|म्याद|जन्म|दिन|गते|देखि|सम्म|(?<![A-Za-z])(?:date|dated|on|from|till|until|upto|by|dob|expiry|due|deadline|since))"
    r"\s*(?:[:=.-]|हो|is)?\s*[(]?$",
    re.IGNORECASE,
)
_DATE_AFTER: Final = re.compile(
    r"\s*[(,]?\s*(?:गते|सम्म|देखि|भित्र|का दिन|को दिन|पछि|अघि|वि\.?\s?सं|B\.?S|A\.?D(?![A-Za-z])|\d{1,2}:\d\d)"
)
# ०१ गते is the first, and ०५-०९ गते the fifth to the ninth.
_COUNTED: Final = (
    r"(?:गते|बजे|जना|वटा|ओटा|गोटा|थान|दिन|हप्ता|महिना|वर्ष|बर्ष|घण्टा|मिनेट|"
    r"पटक|प्रति|पाना|पेज|डोज|मात्रा|चक्की|किलो|लिटर|मिटर)"
)
_ZERO_OF_RANGE: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,:/।|ः-])(?<!\d: )0([1-9]\s?(?:-|देखि|बाट|र|वा|,)\s?)0?(?=[1-9]\d?\s?{_COUNTED})"
)
_LEADING_ZERO: Final = re.compile(rf"(?<!\d)(?<!\d[.,:/।|ः-])(?<!\d: )0(?=[1-9]\s?{_COUNTED})")
_FIRST_SHORT_YEAR: Final = 50  # of three digits: 050 to 099 are 2050 to 2099


def read(text: str) -> str:
    """``2025-07-09`` is दुई हजार पच्चिस जुलाई नौ, ``2082/03/25`` दुई हजार बयासी असार पच्चिस गते."""
    text = _DANDAS.sub(r"\1/\3/\4", text)
    text = _LATIN_GATE.sub(f" {_GATE}", text)
    text = _YEAR_FIRST.sub(lambda match: _numeric(match, match[1], match[3], match[4]), text)
    text = _YEAR_LAST.sub(_year_last, text)
    text = _SHORT.sub(_short, text)
    return _LEADING_ZERO.sub("", _ZERO_OF_RANGE.sub(r"\1", text))


def _numeric(match: re.Match[str], year: str, month: str, day: str) -> str:
    if len(year) == 3 and int(year) < _FIRST_SHORT_YEAR:
        return match[0]
    full = int(year) + 2000 if len(year) < 4 else int(year)
    bikram = _is_bikram(match, full, int(day)) or len(year) == 3
    if not _exists(full, int(month), int(day), bikram=bikram):
        return match[0]
    months = BS_MONTHS if bikram else AD_MONTHS
    spoken = f"{cardinal(str(full))} {months[int(month) - 1]} {cardinal(day)}"
    if bikram and not _GATE_AFTER.match(match.string, match.end()):
        spoken = f"{spoken} {_GATE}"
    return placed(match, f"{spoken}," if _TIME_AFTER.match(match.string, match.end()) else spoken)


def _year_last(match: re.Match[str]) -> str:
    first, second, year = match[1], match[3], match[4]
    if len(year) == 3 and not _is_meant(match):
        return match[0]
    if int(second) > 12 >= int(first):  # 07/25/2025: only the American order makes it a date
        first, second = second, first
    return _numeric(match, year, second, first)


def _short(match: re.Match[str]) -> str:
    """Two-digit years: 82/03/25 can only be BS, 25/03/82 too; 02/06/14 is the second of June."""
    first, second, third = match[1], match[3], match[4]
    if match[2] == "-" and not _is_meant(match):
        return match[0]
    if int(first) > LONGEST_BS_MONTH:
        return _numeric(match, f"20{first}", second, third)
    return _numeric(match, f"20{third}", second, first)


def _is_meant(match: re.Match[str]) -> bool:
    """Whether a date is spoken of around the match."""
    before = match.string[max(0, match.start() - 20) : match.start()]
    after = match.end()
    return bool(
        _DATE_BEFORE.search(before) or _BS_BEFORE.search(before) or _DATE_AFTER.match(match.string, after)
    )


def _is_bikram(match: re.Match[str], year: int, day: int) -> bool:
    before = match.string[max(0, match.start() - 20) : match.start()]
    if _BS_BEFORE.search(before) or _BS_AFTER.match(match.string, match.end()):
        return True
    if _AD_BEFORE.search(before) or _AD_AFTER.match(match.string, match.end()):
        return False
    return year >= FIRST_BS_YEAR or day == LONGEST_BS_MONTH


def _exists(year: int, month: int, day: int, *, bikram: bool) -> bool:
    if year not in YEARS or not 1 <= month <= 12:
        return False
    longest = LONGEST_BS_MONTH if bikram else calendar.monthrange(year, month)[1]
    return 1 <= day <= longest
