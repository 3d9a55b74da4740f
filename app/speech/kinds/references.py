"""Numbers of letters, files, registrations and papers: what follows their label is read digit by digit.

They look like dates (च.नं. ५-०२-०८१), fiscal years (०८१/८२-१२३) and fractions (१२३४/०८१), so this comes before those.
"""

import re
from typing import Final

from app.speech.kinds.patterns import LATIN, LETTER, NOT_AFTER_LETTER, NUMBER_WORD, gap_after
from app.speech.kinds.words import cardinal, spelt_in_groups

_NO: Final = re.compile(rf"(?<=[{LETTER}/]\s)No\.?(?=\s*[:.#-]?\s*[\dX*#]{{2}})", re.IGNORECASE)
_WORDS: Final = (
    r"(?:ID|आईडी|कोड|code|ref(?:erence)?|रेफ|file|फाइल|मिसिल|token|टोकन|passport|राहदानी|पासपोर्ट|licen[cs]e|"
    r"लाइसेन्स|citizenship|नागरिकता|SC|CRN|IPN|DPID|BOID)"
)
_PAPERS: Final = r"(?:invoice|बिल|bill|रसिद|receipt|ticket|टिकट|meter|मिटर|खाता)"
"""Their number may follow, and their date too."""
_LETTER_NUMBER: Final = r"(?:(?:प|क्र|चा|दा|फा)\.?\s?स(?:ं|ङ्ख्या|ंख्या|ँख्या)|पत्र\s?स(?:ं|ङ्ख्या|ंख्या))\.?"
_LINK: Final = r"\s*(?:[:=#.\-ः]|हो|is)?\s*[\"'(]?\s*"
_CODE: Final = r"\d{1,10}(?:\s?[-/]\s?\d{1,10}){1,5}|\d{1,10}(?:\.\d{1,10}){2,5}|\d{1,4}(?:[।|]\d{1,10}){1,4}"
_REFERENCE: Final = re.compile(
    rf"({NOT_AFTER_LETTER}(?:(?P<paper>{_PAPERS})|{NUMBER_WORD}|{_WORDS}|{_LETTER_NUMBER}){_LINK}"
    rf"(?:[{LATIN}]{{1,5}}[-/ ]?)?)"
    rf"(?P<code>{_CODE})(?![\d%]|[.,:]\d)",
    re.IGNORECASE,
)
_PLACES: Final = re.compile(
    r"(?:वडा|वार्ड|कोठा|कक्षा|ward|room|कार्य\s?कक्ष|क्र)\s*\.?\s*\S{0,9}\s*[:.-]?\s*$", re.IGNORECASE
)
_DATE: Final = re.compile(r"(?:19|20)\d\d([-/.।])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d")
_DIGIT_RUNS: Final = re.compile(r"\d+")
_LARGEST_COUNTED: Final = 3
_PARTS_OF_RANGE: Final = 2


def read(text: str) -> str:
    """``च.नं. ५-०२-०८१`` is चलानी नम्बर and its digits; ``वडा नं. ५-१०`` is a range, ``वडा नं. ५/६`` two wards."""
    return _REFERENCE.sub(_said, _NO.sub("नम्बर", text))


def _said(match: re.Match[str]) -> str:
    parts = _DIGIT_RUNS.findall(match["code"])
    dated = match["paper"] and _DATE.fullmatch(match["code"])  # बिल २०८२/०४/०५ सम्म
    if dated or _is_range(match["code"], parts):
        return match[0]
    gap = gap_after(match[1])
    counted = _PLACES.search(match[1]) or _PLACES.search(
        match.string[max(0, match.start() - 20) : match.end(1)]
    )
    if counted and all(len(part) <= _LARGEST_COUNTED and part[0] != "0" for part in parts):
        return f"{match[1]}{gap}{', '.join(cardinal(part) for part in parts)}"
    return f"{match[1]}{gap}{', '.join(spelt_in_groups(part) for part in parts)}"


def _is_range(written: str, parts: list[str]) -> bool:
    """Two small numbers that rise, over a dash: numbers 5 to 10."""
    if len(parts) != _PARTS_OF_RANGE or "-" not in written or any(part[0] == "0" for part in parts):
        return False
    return max(map(len, parts)) <= _LARGEST_COUNTED and int(parts[0]) < int(parts[1])
