"""Nepali words respelt so that eSpeak NG says them as Nepali speakers do.

eSpeak reads राम as "rāma" and सरकार as "sarakāra": it keeps most schwas that are silent. It obeys a virama, and अ
behind a virama is a schwa that it cannot leave out, so both answers can be written down. A word is respelt only
when eSpeak's own reading of it is most probably wrong: breaking a word that it had right is worse than leaving one
that it had wrong.
"""

import re
from functools import lru_cache
from importlib import resources
from math import exp
from typing import Final, NamedTuple

from app.speech.pronunciation.evidence import labial, silence
from app.speech.pronunciation.letters import VIRAMA, bare, inherent_vowels, words_in

VERSION: Final = 1
"""Goes up with every change of the rules, weights or exceptions."""

_LEAVE_FROM: Final = 0.04
"""Probability that eSpeak alone has a word right, from which it is left alone; chosen within the learning half."""

_UNSURE_END: Final = 0.2
"""An end whose schwa is silent with a probability this near to a half is left to eSpeak even in a respelt word."""

_SAID: Final = f"{VIRAMA}अ"
_LONGEST: Final = 60
"""Letters; nothing longer is a word, and its own reading is as good as any."""

# Sounds that Nepali has for letters of Sanskrit, and the nasal before a consonant that has none of its own, with
# how often eSpeak's reading of them is the lexicon's.
_SOUNDS: Final = tuple(
    (re.compile(pattern), said, right)
    for pattern, said, right in (
        ("^क्ष", "छ्य", 0.03),
        ("क्ष", "क्छ्य", 0.03),
        ("ज्ञा", "ग्याँ", 0.02),
        ("ज्ञ", "ग्य", 0.02),
        ("ं(?=[सशषवयरल])", f"म{VIRAMA}", 0.2),
        ("ं(?=ह)", f"ङ{VIRAMA}", 0.3),
        ("(?<=[इईउऊएओऔैौ])ं|ं$", "ँ", 0.03),
    )
)
_KEPT_AT_END: Final = frozenset("कछमयरवह")
_KEPT_BEFORE_N: Final = ("ै", "ए", "दि")


class _Reading(NamedTuple):
    """A word as it ought to be said.

    Attributes:
        spelling: for eSpeak.
        right_alone: probability that eSpeak says the word rightly as it is written.
    """

    spelling: str
    right_alone: float


def respelt(text: str) -> str:
    """`text` with its Devanagari words respelt for eSpeak; all else as it is."""
    parts: list[str] = []
    end = 0
    for match in words_in(text):
        parts += (text[end : match.start()], respelt_word(match[0]))
        end = match.end()
    return "".join((*parts, text[end:]))


@lru_cache(maxsize=16_384)
def respelt_word(word: str) -> str:
    """One Devanagari word as eSpeak has to be given it."""
    plain = bare(word)
    exception = exceptions().get(plain)
    if exception is not None:
        return exception
    return plain if len(plain) > _LONGEST else by_rules(plain)


def by_rules(word: str) -> str:
    """`word` without a look at the exceptions."""
    reading = _reading(word)
    return word if reading.right_alone > _LEAVE_FROM else reading.spelling


def _reading(word: str) -> _Reading:
    letters = list(word)
    right = 1.0
    for place, letter in enumerate(word):
        if letter == "व":
            labially = _probability(labial(word, place))
            right *= 1 - labially
            letters[place] = "ब" if labially > 0.5 else "व"
    for place in inherent_vowels(word):
        silent = _probability(silence(word, place))
        alone = says_schwa(word[:place], word[place], word[place + 1 :])
        right *= 1 - silent if alone else silent
        said = alone if place == len(word) - 1 and abs(silent - 0.5) < _UNSURE_END else silent <= 0.5
        if not said:
            letters[place] += VIRAMA
        elif not says_schwa("".join(letters[:place]), letters[place], word[place + 1 :]):
            letters[place] += _SAID
    spelling = "".join(letters)
    for pattern, sound, chance in _SOUNDS:
        spelling, found = pattern.subn(sound, spelling)
        right *= chance**found
    return _Reading(spelling, right)


def says_schwa(before: str, letter: str, after: str) -> bool:
    """Whether eSpeak says the schwa behind `letter`, of a word without a sign there.

    As observed on all words of the lexicon: inside a word always, at its end behind a cluster and behind some
    letters; never behind a व that ends a cluster.
    """
    if before.endswith(VIRAMA):
        return letter != "व"
    if after or not before:
        return True
    return letter in _KEPT_AT_END or (letter == "न" and before.endswith(_KEPT_BEFORE_N))


def _probability(logit: float) -> float:
    return 1 / (1 + exp(-logit))


def sounded(word: str) -> str:
    """`word` with the letters that eSpeak reads as in Sanskrit replaced by those that Nepali says."""
    for pattern, said, _ in _SOUNDS:
        word = pattern.sub(said, word)
    return word


@lru_cache(maxsize=1)
def exceptions() -> dict[str, str]:
    """Words that the rules have wrong, and how they are respelt."""
    folder = resources.files("app.speech.pronunciation")
    lines = [
        line
        for name in ("exceptions.tsv", "everyday.tsv")  # the later one wins
        for line in folder.joinpath(name).read_text("utf-8").splitlines()
    ]
    found: dict[str, str] = {}
    for line in lines:
        word, tab, respelling = line.partition("\t")
        if tab:
            found[word] = respelling
    return found
