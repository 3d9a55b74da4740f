"""Abbreviations: those that everybody writes, and those that an account has named.

The table is own work; long forms as offices and newspapers in Nepal write them. One whose dots may be followed by
spaces is found with them too, and without its last dot.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from app.speech.kinds.patterns import DEVANAGARI, LATIN, LETTER, NOT_AFTER_LETTER, NOT_BEFORE_LETTER, either
from app.speech.limits import TooLongError

_LONG: Final = {
    "वि.सं.": "विक्रम संवत्", "ई.सं.": "इस्वी संवत्", "इ.सं.": "इस्वी संवत्", "ने.सं.": "नेपाल संवत्",
    "आ.व.": "आर्थिक वर्ष", "आ.ब.": "आर्थिक वर्ष", "शै.स.": "शैक्षिक सत्र",
    "प्रा.लि.": "प्राइभेट लिमिटेड", "लि.": "लिमिटेड", "कं.": "कम्पनी",
    "डा.": "डाक्टर", "प्रा.डा.": "प्राध्यापक डाक्टर", "प्रो.": "प्रोफेसर", "इन्जि.": "इन्जिनियर", "स्व.": "स्वर्गीय",
    "सु.श्री": "सुश्री", "अधि.": "अधिवक्ता",
    "नं.": "नम्बर", "मो.नं.": "मोबाइल नम्बर", "फो.नं.": "फोन नम्बर", "टे.नं.": "टेलिफोन नम्बर", "द.नं.": "दर्ता नम्बर",
    "च.नं.": "चलानी नम्बर", "सि.नं.": "सिलसिला नम्बर", "रो.नं.": "रोल नम्बर", "खा.नं.": "खाता नम्बर",
    "ना.प्र.नं.": "नागरिकता प्रमाणपत्र नम्बर", "वा.नं.": "वडा नम्बर", "क्र.सं.": "क्रम सङ्ख्या", "प.सं.": "पत्र सङ्ख्या",
    "गा.पा.": "गाउँपालिका", "न.पा.": "नगरपालिका", "म.न.पा.": "महानगरपालिका", "उ.म.न.पा.": "उपमहानगरपालिका",
    "का.म.न.पा.": "काठमाडौँ महानगरपालिका", "ल.म.न.पा.": "ललितपुर महानगरपालिका", "पो.म.न.पा.": "पोखरा महानगरपालिका",
    "भ.म.न.पा.": "भरतपुर महानगरपालिका", "वि.म.न.पा.": "विराटनगर महानगरपालिका", "गा.वि.स.": "गाउँ विकास समिति",
    "जि.स.स.": "जिल्ला समन्वय समिति", "जि.प्र.का.": "जिल्ला प्रशासन कार्यालय", "इ.प्र.का.": "इलाका प्रहरी कार्यालय",
    "प्र.जि.अ.": "प्रमुख जिल्ला अधिकारी", "जि.शि.का.": "जिल्ला शिक्षा कार्यालय", "वडा का.": "वडा कार्यालय",
    "प्रा.वि.": "प्राथमिक विद्यालय", "आ.वि.": "आधारभूत विद्यालय", "नि.मा.वि.": "निम्न माध्यमिक विद्यालय",
    "मा.वि.": "माध्यमिक विद्यालय", "उ.मा.वि.": "उच्च माध्यमिक विद्यालय", "त्रि.वि.": "त्रिभुवन विश्वविद्यालय",
    "प्र.अ.": "प्रधानाध्यापक", "एस.एल.सी.": "एसएलसी", "एस.ई.ई.": "एसईई",
    "ने.वि.प्रा.": "नेपाल विद्युत प्राधिकरण", "ने.रा.बै.": "नेपाल राष्ट्र बैंक", "रा.वा.बै.": "राष्ट्रिय वाणिज्य बैंक",
    "नि.आ.": "निर्वाचन आयोग", "लो.से.आ.": "लोक सेवा आयोग", "अ.दु.अ.आ.": "अख्तियार दुरुपयोग अनुसन्धान आयोग",
    "प्र.म.": "प्रधानमन्त्री", "पो.ब.": "पोस्ट बक्स", "पो.ब.नं.": "पोस्ट बक्स नम्बर", "प्र.श.": "प्रतिशत",
    "स.प.": "सवारी परीक्षण", "स्वा.चौ.": "स्वास्थ्य चौकी", "प्रा.स्वा.के.": "प्राथमिक स्वास्थ्य केन्द्र",
    "कि.नं.": "कित्ता नम्बर", "गा.नं.": "गाडी नम्बर", "स्था.ले.नं.": "स्थायी लेखा नम्बर", "बा.प्र.": "बागमती प्रदेश",
    "ठे.नं.": "ठेक्का नम्बर",
    "कि.मि.": "किलोमिटर", "कि.मी.": "किलोमिटर", "से.मि.": "सेन्टिमिटर", "मि.मि.": "मिलिमिटर", "कि.ग्रा.": "किलोग्राम",
    "मि.ली.": "मिलिलिटर", "मि.लि.": "मिलिलिटर", "मि.ग्रा.": "मिलिग्राम", "मि.मी.": "मिलिमिटर", "से.मी.": "सेन्टिमिटर",
    "रु.": "रुपैयाँ", "रू.": "रुपैयाँ", "ने.रु.": "नेपाली रुपैयाँ", "भा.रु.": "भारतीय रुपैयाँ",
}  # fmt: skip
_DOTLESS: Final = {
    "आव": "आर्थिक वर्ष", "नं": "नम्बर", "रु": "रुपैयाँ", "रू": "रुपैयाँ", "वि सं": "विक्रम संवत्", "A/C": "खाता",
    "A/c": "खाता", "a/c": "खाता",
}  # fmt: skip
_LATIN: Final = {
    "Mr": "मिस्टर", "Mrs": "मिसेस", "Ms": "मिस", "Dr": "डाक्टर", "Er": "इन्जिनियर", "Prof": "प्रोफेसर", "Adv": "अधिवक्ता",
    "Pvt. Ltd": "प्राइभेट लिमिटेड", "Pvt Ltd": "प्राइभेट लिमिटेड", "Ltd": "लिमिटेड", "Wi-Fi": "वाइफाइ", "e-Sewa": "इसेवा",
    "E-mail": "email", "e-mail": "email", "B.Sc": "बीएस्सी", "M.Sc": "एमएस्सी", "Ph.D": "पीएचडी",
    "Ph": "फोन", "Mob": "मोबाइल", "Tel": "टेलिफोन", "Ext": "एक्सटेन्सन", "Ref": "रेफरेन्स", "Txn": "कारोबार",
    "S.N": "क्रम सङ्ख्या", "FY": "आर्थिक वर्ष", "Approx": "लगभग", "approx": "लगभग", "Govt": "सरकार", "Dept": "विभाग",
    "P.O. Box": "पोस्ट बक्स", "Min": "न्यूनतम", "Max": "अधिकतम", "Est": "स्थापना",
}  # fmt: skip
_WEEKDAYS: Final = {
    "sunday": "आइतबार", "monday": "सोमबार", "tuesday": "मङ्गलबार", "wednesday": "बुधबार", "thursday": "बिहीबार",
    "friday": "शुक्रबार", "saturday": "शनिबार",
}  # fmt: skip
_SHORT_DAYS: Final = {
    short: said
    for name, said in _WEEKDAYS.items()
    for short in (
        name[:3],
        name[:4] if name[0] in "tw" else name[:3],
        "thurs" if name == "thursday" else name[:3],
    )
}
_SHORTEST_DOTLESS: Final = 2  # dots; म.न.पा is one without its last dot, लि is not


def _pattern(written: str) -> str:
    """`written` with spaces behind its dots or none; the last dot may be missing where others show what it is."""
    parts = [re.escape(part) for part in written.rstrip(".").split(".")]
    last = r"\.?" if len(parts) >= _SHORTEST_DOTLESS else r"\."
    return r"\.\s?".join(parts) + (last if written.endswith(".") else "")


_KEYS: Final = sorted(_LONG, key=len, reverse=True)
# Most words have no dot behind them, and need not be held against each of the table.
_NEPALI: Final = re.compile(
    rf"{NOT_AFTER_LETTER}(?=[{DEVANAGARI}]{{1,6}}(?: का)?\.)"
    rf"(?:{'|'.join(f'({_pattern(key)})' for key in _KEYS)})(?![{DEVANAGARI}])"
)
_PLAIN: Final = re.compile(
    rf"{NOT_AFTER_LETTER}({'|'.join(re.escape(key) for key in _DOTLESS)})(?![{DEVANAGARI}])"
)
_ENGLISH: Final = re.compile(rf"(?<![{LATIN}.])({either(_LATIN)})(?:\.|(?![{LATIN}]))")
_HAS_LATIN: Final = re.compile(rf"[{LATIN}]")
_PER: Final = re.compile(
    rf"({NOT_AFTER_LETTER}प्रति )(लि|के\.?\s?जी|कि\.?\s?ग्रा|क्वि|व\.?\s?फि)\.(?![{DEVANAGARI}])"
)
_EACH: Final = {"ल": "लिटर", "के": "किलोग्राम", "कि": "किलोग्राम", "क्": "क्विन्टल", "व": "वर्ग फिट"}
_BLOOD: Final = re.compile(rf"(?<![{LETTER}])(AB|A|B|O)([+-])(?![^\s,.।)/])")
_SIGNS: Final = {"+": "प्लस", "-": "माइनस"}
_NUMBER_SIGN: Final = re.compile(rf"{NOT_AFTER_LETTER}(?:[Nn]o\.|NO\.|#)\s*(?=[{DEVANAGARI}])")
_DAY: Final = re.compile(rf"(?<![{LATIN}])({'|'.join(_WEEKDAYS)})(?![{LATIN}])", re.IGNORECASE)
_SHORT_DAY: Final = re.compile(
    rf"(?<![{LATIN}])({either(_SHORT_DAYS)})(?:\.|(?=,))(?=,?\s*[{DEVANAGARI}])",
    re.IGNORECASE,
)


def read(text: str) -> str:
    """``डा. राम`` is डाक्टर राम, ``उ.म.न.पा.`` उपमहानगरपालिका."""
    if "." in text:
        text = _PER.sub(lambda match: match[1] + (_EACH.get(match[2][:2]) or _EACH[match[2][0]]), text)
        text = _NEPALI.sub(lambda match: _spaced(match, _LONG[_KEYS[(match.lastindex or 1) - 1]]), text)
    text = _PLAIN.sub(lambda match: _spaced(match, _DOTLESS[match[1]]), text)
    text = _NUMBER_SIGN.sub("नम्बर ", text)
    return _read_latin(text) if _HAS_LATIN.search(text) else text


def _read_latin(text: str) -> str:
    text = _BLOOD.sub(lambda match: f"{match[1]} {_SIGNS[match[2]]}", text)
    text = _ENGLISH.sub(lambda match: _spaced(match, _LATIN[match[1]]), text)
    text = _DAY.sub(lambda match: _spaced(match, _WEEKDAYS[match[1].lower()]), text)
    return _SHORT_DAY.sub(lambda match: _spaced(match, _SHORT_DAYS[match[1].lower()]), text)


def read_own(text: str, table: Mapping[str, str], most: int | None = None) -> str:
    """`text` with an account's abbreviations written out: whole words only, letter case as in the table.

    A letter may stand for two hundred, so what is over `most` characters is not written out first.

    Raises:
        TooLongError: the result has more than `most` characters.
    """
    if not table:
        return text
    grown = len(text)

    def said(match: re.Match[str]) -> str:
        nonlocal grown
        words = _spaced(match, table[match[0]])
        grown += len(words) - len(match[0])
        if most is not None and grown > most:
            raise TooLongError
        return words

    return _own_pattern(tuple(sorted(table, key=len, reverse=True))).sub(said, text)


@lru_cache(maxsize=64)
def _own_pattern(written: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{NOT_AFTER_LETTER}(?:{'|'.join(map(re.escape, written))}){NOT_BEFORE_LETTER}")


def _spaced(match: re.Match[str], words: str) -> str:
    follows = match.string[match.end() : match.end() + 1]
    return words + (" " if re.match(rf"[{LETTER}0-9]", follows) else "")
