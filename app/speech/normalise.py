"""From a message to the words that an engine is given. No digit and no symbol is left to the engine.

The kinds run in an order that matters: each takes what only it can be and leaves words behind, so a later one never
sees a part of a date or an amount as a plain number.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from app.speech.kinds import (
    abbreviations,
    accounts,
    blood,
    cleaning,
    codes,
    credit,
    dates,
    fiscal,
    halves,
    latin,
    measures,
    money,
    named_dates,
    names,
    negatives,
    numbers,
    plates,
    references,
    stamps,
    symbols,
    times,
    web,
)
from app.speech.limits import TooLongError

NORMALISER_VERSION: Final = 4
"""Part of the cache key: goes up with every change that alters what any text becomes."""

_NUMBER_STEPS: Final[tuple[Callable[[str], str], ...]] = (
    stamps.read,
    negatives.read,
    plates.read,
    references.read,
    accounts.read,
    fiscal.read,
    dates.read,
    named_dates.read,
    times.read,
    credit.read,
    halves.read,
    money.read,
    codes.read,
    measures.read,
    numbers.read,
)
_MOST_ROUNDS: Final = 4
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def spoken(text: str, own: Mapping[str, str] = _NONE, most: int | None = None) -> str:
    """`text` as words: ``रु १,२५०`` is एक हजार दुई सय पचास रुपैयाँ.

    Args:
        text: a message with its tags filled in.
        own: abbreviations of an account, written form to what is said; they go before ours.
        most: characters that the text may have before, after and between its steps; None: any number.

    Raises:
        TooLongError: it is, or grew, longer than `most`; what is left to do is not done.

    Any string is taken, the empty one too. The result holds letters of Devanagari and Latin, spaces and the
    pauses ``, . ? ! ।`` only, is in NFC, and is left as it is when given again.
    """
    text = _within(cleaning.clean(_within(text, most)), most)
    text = blood.read(web.read(_within(abbreviations.read_own(text, own, most), most)))
    if any(character.isdecimal() for character in text):
        for step in _NUMBER_STEPS:
            text = _within(step(text), most)
    for turn in range(_MOST_ROUNDS):  # ru is रु, and that is रुपैयाँ: until nothing is left that could be read
        apart = cleaning.without_orphans(cleaning.scripts_apart(text))
        words = latin.read(_within(abbreviations.read(names.read(apart)), most))
        if turn and words == text:
            break
        text = _within(symbols.read(words), most)
    return text


def _within(text: str, most: int | None) -> str:
    """`text`; TooLongError when it is over `most`. No step makes one character into more than some forty."""
    if most is not None and len(text) > most:
        raise TooLongError
    return text


def is_speakable(words: str) -> bool:
    """Whether the result of `spoken` holds a letter."""
    return any(character.isalpha() for character in words)
