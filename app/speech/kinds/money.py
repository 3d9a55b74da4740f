"""Amounts of money.

``₹`` is read रुपैयाँ without a country: keyboards in Nepal type it for both rupees, and the wrong one would be a
wrong amount. ``INR``, ``भारु`` and ``IRs`` are भारतीय रुपैयाँ.
"""

import re
from fractions import Fraction
from typing import Final, NamedTuple

from app.speech.kinds.patterns import LETTER, NOT_AFTER_LETTER, NUMBER, Number, parse, placed
from app.speech.kinds.words import MINUS, TO, cardinal, decimal


class _Currency(NamedTuple):
    unit: str
    hundredth: str


_RUPEE: Final = _Currency("रुपैयाँ", "पैसा")
_INDIAN: Final = _Currency("भारतीय रुपैयाँ", "पैसा")
_DOLLAR: Final = _Currency("डलर", "सेन्ट")
_EURO: Final = _Currency("युरो", "सेन्ट")
_POUND: Final = _Currency("पाउन्ड", "पेनी")

# Lower case, without dots and spaces.
_BEFORE: Final = {
    **dict.fromkeys(("रु", "रू", "नेरु", "नेरू", "rs", "nrs", "npr", "₹", "रुपैयाँ", "रूपैयाँ"), _RUPEE),
    **dict.fromkeys(("भारु", "भारू", "inr", "irs"), _INDIAN),
    **dict.fromkeys(("$", "us$", "usd"), _DOLLAR),
    **dict.fromkeys(("€", "eur"), _EURO),
    **dict.fromkeys(("£", "gbp"), _POUND),
}
_AFTER: Final = {
    **_BEFORE,
    **dict.fromkeys(("रुपैंयाँ", "रुपैंया", "रुपैया", "रुपियाँ", "रुपिया", "rupees", "rupee"), _RUPEE),
    **dict.fromkeys(("डलर", "dollars", "dollar"), _DOLLAR),
    **dict.fromkeys(("युरो", "euros", "euro"), _EURO),
    **dict.fromkeys(("पाउन्ड", "pounds", "pound"), _POUND),
    **dict.fromkeys(("/-", "/="), _RUPEE),
}
_SCALES: Final = {
    **dict.fromkeys(("हजार", "thousand", "k"), (10**3, "हजार")),
    **dict.fromkeys(("लाख", "lakh", "lakhs", "lac", "lacs"), (10**5, "लाख")),
    **dict.fromkeys(("करोड", "crore", "crores", "cr"), (10**7, "करोड")),
    **dict.fromkeys(("अरब", "arab"), (10**9, "अरब")),
    **dict.fromkeys(("खरब", "kharab"), (10**11, "खरब")),
    **dict.fromkeys(("million", "मिलियन", "mn", "m"), (10**6, "मिलियन")),
    **dict.fromkeys(("billion", "बिलियन", "bn"), (10**9, "बिलियन")),
}
_FOREIGN: Final = {"मिलियन", "बिलियन"}  # said in our own scale: 3 million is तीस लाख
# After one of these, रुपैयाँ belongs to what was before it and the next number is about something else.
_AMOUNT_BEFORE: Final = re.compile(r"(?:\d|हजार|लाख|करोड|अरब|खरब)\s*$")


def _either(words: dict[str, _Currency] | dict[str, tuple[int, str]]) -> str:
    """Any of `words`, longest first, a dot allowed after each letter of the abbreviated ones."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SCALE: Final = rf"(?:\s*({_either(_SCALES)})(?![{LETTER}]))?"
_SIGN: Final = r"(-\s?)?"
_PREFIXES: Final = rf"ने\.\s?रु|भा\.\s?रु|N\.\s?Rs|{_either(_BEFORE)}"
_PREFIXED: Final = re.compile(
    rf"{_SIGN}{NOT_AFTER_LETTER}({_PREFIXES})[.:]{{0,2}}\s*{_SIGN}({NUMBER})(?:\s?-\s?({NUMBER})(?!\d|,\d|\s*%|[-/]\d))?{_SCALE}"
    rf"(?:\s?/[-=](?!\d))?(?:\s*(?:रु|रू)पैयाँ)?",
    re.IGNORECASE,
)
_SUFFIXED: Final = re.compile(
    rf"(?<![\d.,/:])(?<!\d-)(?:(?<![{LETTER}\d])(-))?({NUMBER})(?:\s?-\s?({NUMBER}))?{_SCALE}\s*({_either(_AFTER)})"
    rf"(?![A-Za-z])",
    re.IGNORECASE,
)
_SCALED: Final = re.compile(rf"(?<![\d.,/:-])({NUMBER})\s*({_either(_SCALES)})(?![{LETTER}])", re.IGNORECASE)


def read(text: str) -> str:
    """``रु १,२५,०००`` (digits already ASCII) is एक लाख पच्चिस हजार रुपैयाँ; ``Rs. 1250.50`` ends in पचास पैसा."""
    text = _PREFIXED.sub(_prefixed, text)
    text = _SUFFIXED.sub(_suffixed, text)
    return _SCALED.sub(_scaled, text)


def _prefixed(match: re.Match[str]) -> str:
    key = re.sub(r"[.\s]", "", match[2].lower())
    if key.endswith("पैयाँ") and _AMOUNT_BEFORE.search(match.string[max(0, match.start() - 8) : match.start()]):
        return match[0]
    negative = bool(match[1] or match[3])
    return _amounts(match, _BEFORE[key], (match[4], match[5]), match[6], negative=negative)


def _suffixed(match: re.Match[str]) -> str:
    return _amounts(match, _AFTER[match[5].lower()], (match[2], match[3]), match[4], negative=bool(match[1]))


def _scaled(match: re.Match[str]) -> str:
    """A quantity such as 1.25 lakh without a currency; 5 m and 4 k are not money then but metres and names."""
    number = _number(match[1])
    if number is None or (len(match[2]) < 3 and match[2].lower() != "cr"):
        return match[0]
    return placed(match, _quantity(number, match[2]))


def _amounts(
    match: re.Match[str],
    currency: _Currency,
    written: tuple[str, str | None],
    scale: str | None,
    *,
    negative: bool,
) -> str:
    numbers = [_number(part) for part in written if part]
    first, last = numbers[0], numbers[-1]
    if first is None or last is None:
        return match[0]
    spoken = _money(last, scale, currency)
    if len(numbers) > 1:
        spoken = f"{_quantity(first, None)} {TO} {spoken}"
    return placed(match, f"{MINUS} {spoken}" if negative else spoken)


def _number(written: str) -> Number | None:
    """As `parse`, and also groups set wrongly (1,2500): beside a currency it is one amount, if it can be one."""
    number = parse(written)
    whole, _, fraction = written.partition(".")
    groups = whole.split(",")
    if number is None and all(len(group) > 1 for group in groups[1:]) and len(groups[-1]) > 2:
        return Number("".join(groups), fraction)
    return number


def _money(number: Number, scale: str | None, currency: _Currency) -> str:
    cents = number.fraction.ljust(2, "0")
    if scale or len(cents) > 2:
        return f"{_quantity(number, scale)} {currency.unit}"
    if not int(cents):
        return f"{cardinal(number.whole)} {currency.unit}"
    hundredths = f"{cardinal(cents)} {currency.hundredth}"
    return f"{cardinal(number.whole)} {currency.unit} {hundredths}" if int(number.whole) else hundredths


def _quantity(number: Number, scale: str | None) -> str:
    """1.25 lakh is said as the number it is; five lakh stays five lakh."""
    if scale is None:
        return decimal(number.whole, number.fraction)
    factor, word = _SCALES[scale.lower()]
    if word not in _FOREIGN and not number.fraction:
        return f"{cardinal(number.whole)} {word}"
    product = Fraction(f"{number.whole}.{number.fraction or 0}") * factor
    if product.denominator == 1:
        return cardinal(str(product.numerator))
    return f"{decimal(number.whole, number.fraction)} {word}"
