"""Dates of both calendars.

A year alone does not tell its calendar. Bikram Sambat runs 56 to 57 years ahead, so messages of these decades hold
BS years around 2080 and AD years around 2025; from `_FIRST_BS_YEAR` on a year is taken as BS. An era beside
the date (वि.सं., BS, गते, ई.सं., AD, सन्) or a 32nd day decides before that.
"""

import calendar
import re
from typing import Final

from app.speech.kinds.months import AD_MONTHS, AMBIGUOUS, BS_MONTHS, LATIN_MONTHS, WRITTEN_MONTHS
from app.speech.kinds.patterns import NOT_AFTER_LETTER, NOT_BEFORE_LETTER, placed
from app.speech.kinds.words import cardinal

_FIRST_BS_YEAR: Final = 2045
_YEARS: Final = range(1900, 2200)
_LONGEST_BS_MONTH: Final = 32
_LARGEST_DAY: Final = 32
_GATE: Final = "गते"

_FREE: Final = r"(?<![\d/.,-])"
_END: Final = r"(?![\d]|[/.,-]\d)"
_STAMP: Final = re.compile(r"(?<=\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?![\d:])")
# Old typewriters in offices had no slash: २०८२।०३।२५.
_DANDAS: Final = re.compile(r"(?<!\d)(\d{4})\s?।\s?(\d{1,2})\s?।\s?(\d{1,2})(?!\d)")
_LATIN_GATE: Final = re.compile(rf"(?<=\d)\s?gate{NOT_BEFORE_LETTER}", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(rf"{_FREE}(\d{{4}}|0\d\d)\s?([-/.])\s?(\d{{1,2}})\s?\2\s?(\d{{1,2}}){_END}")
_YEAR_LAST: Final = re.compile(rf"{_FREE}(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|0\d\d){_END}")
_SHORT: Final = re.compile(rf"{_FREE}(\d{{1,2}})([/-])(\d{{1,2}})\2(\d\d){_END}")
_SPAN: Final = re.compile(rf"{_FREE}(\d{{4}})\s?[/-]\s?(\d{{2,4}}){_END}")

_BS_BEFORE: Final = re.compile(
    r"(?:वि\.?\s?सं\.?|विक्रम सं(?:वत्?|म्बत्?)|(?<![A-Za-z])B\.?S\.?)\s*[:,-]?\s*$", re.IGNORECASE
)
_AD_BEFORE: Final = re.compile(r"(?:[ईइ]\.?\s?सं\.?|सन्|(?<![A-Za-z])A\.?D\.?)\s*[:,-]?\s*$", re.IGNORECASE)
_BS_AFTER: Final = re.compile(r"\s*\(?(?:गते|वि\.?\s?सं|B\.?S\.?(?![A-Za-z]))", re.IGNORECASE)
_AD_AFTER: Final = re.compile(r"\s*\(?(?:तारिख|[ईइ]\.?\s?सं|A\.?D\.?(?![A-Za-z]))", re.IGNORECASE)
_TIME_AFTER: Final = re.compile(r"\s+\d{1,2}:\d")
_GATE_AFTER: Final = re.compile(rf"\s*{_GATE}")

_LATIN: Final = "|".join(sorted(LATIN_MONTHS, key=len, reverse=True))
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?:,?\s+(\d{4})(?![\d:,]))?"
_DAY_MONTH: Final = re.compile(
    rf"(?<![\d.,/-]){_DAY}\s*(?:of\s+)?[\s-]?({_LATIN})\.?{NOT_BEFORE_LETTER}{_YEAR}", re.IGNORECASE
)
_MONTH_DAY: Final = re.compile(
    rf"{NOT_AFTER_LETTER}({_LATIN})\.?\s+{_DAY}(?![\d:]|[.,/]\d|\s*%){_YEAR}", re.IGNORECASE
)
_MONTH_YEAR: Final = re.compile(
    rf"{NOT_AFTER_LETTER}({_LATIN})\.?,?\s+(\d{{4}})(?![\d:]|[.,]\d)", re.IGNORECASE
)
_WRITTEN: Final = "|".join(sorted(WRITTEN_MONTHS, key=len, reverse=True))
_NOT_IN_WORD: Final = rf"{NOT_AFTER_LETTER}({_WRITTEN}){NOT_BEFORE_LETTER}"
_DAY_WRITTEN: Final = re.compile(rf"(?<![\d.,:/-])0?(\d{{1,2}})(?:st|nd|rd|th)?\s+{_NOT_IN_WORD}")
_WRITTEN_DAY: Final = re.compile(rf"{_NOT_IN_WORD}\s+0?(\d{{1,2}})(?:st|nd|rd|th)?(?![\d%:]|[.,/-]\d)")


def read(text: str) -> str:
    """``2025-07-09`` is दुई हजार पच्चिस जुलाई नौ, ``2082/03/25`` दुई हजार बयासी असार पच्चिस गते."""
    text = _STAMP.sub(r" \1", _DANDAS.sub(r"\1/\2/\3", text))
    text = _LATIN_GATE.sub(f" {_GATE}", text)
    text = _YEAR_FIRST.sub(lambda match: _numeric(match, match[1], match[3], match[4]), text)
    text = _YEAR_LAST.sub(_year_last, text)
    text = _SHORT.sub(_short, text)
    text = _SPAN.sub(_span, text)
    text = _DAY_MONTH.sub(lambda match: _named(match, match[2], (match[1], match[2], match[3])), text)
    text = _MONTH_DAY.sub(lambda match: _named(match, match[1], (match[1], match[2], match[3])), text)
    text = _MONTH_YEAR.sub(lambda match: _named(match, match[1], (match[1], match[2])), text)
    # असार ०५ is the fifth and not "zero five", जनवरी 5th is जनवरी पाँच.
    text = _DAY_WRITTEN.sub(r"\1 \2", text)
    return _WRITTEN_DAY.sub(r"\1 \2", text)


def _numeric(match: re.Match[str], year: str, month: str, day: str) -> str:
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
    if int(second) > 12 >= int(first):  # 07/25/2025: only the American order makes it a date
        first, second = second, first
    return _numeric(match, year, second, first)


def _short(match: re.Match[str]) -> str:
    """Two-digit years: 82/03/25 can only be BS, 25/03/82 too; 02/06/14 is the second of June."""
    first, second, third = match[1], match[3], match[4]
    if int(first) > _LARGEST_DAY:
        return _numeric(match, f"20{first}", second, third)
    return _numeric(match, f"20{third}", second, first)


def _span(match: re.Match[str]) -> str:
    """A fiscal or school year, 2081/82 or 2081-082: two years that follow each other."""
    next_year = str(int(match[1]) + 1)
    if int(match[1]) not in _YEARS or match[2] not in {next_year, next_year[1:], next_year[2:]}:
        return match[0]
    return placed(match, f"{cardinal(match[1])} {cardinal(next_year[2:])}")


def _named(match: re.Match[str], month: str, parts: tuple[str | None, ...]) -> str:
    name = month.lower()
    if name in AMBIGUOUS and month.islower():
        return match[0]
    days = [int(part) for part in parts if part and part.isdigit() and len(part) < 3]
    if any(not 1 <= day <= _LARGEST_DAY for day in days):
        return match[0]
    return placed(
        match, " ".join(cardinal(part) if part.isdigit() else LATIN_MONTHS[name] for part in parts if part)
    )


def _is_bikram(match: re.Match[str], year: int, day: int) -> bool:
    before = match.string[max(0, match.start() - 20) : match.start()]
    if _BS_BEFORE.search(before) or _BS_AFTER.match(match.string, match.end()):
        return True
    if _AD_BEFORE.search(before) or _AD_AFTER.match(match.string, match.end()):
        return False
    return year >= _FIRST_BS_YEAR or day == _LONGEST_BS_MONTH


def _exists(year: int, month: int, day: int, *, bikram: bool) -> bool:
    if year not in _YEARS or not 1 <= month <= 12:
        return False
    longest = _LONGEST_BS_MONTH if bikram else calendar.monthrange(year, month)[1]
    return 1 <= day <= longest
