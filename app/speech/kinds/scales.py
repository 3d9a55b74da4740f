"""Quantities written with the names of scales: १ लाख ५० हजार, 2.5 crore, ६७.५ अर्ब.

The spellings are those that banks, newspapers and offices use beside the dictionary's: ब and व change places (अर्व),
the half letter comes and goes (अरब, अर्ब), and each has several in Latin letters.
"""

import re
from fractions import Fraction
from typing import Final

from app.speech.kinds.patterns import CASE_ENDING, LATIN, LETTER, NUMBER, Number, either, parse
from app.speech.kinds.words import cardinal, decimal


def _named(spellings: str, factor: int, word: str) -> dict[str, tuple[int, str]]:
    return dict.fromkeys(spellings.split(), (factor, word))


SCALES: Final = {
    **_named("सय सौ", 10**2, "सय"),
    **_named("हजार हज्जार thousand thousands hajar hazar k", 10**3, "हजार"),
    **_named("लाख lakh lakhs lac lacs lakhe lak", 10**5, "लाख"),
    **_named("करोड करोड़ crore crores cr karod karor krore", 10**7, "करोड"),
    **_named("अरब अर्ब अरव अर्व arab arabs arba arb", 10**9, "अरब"),
    **_named("खरब खर्ब खरव खर्व kharab kharabs kharba kharb", 10**11, "खरब"),
    **_named("million millions मिलियन mn mln m", 10**6, "मिलियन"),
    **_named("billion billions बिलियन bn bln", 10**9, "बिलियन"),
    **_named("trillion trillions ट्रिलियन tn", 10**12, "ट्रिलियन"),
}
_FOREIGN: Final = {"मिलियन", "बिलियन", "ट्रिलियन"}  # said in our own scales: 3 million is तीस लाख
_DECIMAL: Final = {"अरब", "खरब"}  # news say सतसट्ठी दशमलव पाँच अरब, and nobody पचास करोड behind it
_SHORTEST_ALONE: Final = 3
"""Letters of a scale that is one without a currency: 5 m are metres and 4 k a name; ``cr`` is one all the same."""

_NAMES: Final = either(SCALES)
SCALE: Final = (
    rf"(?:{_NAMES})(?:(?<=[{LATIN}])(?![{LATIN}])|(?<![{LATIN}])(?:(?![{LETTER}])|(?={CASE_ENDING})))"
)
"""A scale as a whole word, or before a case ending."""
NEXT_PARTS: Final = rf"(?:\s*{NUMBER}\s*{SCALE}){{0,5}}"
"""What follows the first number and scale of a compound."""

_PART: Final = re.compile(rf"({NUMBER})\s*({SCALE})", re.IGNORECASE)
_COMPOUND: Final = re.compile(rf"{NUMBER}\s*{SCALE}{NEXT_PARTS}", re.IGNORECASE)


def amount_of(written: str) -> Number | None:
    """As `parse`, and also groups set wrongly (1,2500): beside a currency it is one amount, if it can be one."""
    number = parse(written)
    whole, _, fraction = written.partition(".")
    groups = whole.split(",")
    if number is None and all(len(group) > 1 for group in groups[1:]) and len(groups[-1]) > 2:
        return Number("".join(groups), fraction)
    return number


def factor_of(scale: str) -> int:
    """What `scale` multiplies by."""
    return SCALES[scale.lower()][0]


def is_scale_alone(scale: str) -> bool:
    """Whether `scale` makes a quantity of a number that has no currency."""
    return not scale.isascii() or len(scale) >= _SHORTEST_ALONE or scale.lower() == "cr"


def quantity(number: Number, scale: str | None) -> str:
    """1.25 lakh is said as the number it is; five lakh stays five lakh, 67.5 arab has its point."""
    if scale is None:
        return decimal(number.whole, number.fraction)
    factor, word = SCALES[scale.lower()]
    if word not in _FOREIGN and not number.fraction:
        return f"{cardinal(number.whole)} {word}"
    product = Fraction(f"{number.whole}.{number.fraction or 0}") * factor
    if product.denominator == 1 and word not in _DECIMAL:
        return cardinal(str(product.numerator))
    return f"{decimal(number.whole, number.fraction)} {word}"


def compound(written: str) -> str | None:
    """``1 लाख 50 हजार`` in words.

    None unless the scales descend and each number stays below the scale before it: then it is no one quantity.
    """
    said: list[str] = []
    above = 0
    for digits, scale in _PART.findall(written):
        number, factor = amount_of(digits), factor_of(scale)
        if number is None or (above and (factor >= above or int(number.whole) * factor >= above)):
            return None
        said.append(quantity(number, scale))
        above = factor
    return " ".join(said) if said else None


def first_part(written: str) -> str:
    """The first number with its scale, of a compound that is none."""
    match = _PART.match(written)
    return match[0] if match else written
