"""Dates whose month has its name: ``9 July 2025``, ``Apr-26``, ``15-Jan-26``, ``असार ०५``."""

import re
from typing import Final

from app.speech.kinds.months import AMBIGUOUS, LATIN_MONTHS, LONGEST_BS_MONTH, WRITTEN_MONTHS
from app.speech.kinds.patterns import DEVANAGARI, LATIN, NOT_AFTER_LETTER, NOT_BEFORE_LETTER, either, placed
from app.speech.kinds.words import cardinal

_SHORT_YEAR: Final = 2
_MILLENNIUM: Final = "20"

_LATIN: Final = either(LATIN_MONTHS)
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?:,?\s+(\d{4})(?![\d:,]))?"
_END: Final = r"(?![\d:%]|[.,/-]\d)"
# As spreadsheets and banks write them, without a space: 19-May-2025, 15-Jan-26, 10Mar26, 26/Apr/2026.
_TIGHT: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/-])(\d{{1,2}})([-/.]?)({_LATIN})\2['\u2019]?(\d{{4}}|\d\d){_END}", re.IGNORECASE
)
# Apr-26, Apr'26, Apr-2026, Shrawan82: a month of a year, or spreadsheets' 26 April.
_YEAR_TIGHT: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/-])(\d{{4}})([-/.])({_LATIN})\2(\d{{1,2}}){_END}", re.IGNORECASE
)
_MONTH_TIGHT: Final = re.compile(
    rf"(?<![{LATIN}\d])(?<!\d[-/.])({_LATIN})(?:\.?[-/]|\s?['\u2019]|)(\d{{4}}|\d\d){_END}", re.IGNORECASE
)
_DAY_MONTH: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/-]){_DAY}\s*(?:of\s+)?[\s-]?({_LATIN})\.?{NOT_BEFORE_LETTER}{_YEAR}", re.IGNORECASE
)
_MONTH_DAY: Final = re.compile(
    rf"{NOT_AFTER_LETTER}({_LATIN})\.?\s+{_DAY}(?![\d:]|[.,/]\d|\s*%){_YEAR}", re.IGNORECASE
)
_MONTH_YEAR: Final = re.compile(
    rf"{NOT_AFTER_LETTER}({_LATIN})\.?,?\s+(\d{{4}})(?![\d:]|[.,]\d)", re.IGNORECASE
)
_ANY: Final = re.compile(rf"(?=[A-Za-z])(?<![{LATIN}])(?:{_LATIN})(?![{LATIN}])", re.IGNORECASE)
_WRITTEN: Final = either(WRITTEN_MONTHS)
_NOT_IN_WORD: Final = rf"{NOT_AFTER_LETTER}({_WRITTEN}){NOT_BEFORE_LETTER}"
_DAY_WRITTEN: Final = re.compile(rf"(?<!\d)(?<!\d[.,:/-])0?(\d{{1,2}})(?:st|nd|rd|th)?\s+{_NOT_IN_WORD}")
_WRITTEN_DAY: Final = re.compile(
    rf"(?=[{DEVANAGARI}]{{2,12}}\s+\d){_NOT_IN_WORD}\s+0?(\d{{1,2}})(?:st|nd|rd|th)?(?![\d%:]|[.,/-]\d)"
)


def read(text: str) -> str:
    """``9 July 2025`` is नौ जुलाई दुई हजार पच्चिस, ``Apr-26`` अप्रिल छब्बिस."""
    if _ANY.search(text):
        text = _in_latin(text)
    # असार ०५ is the fifth and not "zero five", जनवरी 5th is जनवरी पाँच.
    text = _DAY_WRITTEN.sub(r"\1 \2", text)
    return _WRITTEN_DAY.sub(r"\1 \2", text)


def _in_latin(text: str) -> str:
    text = _YEAR_TIGHT.sub(r"\4-\3-\1", text)
    text = _TIGHT.sub(_tight, text)
    text = _MONTH_TIGHT.sub(lambda match: _named(match, match[1], (match[1], match[2])), text)
    text = _DAY_MONTH.sub(lambda match: _named(match, match[2], (match[1], match[2], match[3])), text)
    text = _MONTH_DAY.sub(lambda match: _named(match, match[1], (match[1], match[2], match[3])), text)
    return _MONTH_YEAR.sub(lambda match: _named(match, match[1], (match[1], match[2])), text)


def _tight(match: re.Match[str]) -> str:
    """The day comes first; a two-digit year is of this millennium."""
    year = _MILLENNIUM + match[4] if len(match[4]) == _SHORT_YEAR else match[4]
    if not 1 <= int(match[1]) <= LONGEST_BS_MONTH:
        return match[0]
    return placed(match, f"{cardinal(match[1])} {LATIN_MONTHS[match[3].lower()]} {cardinal(year)}")


def _named(match: re.Match[str], month: str, parts: tuple[str | None, ...]) -> str:
    name = month.lower()
    if name in AMBIGUOUS and month.islower():
        return match[0]
    days = [int(part) for part in parts if part and part.isdigit() and len(part) < 3]
    if match.re is not _MONTH_TIGHT and any(not 1 <= day <= LONGEST_BS_MONTH for day in days):
        return match[0]
    return placed(
        match, " ".join(cardinal(part) if part.isdigit() else LATIN_MONTHS[name] for part in parts if part)
    )
