"""Fiscal and school years, two years that follow each other: ``आ.व. ०८१/८२``, ``FY 2081-82``, ``२०७९÷८०``.

The slash of old Nepali fonts comes out as ÷, the typewriters' as a danda. Short years are of this millennium.
"""

import re
from typing import Final

from app.speech.kinds.months import YEARS
from app.speech.kinds.patterns import LATIN, NOT_AFTER_LETTER, gap_after, placed
from app.speech.kinds.words import cardinal

_CENTURY: Final = 2000
_FULL: Final = 4
_SLASH: Final = r"\s?[/\\÷।|-]\s?"
_LABEL: Final = (
    rf"(?:{NOT_AFTER_LETTER}(?:आ\.?\s?[वब]\.?|आर्थिक\s?(?:वर्ष|बर्ष)(?:को)?|शै\.?\s?[सव]\.?|शैक्षिक\s?(?:सत्र|वर्ष|बर्ष))"
    rf"|(?<![{LATIN}])(?:F\.?\s?Y\.?|fiscal year|academic year|session))"
)
_IN_ENGLISH: Final = re.compile(r"F\.?\s?Y\.?|fiscal year", re.IGNORECASE)
_LABELLED: Final = re.compile(
    rf"({_LABEL}\s*[:.=-]?\s*\(?)(\d{{4}}|0?\d\d){_SLASH}(\d{{4}}|0?\d\d)(?!\d|[.,:]\d)(?!{_SLASH}\d)",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(r"(?<!\d)(?<!\d[/.,-])(\d{4}|0\d\d)\s?[/÷।\\|-]\s?(\d{2,4})(?!\d|[/.,:-]\d|।\d)")


def read(text: str) -> str:
    """``आ.व. ०८१/८२`` (digits already ASCII) is आ.व. दुई हजार एकासी बयासी."""
    text = _LABELLED.sub(_labelled, text)
    return _ALONE.sub(_alone, text)


def _full(digits: str) -> int:
    return int(digits) if len(digits) == _FULL else int(digits) + _CENTURY


def _follows(first: str, second: str) -> bool:
    """Whether the second is the year after the first, as many digits of it as are written."""
    after = str(_full(first) + 1)
    return _full(first) in YEARS and second in {after, after[1:], after[2:]}


def _labelled(match: re.Match[str]) -> str:
    first, second = match[2], match[3]
    if _full(first) not in YEARS:
        return match[0]
    said = cardinal(second[-2:]) if _follows(first, second) else cardinal(str(_full(second)))
    return (
        f"{_IN_ENGLISH.sub('आर्थिक वर्ष', match[1])}{gap_after(match[1])}{cardinal(str(_full(first)))} {said}"
    )


def _alone(match: re.Match[str]) -> str:
    if not _follows(match[1], match[2]):
        return match[0]
    return placed(match, f"{cardinal(str(_full(match[1])))} {cardinal(match[2][-2:])}")
