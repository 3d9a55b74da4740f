"""Units behind a number, percent and degrees. The number itself is left for `numbers`."""

import re
from typing import Final

from app.speech.kinds.patterns import LETTER, NUMBER

_PERCENT: Final = "प्रतिशत"
_UNITS = {
    "%": _PERCENT,
    "‰": "प्रति हजार",
    "°C": "डिग्री सेल्सियस",
    "°F": "डिग्री फरेनहाइट",
    "°": "डिग्री",
    "km/h": "किलोमिटर प्रति घण्टा",
    "kmph": "किलोमिटर प्रति घण्टा",
    "°से": "डिग्री सेल्सियस",
    "sq.ft": "वर्ग फिट",
    "sqft": "वर्ग फिट",
    "km": "किलोमिटर",
    "cm": "सेन्टिमिटर",
    "mm": "मिलिमिटर",
    "m": "मिटर",
    "ft": "फिट",
    "kg": "किलोग्राम",
    "gm": "ग्राम",
    "g": "ग्राम",
    "mg": "मिलिग्राम",
    "ml": "मिलिलिटर",
    "mL": "मिलिलिटर",
    "ltr": "लिटर",
    "l": "लिटर",
    "L": "लिटर",
    "kWh": "किलोवाट घण्टा",
    "kW": "किलोवाट",
    "MW": "मेगावाट",
    "kV": "किलोभोल्ट",
    "GB": "जिबी",
    "MB": "एमबी",
    "hrs": "घण्टा",
    "hr": "घण्टा",
    "min": "मिनेट",
    "sec": "सेकेन्ड",
    "कि.मि.": "किलोमिटर",
    "कि.मी.": "किलोमिटर",
    "किमी": "किलोमिटर",
    "किमि": "किलोमिटर",
    "से.मि.": "सेन्टिमिटर",
    "मि.मि.": "मिलिमिटर",
    "मि.लि.": "मिलिलिटर",
    "कि.ग्रा.": "किलोग्राम",
    "के.जी.": "किलोग्राम",
    "मि.": "मिटर",
    "लि.": "लिटर",
    "ग्रा.": "ग्राम",
}
_LENGTHS: Final = {name: _UNITS[name] for name in ("km", "cm", "mm", "m", "ft")}
_UNITS |= {
    f"{name}{power}": f"{shape} {word}"
    for name, word in _LENGTHS.items()
    for powers, shape in ((("^2", "2"), "वर्ग"), (("^3", "3"), "घन"))
    for power in powers
}
_WORD: Final = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_UNIT: Final = re.compile(rf"(?<=\d)\s?({_WORD})(?![A-Za-z\d^]|(?<=[A-Za-z%°])/)")
_TIMES: Final = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)")
_SIGNED: Final = re.compile(rf"(?<![\d)])(?<![\d)]\s)-\s?(?={NUMBER}\s?(?:%|°|डिग्री|degree))")


def read(text: str) -> str:
    """``12 kg`` becomes ``12 किलोग्राम``, ``-5°C`` माइनस ``5 डिग्री सेल्सियस``."""
    text = _TIMES.sub(" गुणा ", text)
    text = _SIGNED.sub(" माइनस ", text)
    return _UNIT.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    follows = match.string[match.end() : match.end() + 1]
    glued = match[1] == "%" or not re.match(rf"[{LETTER}]", follows)  # 50%को is one word
    return f" {_UNITS[match[1]]}{'' if glued else ' '}"
