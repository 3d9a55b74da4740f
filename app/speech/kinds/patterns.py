"""What the kinds share: which characters are letters, what a written number looks like, how words join text."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

DEVANAGARI: Final = "\u0900-\u0963\u0971-\u097f"
"""Letters and signs, without digits, dandas and the abbreviation mark; for use inside a character class."""
LATIN: Final = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
LETTER: Final = LATIN + DEVANAGARI

# `\b` is of no use here: vowel signs are not word characters to it, so it sees an edge inside most Nepali words.
NOT_AFTER_LETTER: Final = rf"(?<![{LETTER}])"
NOT_BEFORE_LETTER: Final = rf"(?![{LETTER}])"

NUMBER: Final = r"\d+(?:,\d+)*(?:\.\d+)?"
"""A number as written, grouped or not; `parse` decides what it is."""

NUMBER_WORD: Final = r"(?:न(?:ं|म्बर|म्वर)|number|no(?=\.|\s*\d|:))\.?"
"""What is written before a number that names something."""
CODE_END: Final = r"(?![\d%]|[.,:]\d|/\d{1,4}(?!\d))"
"""Behind figures that are read digit by digit: they do not go on."""

_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}")
# What may follow a number without a space and belongs to it, as in २०८२को; anything else is a word of its own.
_SUFFIXES: Final = (
    "को",
    "का",
    "की",
    "मा",
    "ले",
    "लाई",
    "बाट",
    "देखि",
    "सम्म",
    "भन्दा",
    "तिर",
    "नै",
    "हरू",
    "हरु",
    "भित्र",
    "सहित",
    "औँ",
    "औं",
)
CASE_ENDING: Final = rf"(?:{'|'.join(_SUFFIXES[:-2])})"
"""What a word may end in without being another word."""


class Number(NamedTuple):
    """A written number: ASCII digits of the whole part without separators, and of the fraction."""

    whole: str
    fraction: str


def parse(written: str) -> Number | None:
    """``1,25,000.50`` and ``125,000.5`` as a number; None when the commas are not those of a grouped number."""
    whole, _, fraction = written.partition(".")
    if "," in fraction or ("," in whole and not _GROUPED.fullmatch(whole)):
        return None
    return Number(whole.replace(",", ""), fraction)


def either(words: Iterable[str]) -> str:
    """A pattern of any of `words`, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def gap_after(before: str) -> str:
    """What parts words from the text `before` them, as it ends."""
    return "" if before[-1].isspace() or before[-1] in "\"'(" else " "


def placed(match: re.Match[str], words: str) -> str:
    """`words` in place of `match`, parted from what touches it; a case ending stays attached."""
    text = match.string
    before = text[match.start() - 1] if match.start() else ""
    after = text[match.end() : match.end() + 5]
    left = " " if _touches(before) else ""
    right = " " if _touches(after[:1]) and not after.startswith(_SUFFIXES) else ""
    return f"{left}{words}{right}"


def _touches(character: str) -> bool:
    return character.isalnum() or "\u0900" <= character <= "\u0963"
