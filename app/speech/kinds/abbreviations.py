"""Abbreviations that are never anything else."""

import re
from typing import Final

from app.speech.kinds.patterns import DEVANAGARI, NOT_AFTER_LETTER

_LONG: Final = {
    "वि.सं.": "विक्रम संवत्",
    "वि. सं.": "विक्रम संवत्",
    "ई.सं.": "इस्वी संवत्",
    "इ.सं.": "इस्वी संवत्",
    "प्रा.लि.": "प्राइभेट लिमिटेड",
    "प्रा. लि.": "प्राइभेट लिमिटेड",
    "लि.": "लिमिटेड",
    "डा.": "डाक्टर",
    "नं.": "नम्बर",
    "नं": "नम्बर",
    "A/C": "खाता",
    "a/c": "खाता",
    "रु.": "रुपैयाँ",
    "रु": "रुपैयाँ",
    "रू.": "रुपैयाँ",
    "रू": "रुपैयाँ",
}
_SHORT: Final = "|".join(re.escape(short) for short in sorted(_LONG, key=len, reverse=True))
_ANY: Final = re.compile(rf"{NOT_AFTER_LETTER}({_SHORT})(?![{DEVANAGARI}])")


def read(text: str) -> str:
    """``डा. राम`` is डाक्टर राम."""
    return _ANY.sub(_expanded, text)


def _expanded(match: re.Match[str]) -> str:
    follows = match.string[match.end() : match.end() + 1]
    return _LONG[match[1]] + (" " if follows and not follows.isspace() else "")
