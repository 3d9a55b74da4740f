"""Romanised Nepali to Devanagari, by the habits of people who type it: well enough to be understood.

Long and short vowels are not told apart in speech; a is. It is ā at the end of a word and in words of one closed
syllable (Ram, Lal), and the schwa elsewhere; who writes aa means ā everywhere.
"""

import re
from typing import Final

from app.speech.pronunciation.letters import VIRAMA

_CONSONANTS: Final = {
    "chh": "छ", "ksh": "क्ष", "shr": "श्र", "gy": "ग्य", "kh": "ख", "gh": "घ", "ch": "च", "jh": "झ", "th": "थ",
    "dh": "ध", "ph": "फ", "bh": "भ", "sh": "श", "tt": "ट्ट", "dd": "ड्ड", "k": "क", "g": "ग", "c": "क", "j": "ज",
    "t": "त", "d": "द", "n": "न", "p": "प", "f": "फ", "b": "ब", "m": "म", "y": "य", "r": "र", "l": "ल", "v": "व",
    "w": "व", "s": "स", "h": "ह", "z": "ज",
}  # fmt: skip
_VOWELS: Final = {
    "aai": ("आइ", "ाइ"), "aau": ("आउ", "ाउ"), "aa": ("आ", "ा"), "ai": ("ऐ", "ै"), "au": ("औ", "ौ"), "ee": ("ई", "ी"),
    "oo": ("ऊ", "ू"), "ou": ("औ", "ौ"), "ei": ("ई", "ी"), "a": ("अ", ""), "i": ("इ", "ि"), "u": ("उ", "ु"),
    "e": ("ए", "े"), "o": ("ओ", "ो"),
}  # fmt: skip
_LONG_A: Final = ("आ", "ा")
_PIECES: Final = re.compile(
    "|".join(sorted((*_CONSONANTS, *_VOWELS, "ng"), key=len, reverse=True)),
)
_SYLLABLE: Final = "(?:[^aeiou]{0,3}(?:aai|aau|aa|ai|au|ee|oo|ou|ei|[aeiou]))"
_SHAPE: Final = re.compile(rf"{_SYLLABLE}{{1,8}}[^aeiou]{{0,3}}")
# What English words have and romanised Nepali ones do not.
_CLUSTERED: Final = re.compile(
    "[^aeiou]{4}|ck|q|x|^[^aeiou]+$|mb$|ght|wh|sch|[ts]ion|ough|igh|ea|ie|oa|iou"
    "|[bcdfglmprstvz]{1,2}(?:a|i|o|u)[bcdgkmpstvz]e$|[ae]nce$|[bptdfgk]le$|ment|ity$|ism$|ist$|ology$|ures?$|ful$|ness$"
)
_X_IN_NAMES: Final = re.compile("x(?=[my])")
_SCHWA_END: Final = re.compile("[^aeiou](?:r|y|th)a$|^a$")  # Chandra, Satya, Shrestha
_ONE_CLOSED: Final = re.compile("[^aeiou]*a[^aeiou]+")

_ONSET: Final = "(?:chh|ksh|sh[rwv]|str|sth|tsh?|dny|ng|[kgcjtdpbs]h?[rywvl]?|[nmlhv][yhr]?|[rwyfz]|s[kptmn])"
_VOWEL: Final = "(?:aai|aau|aa|ai|au|ee|oo|ou|ei|ia|io|iu|ua|ui|oi|ie|[aeiou])"
_CODA: Final = (
    "(?:n(?:dh?|th?|kh?|gh?|j|chh?)|m(?:ph?|bh?)|r(?:kh?|gh?|m|n|th?|dh?|j|ch|sh|p|b|v|s|l|y)|s[tkp]|sth|l[tdk]|ksh?|kt|pt|gy"
    "|bb|ddh?|ggh?|jjh?|kkh?|ll|mm|nn|pp|rr|ss|tth?|[kgcjtdpbs]h|chh|[bcdfghjklmnprstvwyz])"
)
_SYLLABIC: Final = re.compile(f"{_ONSET}?{_VOWEL}(?:{_CODA}?{_ONSET}{_VOWEL})*{_CODA}?")


def is_syllabic(word: str) -> bool:
    """Whether `word` (lower-case ASCII letters) can be said as one in Nepali: ``yadav``, not ``undp`` nor ``rfid``."""
    return word[-2:-1] != word[-1:] and _SYLLABIC.fullmatch(word) is not None


def to_devanagari(word: str) -> str | None:
    """`word` (lower-case ASCII letters) in Devanagari; None when no Nepali word is written so."""
    if "x" in word:  # typed for छ: hunxa, paxi
        word = _X_IN_NAMES.sub("ksh", word).replace("x", "chh")
    if _CLUSTERED.search(word) or not _SHAPE.fullmatch(word):
        return None
    pieces = _PIECES.findall(word)
    if "".join(pieces) != word:
        return None
    closed = _ONE_CLOSED.fullmatch(word) is not None
    written: list[str] = []
    after_consonant = False
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        if piece in _VOWELS:
            long = piece == "a" and (
                closed or (last and not _SCHWA_END.search(word)) or bool(index and not after_consonant)
            )
            independent, sign = _LONG_A if long else _VOWELS[piece]
            written.append(sign if after_consonant else independent)
            after_consonant = False
            continue
        if after_consonant:
            written.append(VIRAMA)
        written.append(_consonant(piece, pieces[index + 1 : index + 2]))
        after_consonant = True
    return "".join(written)


def _consonant(piece: str, following: list[str]) -> str:
    """The ng is ङ at the end and before consonants, ङ्ग before a vowel."""
    if piece == "ng":
        return "ङ्ग" if following and following[0] in _VOWELS else "ङ"
    return _CONSONANTS[piece]
