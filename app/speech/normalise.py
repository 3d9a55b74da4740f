"""From a message to the words that an engine is given. No digit and no symbol is left to the engine.

The kinds run in an order that matters: each takes what only it can be and leaves words behind, so a later one never
sees a part of a date or an amount as a plain number.
"""

from collections.abc import Callable
from typing import Final

from app.speech.kinds import (
    abbreviations,
    cleaning,
    codes,
    dates,
    measures,
    money,
    numbers,
    symbols,
    times,
    web,
)

NORMALISER_VERSION: Final = 1
"""Part of the cache key: goes up with every change that alters what any text becomes."""

_STEPS: Final[tuple[Callable[[str], str], ...]] = (
    cleaning.clean,
    web.read,
    dates.read,
    times.read,
    money.read,
    codes.read,
    measures.read,
    numbers.read,
    cleaning.without_orphans,
    abbreviations.read,
    symbols.read,
)


def spoken(text: str) -> str:
    """`text` as words: ``रु १,२५०`` is एक हजार दुई सय पचास रुपैयाँ.

    Any string is taken, the empty one too. The result holds letters of Devanagari and Latin, spaces and the
    pauses ``, . ? ! ।`` only, is in NFC, and is left as it is when given again.
    """
    for step in _STEPS:
        text = step(text)
    return text


def is_speakable(words: str) -> bool:
    """Whether the result of `spoken` holds a letter."""
    return any(character.isalpha() for character in words)
