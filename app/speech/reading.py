"""From a message and a recipient's values to the words that are spoken, never more than `LONGEST_READING` characters.

Pure, and for a process of its own: half a second of a processor is more than an event loop has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.speech.kinds.latin import guessed
from app.speech.limits import LONGEST_READING, LONGEST_TEXT, TooLongError
from app.speech.normalise import is_speakable, spoken
from app.speech.values import in_kind

Part = str | tuple[str, str]
"""Text as it stands, or the name of a tag and a recipient's value of it."""

Parts = Sequence[Part]
"""A message for one recipient, in order."""

Table = tuple[tuple[str, str], ...]
"""An account's abbreviations, written form and what is said, sorted: a key of caches."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read out.

    Attributes:
        words: what the engine is given; empty when nothing can be spoken.
        guessed: Latin words of the text that are read by the rules of romanised Nepali, once each.
    """

    words: str
    guessed: tuple[str, ...]


def refuse_too_long(parts: Parts) -> None:
    """Raise TooLongError for a text over `LONGEST_TEXT`; only lengths are added up, so it may be asked anywhere."""
    if sum(len(part) if isinstance(part, str) else len(part[1]) for part in parts) > LONGEST_TEXT:
        raise TooLongError


def read(parts: Parts, own: Mapping[str, str]) -> Reading:
    """The reading of a text.

    Args:
        parts: each value is read as what its column holds.
        own: abbreviations of the account, written form to what is said.

    Raises:
        TooLongError: it is over `LONGEST_TEXT`, or grew beyond `LONGEST_READING` at any step; it is left there.
    """
    refuse_too_long(parts)
    text = "".join(part if isinstance(part, str) else in_kind(*part) for part in parts)
    words = spoken(text, own, LONGEST_READING)
    return Reading(words if is_speakable(words) else "", tuple(guessed(text)))
