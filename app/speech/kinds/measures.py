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
    "km/hr": "किलोमिटर प्रति घण्टा",
    "m/s": "मिटर प्रति सेकेन्ड",
    "kmh": "किलोमिटर प्रति घण्टा",
    "mm/hr": "मिलिमिटर प्रति घण्टा",
    "Ltr": "लिटर",
    "ltrs": "लिटर",
    "litre": "लिटर",
    "liter": "लिटर",
    "Kg": "किलोग्राम",
    "KG": "किलोग्राम",
    "kgs": "किलोग्राम",
    "Km": "किलोमिटर",
    "KM": "किलोमिटर",
    "kms": "किलोमिटर",
    "ton": "टन",
    "Ton": "टन",
    "tons": "टन",
    "dozen": "दर्जन",
    "doz": "दर्जन",
    "pcs": "थान",
    "pc": "थान",
    "inch": "इन्च",
    "feet": "फिट",
    "hp": "हर्स पावर",
    "HP": "हर्स पावर",
    "V": "भोल्ट",
    "W": "वाट",
    "A": "एम्पियर",
    "Hz": "हर्ज",
    "KWh": "किलोवाट घण्टा",
    "KWH": "किलोवाट घण्टा",
    "kwh": "किलोवाट घण्टा",
    "MWh": "मेगावाट घण्टा",
    "KV": "किलोभोल्ट",
    "Mbps": "एमबीपीएस",
    "mins": "मिनेट",
    "days": "दिन",
    "प्र.श.": _PERCENT,
    "मि.से.": "मिलिसेकेन्ड",
    "घ.": "घण्टा",
    "mmHg": "मिलिमिटर मर्करी",
    "mg/dL": "मिलिग्राम प्रति डेसिलिटर",
    "mg/dl": "मिलिग्राम प्रति डेसिलिटर",
    "kg/m^3": "किलोग्राम प्रति घन मिटर",
    "kg/m3": "किलोग्राम प्रति घन मिटर",
    "m^3/s": "घन मिटर प्रति सेकेन्ड",
    "cusec": "क्युसेक",
    "GB": "जीबी",
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
_AROUND: Final = re.compile(r"(?<![\d/.,-])24\s?[/x]\s?7(?![\d/.,-])")
_COMPARISONS: Final = {
    "<": "{} भन्दा कम", ">": "{} भन्दा बढी", "≤": "बढीमा {}", "<=": "बढीमा {}", "≥": "कम्तीमा {}", ">=": "कम्तीमा {}",
    "±": "प्लस माइनस {}",
}  # fmt: skip
_COMPARED: Final = re.compile(rf"(<=|>=|[<>≤≥±])\s?({NUMBER})")
_PLUS: Final = re.compile(r"(?<![\d\w])\+\s?(?=\d{1,4}(?!\d))")
_TIMES: Final = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)")
_SIGNED: Final = re.compile(rf"(?<![\d)])(?<![\d)]\s)-\s?(?={NUMBER}\s?(?:%|°|डिग्री|degree))")


def read(text: str) -> str:
    """``12 kg`` becomes ``12 किलोग्राम``, ``-5°C`` माइनस ``5 डिग्री सेल्सियस``."""
    text = _AROUND.sub("चौबिसै घण्टा", text)
    text = _COMPARED.sub(lambda match: f" {_COMPARISONS[match[1]].format(match[2])} ", text)
    text = _PLUS.sub(" प्लस ", text)
    text = _TIMES.sub(" गुणा ", text)
    text = _SIGNED.sub(" माइनस ", text)
    return _UNIT.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    follows = match.string[match.end() : match.end() + 1]
    glued = match[1] == "%" or not re.match(rf"[{LETTER}]", follows)  # 50%को is one word
    return f" {_UNITS[match[1]]}{'' if glued else ' '}"
