"""The letters of Nepali words, and where a schwa may be silent."""

import re
from collections.abc import Iterator
from typing import Final

CONSONANTS: Final = frozenset("कखगघङचछजझञटठडढणतथदधनपफबभमयरऱलळवशषसह")
SIGNS: Final = frozenset("ािीुूृेैोौॉ")
VOWELS: Final = frozenset("अआइईउऊऋएऐओऔऑ")
NASALS: Final = frozenset("ँंः")
VIRAMA: Final = "्"
EDGE: Final = "#"

_WORD: Final = re.compile("[\u0900-\u0963\u0971-\u097f\u200c\u200d]+")
_JOINERS: Final = re.compile("[\u200c\u200d]")
_NUKTA: Final = "़"
_LITTLE: Final = 4  # letters on the left that are weighed literally
_MUCH: Final = 5  # letters on the right
_TOGETHER: Final = 6
_SHAPE_SPANS: Final = (1, 2, 3, 4, 9)


def words_in(text: str) -> Iterator[re.Match[str]]:
    """The Devanagari words of `text`."""
    return _WORD.finditer(text)


def bare(word: str) -> str:
    """`word` without joiners: eSpeak takes one for the end of a word (गर्‍यो would be read as two)."""
    return _JOINERS.sub("", word)


def inherent_vowels(word: str) -> list[int]:
    """Indexes of the consonants that no vowel sign, virama or nukta follows: each has a schwa, said or silent."""
    return [
        place
        for place, letter in enumerate(word)
        if letter in CONSONANTS and not _follows(word, place, SIGNS | {VIRAMA, _NUKTA})
    ]


def _follows(word: str, place: int, letters: frozenset[str]) -> bool:
    return place + 1 < len(word) and word[place + 1] in letters


def literal_contexts(word: str, place: int, left: int = _LITTLE, right: int = _MUCH) -> list[str]:
    """``left·letter·right`` for the letter at `place`, with every span of its neighbours up to the word's edges."""
    padded = f"{EDGE}{word}{EDGE}"
    middle = place + 1
    return [
        f"{padded[middle - before : middle]}·{padded[middle]}·{padded[middle + 1 : middle + 1 + after]}"
        for before in range(min(left, middle) + 1)
        for after in range(min(right, len(padded) - middle - 1) + 1)
        if before + after <= _TOGETHER
    ]


def shape_contexts(word: str, place: int) -> list[str]:
    """What surrounds the schwa behind `place` by kinds of letters, also with some letters by name.

    Kinds: ``a`` a consonant with its own schwa, ``v`` one with a vowel sign, ``h`` one with a virama, ``V`` a vowel,
    ``n`` a nasal sign. The rule "silent between VC and CV" of the grammars is one of these contexts.
    """
    kinds = [_kind(word, index) for index in range(len(word))]
    before = EDGE + "".join(kinds[:place])
    after = "".join(kinds[place + 1 :]) + EDGE
    rest = word[place + 1 :] + EDGE
    letter = word[place]
    return [
        *(f"%{before[-left:]}·{after[:right]}" for left in _SHAPE_SPANS for right in _SHAPE_SPANS),
        *(f"%{before[-left:]}·{letter}·{after[:2]}" for left in (1, 2, 3)),
        *(f"%{before[-2:]}·{rest[:right]}" for right in (1, 2, 3, 4)),
        *([f"%{before[-3:]}·{rest}"] if len(rest) <= _TOGETHER else []),
    ]


def _kind(word: str, place: int) -> str:
    letter = word[place]
    if letter in CONSONANTS:
        if _follows(word, place, SIGNS):
            return "v"
        return "h" if _follows(word, place, frozenset(VIRAMA)) else "a"
    if letter in VOWELS:
        return "V"
    return "n" if letter in NASALS else ""
