"""Accounts, cards and tax numbers that are shown in part or known by what stands beside them: digit by digit.

Banks in Nepal hide digits behind ``*``, ``#`` and ``X`` in every place: ``****1234``, ``019##17036``, ``0#06``,
``036XXXXX5868``, ``###XXXX1234``. The hidden ones are a pause, or nothing where the number begins with them.
"""

import re
from typing import Final

from app.speech.kinds.patterns import DEVANAGARI, LATIN, LETTER, NOT_AFTER_LETTER, gap_after, placed
from app.speech.kinds.words import spelt, spelt_as_grouped, spelt_in_groups

_HIDDEN: Final = r"[*#Xx\u2022\u25cf\u2217]"
# Possessive throughout: a row of ten thousand stars is gone through once.
_MASKED: Final = re.compile(
    rf"(?<![{LETTER}\d.,*#])(?=[\d -]{{0,14}}{_HIDDEN}{{2}}|\d{{1,12}}#\d)(?=[ *#Xx\u2022\u25cf\u2217-]{{0,60}}\d)"
    rf"((?:\d{{1,12}}+[ -]?+)?+(?:{_HIDDEN}{{1,20}}+[ -]?+\d{{0,12}}+){{1,6}}+)(?![\d%]|[.,/:]\d|[{LATIN}])"
)
# AC#036XXXXX5868: the first mark is the label's.
_LABEL_MARK: Final = re.compile(
    rf"((?<![{LATIN}])(?:A/?C|acct?|account|card|खाता|कार्ड))\s?#(?=\s?[\dXx*#])", re.IGNORECASE
)
_PLACEHOLDER: Final = re.compile(
    rf"(?<![{LETTER}\d])(?:[*#\u2022]{{3,16}}|[X*#]{{4,16}})(?![\w*#{DEVANAGARI}])"
)
_HASH: Final = re.compile(rf"(?<![{LETTER}\d#*])#\s?(\d{{4,20}})(?![\d%]|[.,:/-]\d)")
_SERVICE: Final = re.compile(rf"(?<![{LETTER}\d*#])([*#]{{1,2}}\d{{1,6}}(?:[*#]\d{{1,16}}){{0,5}}#)(?![\d#])")
_STAR, _HASH_NAME = "स्टार", "ह्यास"

_DIGITS_WORD: Final = r"(?:अङ्क(?:हरू|हरु)?|अंक(?:हरू|हरु)?|अङ्कहरू|डिजिट|नम्बर|digits?|numbers?|nos?\.?)"
_HOW_MANY: Final = r"(?:\d|दुई|तीन|चार|पाँच|छ|two|three|four|five|six)"
_LAST: Final = r"(?:अन्तिम|पछिल्ल[ोा]|आखिरी|अन्त्यका|पछाडिका|सुरुका|सुरुको|last|first|final)"
_LAST_DIGITS: Final = re.compile(
    rf"({NOT_AFTER_LETTER}{_LAST}\s*\(?(?:{_HOW_MANY})?\)?\s*-?\s*(?:वटा\s*)?{_DIGITS_WORD}(?:\s*(?:is|are|of|हो|भएको|चाहिँ))?"
    rf"\s*[:=-]?\s*[\"'(]?)(\d{{2,8}})(?![\d%]|[.,:/]\d)",
    re.IGNORECASE,
)
_ENDING: Final = re.compile(
    rf"({NOT_AFTER_LETTER}(?:ending|ends|ended)(?:\s+(?:in|with|at|by))?\s*[:-]?\s*)(\d{{2,8}})(?![\d%]|[.,:/]\d)",
    re.IGNORECASE,
)
_ENDS_IN: Final = re.compile(
    r"(?<!\d)(?<!\d[.,/:-])(\d{2,8})(?=\s*(?:मा|बाट|ले)?\s*(?:अन्त्य|समाप्त|टुङ्गिने|टुंगिने|अन्तिम\s+(?:अङ्क|अंक)))"
)
_TAX: Final = re.compile(
    rf"({NOT_AFTER_LETTER}(?:PAN|VAT|प्यान|पान|भ्याट|मू\.?\s?अ\.?\s?कर|स्थायी\s+लेखा|स्था\.?\s?ले)(?:\s*/\s*(?:VAT|PAN|भ्याट|प्यान))?\.?"
    r"(?:\s*(?:न(?:ं|म्बर|म्वर)|number|no|दर्ता)\.?){0,2}\s*(?:[:=#.-]|हो|is)?\s*)(\d{3}[ -]?\d{3}[ -]?\d{3})(?!\d|[.,]\d)",
    re.IGNORECASE,
)
_OWNER: Final = re.compile(
    rf"((?<![{LATIN}])(?:A/C|AC|a/c|acct?|account|card|कार्ड|खाता)(?:\s*(?:no|number|नं|नम्बर)\.?)?\s*[:.-]?\s*)(\d{{3,20}})"
    r"(?![\d%]|[.,/:]\d)(?!\s*(?:रु|रू|Rs|जना|वटा|सय|हजार|लाख|करोड|दिन|खोल|थप|खुल|[/।]-))",
    re.IGNORECASE,
)


def read(text: str) -> str:
    """``खाता ****1234 मा`` has एक दुई तीन चार, ``PAN 301234567`` its nine digits in threes."""
    if any(mark in text for mark in "*#Xx\u2022\u25cf\u2217"):
        text = _LABEL_MARK.sub(r"\1 ", text)
        text = _SERVICE.sub(_service, text)
        text = _MASKED.sub(_masked, text)
        text = _HASH.sub(lambda match: placed(match, f"नम्बर {spelt_in_groups(match[1])}"), text)
        text = _PLACEHOLDER.sub(" ", text)
    for pattern in (_LAST_DIGITS, _ENDING):
        text = pattern.sub(lambda match: f"{match[1]}{gap_after(match[1])}{spelt_in_groups(match[2])}", text)
    text = _ENDS_IN.sub(lambda match: placed(match, spelt_in_groups(match[1])), text)
    text = _TAX.sub(lambda match: f"{match[1]}{gap_after(match[1])}{spelt_as_grouped(match[2])}", text)
    return _OWNER.sub(lambda match: f"{match[1]}{gap_after(match[1])}{spelt_in_groups(match[2])}", text)


def _masked(match: re.Match[str]) -> str:
    end = " " if match[1][-1] == " " else ""
    return placed(match, spelt_as_grouped(match[1])) + end


def _service(match: re.Match[str]) -> str:
    """``*922#`` as it is keyed: स्टार नौ दुई दुई ह्यास."""
    keys = re.findall(r"\d+|[*#]", match[1])
    return placed(match, " ".join({"*": _STAR, "#": _HASH_NAME}.get(key) or spelt(key) for key in keys))
