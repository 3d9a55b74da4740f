"""Units as they are written behind a number, and what they are called.

Nepali ones are put together by rule, for each part has several spellings and the dots and spaces come and go: मि.ली.,
मि. लि, मिली, मि.लि. are one. Long forms as the Nepal Bureau of Standards and Metrology writes them.
"""

import re
from collections.abc import Iterator
from typing import Final

from app.speech.kinds.patterns import either

# What is said, and how it is written; an underscore is a space.
_LATIN: Final = {
    "प्रतिशत": "% प्र.श.",
    "प्रति हजार": "‰",
    "डिग्री सेल्सियस": "°_C °सेल्सियस °_से °से. °C °से",
    "डिग्री फरेनहाइट": "°_F °फ °_फ °फ. °F",
    "डिग्री": "°",
    "किलोमिटर प्रति घण्टा": "km/h kmph km/hr kmh",
    "वर्ग फिट": "sq.ft sqft",
    "किलोमिटर": "km Km KM kms",
    "सेन्टिमिटर": "cm CM Cm",
    "मिलिमिटर": "mm MM",
    "मिटर": "m mtr meter metre meters metres",
    "फिट": "ft feet",
    "किलोग्राम": "kg Kg KG kgs",
    "ग्राम": "gm g Gm gms",
    "मिलिग्राम": "mg MG Mg",
    "मिलिलिटर": "ml mL ML Ml",
    "लिटर": "ltr l L Ltr ltrs litre liter lit Lit lt",
    "किलोवाट घण्टा": "kWh KWh KWH kwh",
    "किलोवाट": "kW",
    "मेगावाट": "MW",
    "किलोभोल्ट": "kV KV",
    "मिटर प्रति सेकेन्ड": "m/s",
    "मिलिमिटर प्रति घण्टा": "mm/hr mm/h",
    "टन": "ton Ton tons",
    "दर्जन": "dozen doz",
    "थान": "pcs pc",
    "इन्च": "inch",
    "हर्स पावर": "hp HP",
    "भोल्ट": "V",
    "वाट": "W",
    "एम्पियर": "A",
    "हर्ज": "Hz",
    "मेगावाट घण्टा": "MWh",
    "एमबीपीएस": "Mbps",
    "मिनेट": "mins min",
    "दिन": "days",
    "मिलिसेकेन्ड": "मि.से.",
    "घण्टा": "घ. hrs hr hour hours",
    "मिलिमिटर मर्करी": "mmHg mm_Hg",
    "मिलिग्राम प्रति डेसिलिटर": "mg/dL mg/dl",
    "किलोग्राम प्रति घन मिटर": "kg/m^3 kg/m3",
    "घन मिटर प्रति सेकेन्ड": "m^3/s m3/s",
    "क्युसेक": "cusec",
    "जीबी": "GB",
    "एमबी": "MB",
    "सेकेन्ड": "sec",
    "माइक्रोग्राम": "mcg μg ug",
    "सीसी": "cc CC",
    "आईयु": "IU iu",
    "डेसिलिटर": "dl dL",
    "ग्राम प्रति डेसिलिटर": "g/dL g/dl gm/dl",
    "मिलिग्राम प्रति किलोग्राम": "mg/kg",
    "मिलिलिटर प्रति किलोग्राम": "ml/kg",
    "मिलिग्राम प्रति मिलिलिटर": "mg/ml",
    "मिलिग्राम प्रति दिन": "mg/day",
    "मिलिमोल प्रति लिटर": "mmol/L mmol/l",
    "मिलिलिटर प्रति घण्टा": "ml/hr",
    "पटक प्रति मिनेट": "bpm",
    "चक्की": "tab tabs",
    "लिटर प्रति मिनेट": "LPM lpm",
    "क्युमेक": "cumec",
}  # fmt: skip
_PREFIXES: Final = {
    "किलो": "किलो",
    "मिलि": "मिलि",
    "मिली": "मिलि",
    "कि": "किलो",
    "मि": "मिलि",
    "से": "सेन्टि",
    "सेन्टि": "सेन्टि",
    "डे": "डेसि",
    "मे": "मेगा",
    "मा": "माइक्रो",
    "माइक्रो": "माइक्रो",
}
_BASES: Final = {
    "मिटर": ("मि", "मी", "मिटर", "मीटर"),
    "लिटर": ("लि", "ली", "लिटर", "लीटर"),
    "ग्राम": ("ग्रा", "ग्राम"),
}
_VOLUMES: Final = {"लिटर"}
_NO_PREFIX: Final = {"मिटर": r"मि\.|मी\.?", "लिटर": r"लि\.?|ली\.?", "ग्राम": r"ग्रा\.?"}
_SPOKEN_LETTERS: Final = {
    r"के\.?\s?जी\.?": "किलोग्राम", r"एम\.?\s?एल\.?": "मिलिलिटर", r"एम\.?\s?जी\.?": "मिलिग्राम",
    r"स[ीि]\.?\s?स[ीि]\.?": "सीसी", r"एम\.?\s?एम\.?": "मिलिमिटर", r"सी\.?\s?एम\.?|सि\.?\s?एम\.?": "सेन्टिमिटर",
    r"मि\.\s?से\.": "मिलिसेकेन्ड", r"के\.?\s?भी\.?": "किलोभोल्ट", r"मे\.?\s?वा\.?": "मेगावाट", r"कि\.?\s?वा\.?": "किलोवाट",
    r"हे\.": "हेक्टर", r"व\.?\s?मि\.?": "वर्ग मिटर", r"घ\.?\s?मि\.?": "घन मिटर",
    r"व\.?\s?कि\.?\s?मि\.?": "वर्ग किलोमिटर", r"व\.?\s?फि\.?": "वर्ग फिट",
}  # fmt: skip
_POWERS: Final = {"km": "किलोमिटर", "cm": "सेन्टिमिटर", "mm": "मिलिमिटर", "m": "मिटर", "ft": "फिट"}
_DOT: Final = r"\.?\s?"

LATIN_UNITS: Final[dict[str, str]] = {
    written.replace("_", " "): said for said, spellings in _LATIN.items() for written in spellings.split()
} | {
    f"{name}{power}": f"{shape} {word}"
    for name, word in _POWERS.items()
    for powers, shape in ((("^2", "2"), "वर्ग"), (("^3", "3"), "घन"))
    for power in powers
}
"""Written form to what is said, letter case as written."""


def _nepali() -> Iterator[tuple[str, str]]:
    for prefix, said in _PREFIXES.items():
        for base, spellings in _BASES.items():
            yield (
                rf"{prefix}{_DOT}(?:{either(spellings)})\.?",
                f"{said}{base}",
            )
    yield from _SPOKEN_LETTERS.items()
    for base, pattern in _NO_PREFIX.items():
        yield pattern, base


_ALL: Final = tuple(_nepali())
NEPALI_UNIT: Final = "|".join(pattern for pattern, _ in _ALL)
"""Any Nepali unit, longest first; a match of it is what `nepali_unit` takes."""

_EACH: Final = tuple((re.compile(pattern), said) for pattern, said in _ALL)


def nepali_unit(written: str) -> str:
    """``मि.ली.`` is मिलिलिटर.

    Raises:
        ValueError: it is none.
    """
    for pattern, said in _EACH:
        if pattern.fullmatch(written):
            return said
    raise ValueError(written)
