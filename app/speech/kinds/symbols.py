"""The last step: signs that mean a word are said, the rest become pauses or nothing.

What leaves here consists of Devanagari and Latin letters, spaces, joiners after a virama, apostrophes inside Latin
words, and the pauses ``, . ? ! ।``, each behind a word and before a space. Nothing else reaches an engine.
"""

import re
import unicodedata
from typing import Final

from app.speech.kinds.patterns import LATIN, LETTER

_AND: Final = "र"
_BETWEEN_WORDS: Final = {"&": _AND, "+": "प्लस", "=": "बराबर", "@": "एट", "×": "गुणा", "÷": "भाग"}
_ALONE: Final = {
    "%": "प्रतिशत",
    "‰": "प्रति हजार",
    "°": "डिग्री",
    "$": "डलर",
    "₹": "रुपैयाँ",
    "€": "युरो",
    "£": "पाउन्ड",
}

_OPERATOR: Final = re.compile(rf"(?<=[{LETTER}])\s*([&+=@×÷])\s*(?=[{LETTER}])")
_PLUS_BEHIND: Final = re.compile(rf"(?<=[{LETTER}])\+(?![+\S])")
_SIGN: Final = re.compile("[%‰°$₹€£]")
_LINE_END: Final = re.compile(rf"(?<=[{LETTER}\"')\]])[ \t]*\n\s*")
_INNER_DOT: Final = re.compile(rf"(?<=[{LETTER}])\.(?=[{LETTER}])")
_INNER_DASH: Final = re.compile(rf"(?<=[{LETTER}])-(?=[{LETTER}])")
_BREAKS: Final = re.compile(r"[:;/()\[\]{}\-\u2022]|\.{2,}|\u2026")
_APOSTROPHE: Final = re.compile(rf"(?<![{LATIN}])'|'(?![{LATIN}])")
_OTHER: Final = re.compile(rf"[^{LETTER}\u200c\u200d'\s,.?!।]")
_PAUSES: Final = re.compile(r"(?: ?[,.?!।])+ ?")
_STRENGTH: Final = "?!।."


def read(text: str) -> str:
    """Signs said, pauses in one form, everything else dropped; NFC."""
    text = _OPERATOR.sub(lambda match: f" {_BETWEEN_WORDS[match[1]]} ", text)
    text = _PLUS_BEHIND.sub(f" {_BETWEEN_WORDS['+']}", text)
    text = _SIGN.sub(lambda match: f" {_ALONE[match[0]]} ", text)
    text = _LINE_END.sub("। ", text.replace("॥", "।").replace("॰", "."))
    text = _INNER_DASH.sub(" ", _INNER_DOT.sub(" ", text))
    text = _BREAKS.sub(" , ", text)
    text = _OTHER.sub(" ", text)
    text = _APOSTROPHE.sub(" ", text)
    text = _PAUSES.sub(_pause, " ".join(text.split()))
    return unicodedata.normalize("NFC", " ".join(text.split()).lstrip(" ,.?!।").rstrip(" ,"))


def _pause(match: re.Match[str]) -> str:
    """The strongest of the marks in a row."""
    found = [mark for mark in _STRENGTH if mark in match[0]]
    return f"{found[0] if found else ','} "
