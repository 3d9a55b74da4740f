"""Numbers as Nepali words.

Source: `digits-to-word-nepali` 0.2, checked word by word from 0 to 99 and at every scale against the reading
tests of google/language-resources, folder ``ne`` (Apache-2.0). Where they differ in sound, and not only in the
length of a vowel sign that Nepali does not pronounce, the spelling below was chosen; it also decides what the
engine says: it reads दश as "dəsh" and चौं as "chaun".
"""

import re
from functools import lru_cache
from typing import Final

from digits_to_word_nepali import digit_to_nepali_words

_UNITS: Final = {
    10: "दस",
    42: "बयालीस",
    64: "चौँसट्ठी",
    65: "पैँसट्ठी",
    91: "एकानब्बे",
    92: "बयानब्बे",
    93: "त्रियानब्बे",
    94: "चौरानब्बे",
    95: "पञ्चानब्बे",
    96: "छयानब्बे",
    97: "सन्तानब्बे",
    98: "अन्ठानब्बे",
}
_CONFIG: Final = {"units": {number: {"ne": word, "en": str(number)} for number, word in _UNITS.items()}}

DIGITS: Final = ("शून्य", "एक", "दुई", "तीन", "चार", "पाँच", "छ", "सात", "आठ", "नौ")
POINT: Final = "दशमलव"
MINUS: Final = "माइनस"
TO: Final = "देखि"

_LONGEST_CARDINAL: Final = 13
"""Digits of 99 kharab and a bit: nobody follows a longer number as a quantity, so it is spelt."""

_ORDINALS: Final = {1: "पहिलो", 2: "दोस्रो", 3: "तेस्रो", 4: "चौथो"}
# Ordinals whose stem is not the cardinal's, also at the end of a longer number.
_ORDINAL_ENDS: Final = {"छ": "छैटौँ", "नौ": "नवौँ"}
_VOWEL_SIGNS: Final = "ािीुूेैोौंँ"
_GROUPS: Final = {6: (3, 3), 7: (3, 4), 8: (4, 4), 9: (3, 3, 3), 10: (4, 3, 3)}
_DIGIT_RUNS: Final = re.compile(r"\d+")
_ONE_BREATH: Final = 5


@lru_cache(maxsize=4096)
def cardinal(digits: str) -> str:
    """A whole number given as ASCII digits: ``1250`` is एक हजार दुई सय पचास. Over 13 digits: digit by digit."""
    plain = digits.lstrip("0") or "0"
    if len(plain) > _LONGEST_CARDINAL:
        return spelt_in_groups(plain)
    return str(digit_to_nepali_words(int(plain), _CONFIG))


def decimal(digits: str, fraction: str) -> str:
    """``12`` and ``05`` (of 12.05): the fraction is read digit by digit, zeros included."""
    return f"{cardinal(digits)} {POINT} {spelt(fraction)}" if fraction else cardinal(digits)


def spelt(digits: str) -> str:
    """Digit by digit without pauses: ``042`` is शून्य चार दुई."""
    return " ".join(DIGITS[int(digit)] for digit in digits)


def spelt_in_groups(digits: str) -> str:
    """Digit by digit, with a pause (comma) after three or four so that a listener can write it down."""
    if len(digits) <= _ONE_BREATH:
        return spelt(digits)
    lengths = _GROUPS.get(len(digits)) or _even_groups(len(digits))
    parts: list[str] = []
    start = 0
    for length in lengths:
        parts.append(spelt(digits[start : start + length]))
        start += length
    return ", ".join(parts)


def spelt_as_grouped(written: str) -> str:
    """As the writer grouped the digits; a group that is too long for one breath is parted further."""
    return ", ".join(spelt_in_groups(part) for part in _DIGIT_RUNS.findall(written))


def ordinal(digits: str) -> str:
    """``1`` is पहिलो, ``5`` पाँचौँ, ``21`` एक्काइसौँ."""
    number = int(digits)
    if number in _ORDINALS:
        return _ORDINALS[number]
    words = cardinal(digits)
    before, space, last = words.rpartition(" ")
    if last in _ORDINAL_ENDS:
        return f"{before}{space}{_ORDINAL_ENDS[last]}"
    return f"{words}औँ" if words[-1] in _VOWEL_SIGNS else f"{words}ौँ"


def _even_groups(length: int) -> tuple[int, ...]:
    """Groups of four, the last two of three when that avoids a single digit at the end."""
    groups = [4] * (length // 4)
    rest = length % 4
    if rest == 1:
        groups[-1:] = [3, 2]
    elif rest:
        groups.append(rest)
    return tuple(groups)
