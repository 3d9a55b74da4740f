"""Text typed for the Preeti font: Nepali that is stored as Latin letters and signs, told apart and converted.

Preeti draws Devanagari shapes over the codes of a Latin keyboard: ``;Ltf zdf{`` shows as सीता शर्मा in that font alone.
Whoever stores, speaks or sends such text needs it in Unicode.
"""

import re
from typing import Final

_KEYS: Final = dict(
    zip(
        "`abcdefghjklnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "0123456789"
        "!@#$%^&*()"
        "~_+-=[]\\{}|;:'\"<>?./",
        (
            *"ञबद अमभान जवप".replace(" ", ""), "ि", *"लयउ", "त्र", *"चकतगखधहथश",
            "ब्", "द्य", "ऋ", "म्", "भ्", "ँ", "न्", "ज्", "क्ष्", "व्", "प्", "ी", "ः", "ल्", "इ", "ए", "त्त", "च्", "क्",
            "त्", "ग्", "ख्", "ध्", "ह्", "थ्", "श्",
            "ण्", "ज्ञ", "द्द", "घ", "द्ध", "छ", "ट", "ठ", "ड", "ढ",
            *"१२३४५६७८९०",
            "ञ्", ")", "ं", "(", ".", "ृ", "े", "्", "{", "ै", "्र", "स", "स्", "ु", "ू", "?", "श्र", "रु", "।", "र",
        ),
        strict=True,
    )
) | {
    "i": "ष्", "m": "m", ",": ",", " ": " ", "\n": "\n",
    "ª": "ङ", "Ë": "ङ्ग", "Í": "ङ्क", "Î": "ङ्ख", "Ù": ";", "Ú": "’", "Û": "!", "Ü": "%", "Ý": "ट्ठ", "ß": "द्म",
    "å": "द्व", "Ø": "्य", "Ì": "न्न", "¿": "रू", "©": "र", "´": "झ", "‰": "झ्", "›": "द्र", "˜": "ऽ", "¶": "ठ्ठ",
    "§": "ट्ट", "•": "ड्ड", "£": "घ्", "¡": "ज्ञ्", "Å": "हृ", "ç": "ॐ", "÷": "/", "×": "×", "Ö": "=",
}  # fmt: skip

_C: Final = "[क-ह]"
_CLUSTER: Final = f"(?:{_C}्)*{_C}(?:्{_C})*"
_SIGNS: Final = "[ा-ौ]"
# In this order: shapes that are two keys become one letter before signs move round whole letters.
_RULES: Final = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        ("्ा", ""),
        ("त्रm", "क्र"), ("त्तm", "क्त"), ("उm", "ऊ"), ("भm", "झ"), ("पm", "फ"), ("प्m", "फ्"), ("इ\\{", "ई"),
        (f"ि({_CLUSTER})", "\\1ि"),  # typed before the letter that it is spoken after
        (f"({_SIGNS}{{1,3}})((?:्{_C}){{1,3}})", "\\2\\1"),
        (f"({_CLUSTER}{_SIGNS}*[ँंः]?)\\{{", "र्\\1"),  # r above a letter: typed after it, spoken before it
        (f"([ँंः])({_SIGNS}+)", "\\2\\1"),
        ("([ँंःे-ौु-ृ])\\1+", "\\1"),
        ("ेा|ाे", "ो"), ("ैा|ाै", "ौ"), ("अा", "आ"), ("आे|अो", "ओ"), ("आै|अौ", "औ"), ("एे", "ऐ"),
    )
)  # fmt: skip
_LONGEST_WORD: Final = 60
_WORD: Final = re.compile(f"(?:{_CLUSTER}{_SIGNS}?[ँंः]*|[अ-औ][ँंः]*|[०-९]+|ॐ)+्?")


def _converted(text: str) -> str:
    """Word by word, each of bounded length: what some rules take grows with the square of it."""
    return " ".join(_word(word) if len(word) <= _LONGEST_WORD else word for word in text.split(" "))


def _word(word: str) -> str:
    word = "".join(_KEYS.get(key, key) for key in word)
    for pattern, put in _RULES:
        word = pattern.sub(put, word)
    return word


# Twice the log of how much more often a sign stands in Preeti text than in English and romanised Nepali, rounded;
# counted in 48,000 Nepali words and as many others. Signs that are not here say nothing.
_WEIGHTS: Final = {
    sign: weight
    for weight, signs in {
        -9: "-.", -8: "(),@BC", -7: "M", -6: "2i", -5: "1A", -4: "EHa", -3: "4IJKRehry", -2: "0STcmtu", -1: "3DNPUYnop",
        1: "LVklvw", 2: "!#$%&*5<=?W^_`j", 3: "GOg", 4: "8Xqx", 5: "6FQz", 6: "Z", 7: ">/f", 8: "'~",
        9: '"+7:;[\\]{|}ªËÍÎßåØÌ´',
    }.items()
    for sign in signs
}  # fmt: skip
_ENOUGH: Final = 12
_CERTAIN: Final = 14
# What means something of its own: addresses, placeholders, numbers (a lone digit is a letter).
_APART: Final = re.compile(
    r"(?<!\S)[^\s:]{1,20}://\S+|(?<!\S)[^\s@]+@[^\s@]+(?!\S)|\{\{?\s*\w+[^{}]*\}|(?<![^\s(])\d[\d.,:/-]+(?![^\s)])|(?<!\S)Rs\.?(?!\S)"
)
_DEVANAGARI: Final = re.compile("[ऀ-ॿ]")
_LETTER_PAIR: Final = re.compile("[A-Za-z].*[A-Za-z]", re.DOTALL)
_NO_PUNCTUATION: Final = dict.fromkeys(map(ord, " \n.,?!()।:;-=%‘’“”/"))
_LONGEST: Final = 5_000


def is_preeti(text: str) -> bool:
    """Whether `text` was typed for the Preeti font, by how often its letters and signs stand in such text.

    Of single words that were not counted for the weights 79 in 100 are known, of two words together 98. Of English and
    romanised words 1 in 12,000 is taken for it. At most the first 5,000 characters are read.
    """
    return _score(text) >= _ENOUGH and _is_written(_converted(_APART.sub(" ", text[:_LONGEST])))


def from_preeti(text: str) -> str | None:
    """`text` in Unicode when it is Preeti and every letter of it converts to well-formed Nepali; None otherwise.

    Numbers, web addresses and placeholders such as ``{tags_name}`` stay as they are.
    """
    if len(text) > _LONGEST or _score(text) < _CERTAIN:
        return None
    converted, at = [], 0
    for kept in _APART.finditer(text):
        converted += [_converted(text[at : kept.start()]), kept[0]]
        at = kept.end()
    converted.append(_converted(text[at:]))
    return "".join(converted) if all(map(_is_written, converted[::2])) else None


def _score(text: str) -> int:
    if _DEVANAGARI.search(text) or not _LETTER_PAIR.search(text):
        return 0
    return sum(_WEIGHTS.get(sign, 0) for sign in _APART.sub(" ", text[:_LONGEST]))


def _is_written(text: str) -> bool:
    """Whether the converted text is made of syllables, as Nepali is."""
    return not _WORD.sub("", text).translate(_NO_PUNCTUATION)
