"""Vowel signs as keyboards and converters of old fonts leave them, put right.

An engine reads a sign that belongs to no letter aloud by its name: काे is "ka ekar". Such text looks right on a screen,
and is common on pages of public offices. Put together: two signs for one (ा and े for ो), a letter with a sign for a
vowel (अा for आ, एे for ऐ, र्इ for ई). Dropped: doubles, and a virama beside a vowel sign.
Put in order: nasal signs go last.
"""

import re
from typing import Final

from app.speech.kinds.patterns import DEVANAGARI, either

_MATRAS: Final = "\u093a\u093b\u093e-\u094c\u094e\u094f\u0955-\u0957\u0962\u0963"
_NASALS: Final = "\u0900-\u0903"
_VIRAMA: Final = "\u094d"
_NUKTA: Final = "\u093c"
_CONSONANTS: Final = "\u0915-\u0939\u0958-\u095f\u0978-\u097f"
_VOWELS: Final = "\u0904-\u0914\u0960\u0961\u0972-\u0977"
_SIGNS: Final = rf"{_MATRAS}{_NASALS}{_VIRAMA}{_NUKTA}"

# Two matras in a row, in either order: one sign that was typed as two, or a short and a long one, which sound alike.
_TOGETHER: Final = {
    frozenset(pair): one
    for pair, one in {
        "ाे": "ो", "ाै": "ौ", "ाो": "ो", "ाौ": "ौ", "ोे": "ो", "ौै": "ौ", "ोै": "ौ", "ौे": "ौ", "ोौ": "ौ", "ेै": "ै",
        "िी": "ी", "ुू": "ू", "ृॄ": "ृ",
    }.items()
}  # fmt: skip
_VOWEL_AND_SIGN: Final = {
    "अा": "आ", "अि": "इ", "अी": "ई", "अु": "उ", "अू": "ऊ", "अे": "ए", "अै": "ऐ", "अो": "ओ", "अौ": "औ", "अृ": "ऋ",
    "अॉ": "ऑ", "आे": "ओ", "आो": "ओ", "आै": "औ", "आौ": "औ", "एे": "ऐ", "एै": "ऐ", "ओे": "औ", "ओै": "औ", "ओौ": "औ",
    "इी": "ई", "उू": "ऊ",
}  # fmt: skip
# Preeti has no key for these letters whole: it draws the half one and a stroke, which converters leave as ा.
_DRAWN_WITH_STROKE: Final = "णषञ"
_STROKES: Final = {"ा": "", "ो": "े", "ौ": "ै"}

_WRONG: Final = re.compile(
    rf"([{_CONSONANTS}{_VOWELS}])((?:(?<=[{_VOWELS}])[{_MATRAS}{_VIRAMA}]|[{_SIGNS}]{{2}})[{_SIGNS}]*)"
)
_REPH_FOR_STROKE: Final = re.compile(
    rf"र्[इई]|(?<=[{DEVANAGARI}])इर्(?!\u200d)|इर्(?![{_CONSONANTS}\u200c\u200d])"
)
_HOOKS: Final = {"पm": "फ", "प्m": "फ्", "भm": "झ", "उm": "ऊ", "त्रm": "क्र", "त्तm": "क्त"}
_HOOK: Final = re.compile(either(_HOOKS))
_APART: Final = re.compile(
    rf"(?<=[{_CONSONANTS}]) +(?=[{_MATRAS}\u0900-\u0902](?:[{DEVANAGARI}\s]|$)|{_VIRAMA}[{_CONSONANTS}])"
)
_USUAL: Final = re.compile(rf"[{_MATRAS}][{_NASALS}]|{_NUKTA}[{_MATRAS}{_VIRAMA}{_NASALS}]")
# Letters of other languages and times, which an engine for Nepali says by their numbers or as other languages do.
_OTHER_LETTERS: Final = str.maketrans(
    {
        "ऀ": "ँ", "ऄ": "ए", "ऍ": "ए", "ऎ": "ए", "ऑ": "अ", "ऒ": "ओ", "ॲ": "ए", "ॆ": "े", "ॊ": "ो", "ॅ": "्या", "ॉ": "",
        "ॏ": "ौ", "ऽ": "", "ॱ": "", "ॽ": "", "\u093a": "", "\u093b": "", "\u094e": "", "\u0962": "", "\u0963": "",
        "\u093c": "", "ऩ": "न", "ऱ": "र", "ऴ": "ल", "ॸ": "ड", "ॹ": "ज", "ॺ": "य", "ॻ": "ग", "ॼ": "ज", "ॾ": "ड",
        "ॿ": "ब",
    }
    | dict.fromkeys("ॳॴॵॶॷ", "अ")
    | dict.fromkeys("\u0951\u0952\u0953\u0954\u0955\u0956\u0957", "")
)  # fmt: skip
_NO_MATRAS: Final = f"{_VIRAMA}{_NUKTA}\u0900\u0901\u0902\u0903"
_IS_VOWEL: Final = re.compile(f"[{_VOWELS}]")


def repaired(text: str) -> str:
    """``नेपालकाे अाैषधि`` (in NFC) is ``नेपालको औषधि``; what is well written stays as it is."""
    text = _HOOK.sub(lambda match: _HOOKS[match[0]], text) if "m" in text else text
    text = _REPH_FOR_STROKE.sub("ई", text) if "इ" in text or "र्ई" in text else text
    return _WRONG.sub(_put_right, _APART.sub("", text))


def sayable(text: str) -> str:
    """`text` (in NFC) in the letters that Nepali has: डॉक्टर is डाक्टर, ज़ is ज."""
    if "ॉ" in text:
        text = text.replace("डॉल", "डल").replace("डॉ", "डा")  # डलर, but डाक्टर
    return text.translate(_OTHER_LETTERS)


def _put_right(match: re.Match[str]) -> str:
    letter, signs = match[1], match[2]
    if _USUAL.fullmatch(signs) and not _IS_VOWEL.match(letter):
        return match[0]
    if signs[0] == _VIRAMA and len(signs) > 1:
        signs = _without_stroke(letter, signs[1:])
    matra = _one([sign for sign in signs if sign not in _NO_MATRAS])
    nasal = next((sign for sign in "ँंऀ" if sign in signs), "")
    visarga = "ः" if "ः" in signs else ""
    if _IS_VOWEL.match(letter):
        return f"{_VOWEL_AND_SIGN.get(letter + matra, letter)}{nasal}{visarga}"
    nukta = _NUKTA if _NUKTA in signs else ""
    virama = _VIRAMA if _VIRAMA in signs and not (matra or nasal or visarga) else ""
    return f"{letter}{nukta}{matra}{virama}{nasal}{visarga}"


def _without_stroke(letter: str, signs: str) -> str:
    """What stands behind a half letter, without the stroke that made it whole."""
    if letter in _DRAWN_WITH_STROKE:
        return _STROKES.get(signs[0], signs[0]) + signs[1:]
    return signs[1:] if signs[0] == "ा" and signs != "ा" else signs


def _one(matras: list[str]) -> str:
    """One sign for all; of two that are no one sign the first."""
    said = matras[0] if matras else ""
    for sign in matras[1:]:
        said = _TOGETHER.get(frozenset((said, sign)), said)
    return said
