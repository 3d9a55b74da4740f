"""Names as lists of people shorten them: Ram Bdr. Thapa, Hari Kr. Shrestha, Smt. Sita, हरि ब. थापा.

Some short forms mean something else elsewhere (Pd. is paid, Km. a distance, प्र. a head of an office), so those
count only between parts of a name.
"""

import re
from typing import Final

from app.speech.kinds.patterns import DEVANAGARI, LATIN
from app.speech.latin.words import is_english, nepali

# Behind a first name; before another one for those that are titles.
_MIDDLE: Final = {
    "bdr": "बहादुर", "bhdr": "बहादुर", "bahd": "बहादुर", "bhd": "बहादुर", "bd": "बहादुर",
    "pd": "प्रसाद", "prd": "प्रसाद", "prsd": "प्रसाद", "psd": "प्रसाद", "pr": "प्रसाद",
    "kr": "कुमार", "kmr": "कुमार", "kum": "कुमार", "ku": "कुमारी", "km": "कुमारी", "kri": "कुमारी",
    "nr": "नारायण", "nth": "नाथ", "dv": "देवी", "mah": "महतो", "ch": "चौधरी",
    "sth": "श्रेष्ठ", "shr": "श्रेष्ठ", "stha": "श्रेष्ठ",
}  # fmt: skip
_TITLES: Final = {
    "smt": "श्रीमती", "smti": "श्रीमती", "md": "मोहम्मद", "mohd": "मोहम्मद", "mhd": "मोहम्मद", "mo": "मोहम्मद", "sk": "शेख",
    "mst": "मोसम्मात", "sh": "श्री", "shr": "श्री", "pt": "पण्डित", "lt": "लेफ्टिनेन्ट", "col": "कर्णेल", "maj": "मेजर",
    "capt": "कप्तान", "gen": "जर्नेल", "er": "इन्जिनियर", "ar": "आर्किटेक्ट", "adv": "अधिवक्ता", "hon": "माननीय",
}  # fmt: skip
_ALWAYS: Final = frozenset(["bdr", "bhdr", "bahd", "bhd", "prsd", "smt", "smti", "mohd", "mst", "kmr"])
"""Mean nothing else, whatever stands beside them."""

# Any word: looked up, for an alternation of all short forms at each character takes a tenth of all reading.
_WORD: Final = re.compile(r"([A-Za-z]+)(\.?)")
_LONGEST: Final = max(map(len, (*_MIDDLE, *_TITLES)))
_BEFORE: Final = re.compile(rf"([{LATIN}{DEVANAGARI}]+)\.?[ .]$")
_AFTER: Final = re.compile(rf" ?([{LATIN}{DEVANAGARI}]+)")
_NEPALI: Final = {"ब": "बहादुर", "बा": "बहादुर", "बहा": "बहादुर", "प्र": "प्रसाद", "कु": "कुमार", "ना": "नारायण"}
_SURNAMES: Final = (
    "थापा|श्रेष्ठ|गुरुङ|राई|लिम्बू|लिम्बु|तामाङ|मगर|शर्मा|पौडेल|अधिकारी|आचार्य|खड्का|क्षेत्री|बस्नेत|कार्की|शाही|शाह|बोहरा|रावल|बुढा|बुढाथोकी|"
    "भण्डारी|ढकाल|कोइराला|घिमिरे|भट्टराई|रिजाल|दाहाल|न्यौपाने|पन्त|जोशी|भट्ट|ओझा|उपाध्याय|यादव|चौधरी|महतो|साह|झा|मिश्र|"
    "पाण्डे|सुवेदी|खनाल|ज्ञवाली|भुसाल|अर्याल|पोखरेल|ओली|सिंह|केसी|के\\.?सी|वि\\.?क|बि\\.?क|नेपाली|परियार|विश्वकर्मा|लामा|शेर्पा|महर्जन|"
    "शाक्य|प्रधान|कुँवर|रोका|पुन|घर्ती|राना|मल्ल|चन्द|ऐर|धामी|साउद|गिरी|पुरी|तिवारी|सापकोटा|तिमिल्सिना|कँडेल|लामिछाने|देवकोटा"
)
_IN_NEPALI: Final = re.compile(rf"(ब|बा|बहा|प्र|कु|ना)\.\s?(?=(?:{_SURNAMES})(?![{DEVANAGARI}]))")
_WORD_END: Final = re.compile(rf"[{DEVANAGARI}]\s")


def read(text: str) -> str:
    """``Ram Bdr. Thapa`` has बहादुर in it."""
    if "." in text:
        text = _IN_NEPALI.sub(_in_nepali, text)
    return _WORD.sub(_said, text)


def _in_nepali(match: re.Match[str]) -> str:
    start = match.start()
    behind_name = start > 1 and _WORD_END.fullmatch(match.string[start - 2 : start])
    return f"{_NEPALI[match[1]]} " if behind_name else match[0]


def _said(match: re.Match[str]) -> str:
    written, dot = match.groups()
    short = written.lower()
    if len(written) > _LONGEST or (short not in _MIDDLE and short not in _TITLES):
        return match[0]
    touching = match.string[max(0, match.start() - 1) : match.start()]
    if touching == "." or touching.isalpha():
        return match[0]
    before = _BEFORE.search(match.string[max(0, match.start() - 24) : match.start()])
    after = _AFTER.match(match.string[match.end() : match.end() + 24])
    left, right = _is_name(before), _is_name(after)
    capital = written[0].isupper()
    if short in _MIDDLE and left and (right or dot or capital):
        said = _MIDDLE[short]
    elif short in _TITLES and right and (dot or _is_capital_beside(written, after)):
        said = _TITLES[short]
    elif short in _ALWAYS and capital:
        said = _MIDDLE.get(short) or _TITLES[short]
    else:
        return match[0]
    follows = match.string[match.end() : match.end() + 1]
    return f"{said} " if follows.isalpha() else said


def _is_capital_beside(short: str, after: re.Match[str] | None) -> bool:
    """Md Rahim and MD RAHIM; the MD before a name in small letters is a managing director."""
    return short[0].isupper() and (not short.isupper() or (after is not None and after[1].isupper()))


def _is_name(match: re.Match[str] | None) -> bool:
    """Whether the word beside is a part of a name: in Latin letters, a capital and no English word."""
    if match is None:
        return False
    word = match[1]
    if not word[0].isascii():
        return False
    return (
        word[0].isupper()
        and len(word) > 1
        and (nepali(word.lower()) is not None or not is_english(word.lower()))
    )
