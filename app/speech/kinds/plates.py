"""Number plates of vehicles, digit by digit.

By the zones until 2017, बा १ च १२३४; by the provinces since, प्रदेश ३-०१-००१ प १२३४; embossed, B AB 1234. The letters
are those of schedule 6 of the Vehicle and Transport Management Rules 2054.
"""

import re
from typing import Final

from app.speech.kinds.patterns import CODE_END, LATIN, NOT_AFTER_LETTER, placed
from app.speech.kinds.words import cardinal, spelt

_LATIN_ZONES: Final = {
    "Ba": "बा", "Ga": "ग", "Lu": "लु", "Na": "ना", "Ko": "को", "Me": "मे", "Sa": "स", "Ja": "ज", "Dha": "ध", "Ra": "रा",
    "Bhe": "भे", "Ka": "क", "Se": "से", "Ma": "म",
}  # fmt: skip
_LATIN_LOTS: Final = {
    "Pa": "प", "Cha": "च", "Kha": "ख", "Ja": "ज", "Jha": "झ", "Ga": "ग", "Ka": "क", "Ta": "त", "Tha": "थ", "Pha": "फ",
    "Ba": "ब", "Ma": "म", "Ya": "य", "Gha": "घ",
}  # fmt: skip
_ZONE: Final = "बा|ग|लु|ना|को|मे|स|ज|ध|रा|भे|क|से|म"
_LOT: Final = "च|प|ख|ग|घ|ज|झ|क|ञ|त|थ|फ|ब|म|य|ह"
_GAP: Final = r"[\s.-]{0,3}"
_OFFICE: Final = r"(?:\d{1,2}[\s-]\d{1,2}[\s-]\d{3}|\d{2,3}[\s-]\d{3})"
_PROVINCE: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/-])({_OFFICE})(?:{_GAP}({_LOT}|(?i:{'|'.join(_LATIN_LOTS)})){_GAP}(\d{{1,4}})){CODE_END}"
)
_OF_PROVINCE: Final = re.compile(
    r"((?:प्रदेश|Pradesh|Province)\s*(?:नं\.?|नम्बर|no\.?)?\s*[:.-]?\s*)(\d{1,2}[\s-]\d{1,2}[\s-]\d{3})(?!\d|[/-]\d)",
    re.IGNORECASE,
)
_PLATE: Final = re.compile(
    rf"{NOT_AFTER_LETTER}({_ZONE}){_GAP}(\d{{1,3}}){_GAP}({_LOT}){_GAP}(\d{{1,4}}){CODE_END}"
)
_IN_LATIN: Final = re.compile(
    rf"(?<![{LATIN}])({'|'.join(_LATIN_ZONES)}){_GAP}(\d{{1,3}}){_GAP}({'|'.join(_LATIN_LOTS)}){_GAP}(\d{{1,4}}){CODE_END}",
    re.IGNORECASE,
)
_VEHICLE: Final = (
    r"(?:गाडी|सवारी(?:\s*साधन)?|मोटरसाइकल|बाइक|बस|स्कुटर|ट्याक्सी|प्लेट|vehicle|plate|bike|bus|car|scooter|taxi)"
)
_EMBOSSED: Final = re.compile(
    rf"({NOT_AFTER_LETTER}{_VEHICLE}(?:को)?"
    rf"(?:\s*(?:नं\.?|नम्बर|no\.?|number))?\s*[:.-]?\s*(?:[A-Z]\s?){{1,4}})[ -]?(\d{{1,4}}){CODE_END}",
    re.IGNORECASE,
)


def read(text: str) -> str:
    """``प्रदेश ३-०१-००१ प १२३४``: all its digits; ``बा १ च १२३४``: the last ones, and its lot as a number."""
    text = _PROVINCE.sub(_province, text)
    text = _OF_PROVINCE.sub(lambda match: f"{match[1]}{_each(match[2])}", text)
    text = _PLATE.sub(lambda match: _of_zone(match, match[1], match[3]), text)
    text = _IN_LATIN.sub(_in_latin, text)
    return _EMBOSSED.sub(lambda match: f"{match[1].rstrip(' -')} {spelt(match[2])}", text)


def _each(written: str) -> str:
    return ", ".join(spelt(part) for part in re.findall(r"\d+", written))


def _province(match: re.Match[str]) -> str:
    lot = _LATIN_LOTS.get(match[2].capitalize(), match[2])
    return placed(match, f"{_each(match[1])}, {lot} {spelt(match[3])}")


def _in_latin(match: re.Match[str]) -> str:
    return _of_zone(match, _LATIN_ZONES[match[1].capitalize()], _LATIN_LOTS[match[3].capitalize()])


def _of_zone(match: re.Match[str], zone: str, lot: str) -> str:
    return placed(match, f"{zone} {cardinal(match[2])} {lot} {spelt(match[4])}")
