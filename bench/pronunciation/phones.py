"""One alphabet for eSpeak's phonemes and the lexicon's phones.

The lexicon (google/language-resources, ``ne``) marks some things that eSpeak's Nepali does not tell apart, and the
reverse. Both sides are brought to what a listener would call the same sound:

- vowel length is dropped (neither Nepali speech nor the lexicon has it);
- ``ax`` is the schwa, whichever of eSpeak's five (``@``, ``@2``, ``@3``, ``@-``, ``V``) it is;
- a diphthong is its two vowels (``aaj`` = ``aa i``): eSpeak has one of the two writings for each;
- a doubled consonant is one, also before its aspirate (``d dh`` = ``dh``): the lexicon doubles before r and y;
- the retroflex n is n, the three s are one: the lexicon has them so.
"""

import re
from collections.abc import Iterable
from typing import Final

VOWELS: Final = frozenset(("ax", "aa", "i", "u", "e", "o"))
NASAL: Final = "~"
"""Follows the vowel that is spoken through the nose."""

_VOWELS: Final = {
    "@ @2 @3 @- V": "ax", "a": "aa", "I i": "i", "u U": "u", "e": "e", "o": "o", "E VI": "ax i", "O VU": "ax u",
}  # fmt: skip
_CONSONANTS: Final = {
    "k": "k", "k#": "kh", "g": "g", "g#": "gh", "N": "ng", "c": "ts", "c#": "tsh", "J": "jh", "J#": "jhh", "n^": "n",
    "t.": "tt", "t.#": "tth", "d.": "dd", "d.#": "ddh", "n.": "n", "t": "t", "t#": "th", "d": "d", "d#": "dh",
    "n": "n", "p": "p", "p#": "ph", "b": "b", "b#": "bh", "m": "m", "j": "y", "r": "r", "*": "r", "l": "l",
    "w": "w", "v": "w", "S": "s", "s.": "s", "s": "s", "h": "h", "H": "h", ";": "",
}  # fmt: skip
ESPEAK: Final = {one: said for many, said in _VOWELS.items() for one in many.split()} | _CONSONANTS
"""eSpeak's mnemonic, without stress and length marks, to phones of the lexicon."""

_GLIDES: Final = {"j": "i", "w": "u"}
_DIPHTHONG: Final = re.compile("(ax|aa|o|e)([jw])(n?)")
_STRESS: Final = "',%=|_ "


def from_espeak(mnemonics: Iterable[str]) -> tuple[str, ...] | None:
    """Phones of one word; None when a mnemonic is not one of the Nepali voice (an English word).

    Args: mnemonics: as `Espeak.phonemes` gives them.
    """
    phones: list[str] = []
    for mnemonic in mnemonics:
        bare = mnemonic.strip(_STRESS)
        plain, nasal = bare.rstrip(":~"), [NASAL] if "~" in bare else []
        if not plain:
            continue
        if plain not in ESPEAK:
            return None
        phones += ESPEAK[plain].split() + nasal
    return _merged(phones)


def from_lexicon(phones: Iterable[str]) -> tuple[str, ...]:
    """Phones of one entry, syllable marks left out."""
    plain: list[str] = []
    for phone in phones:
        diphthong = _DIPHTHONG.fullmatch(phone)
        if diphthong:
            plain += [diphthong[1], _GLIDES[diphthong[2]], *([NASAL] if diphthong[3] else [])]
        elif phone[:-1] in VOWELS and phone[-1] == "n":
            plain += [phone[:-1], NASAL]
        elif phone != ".":
            plain.append("n" if phone == "nn" else phone)
    return _merged(plain)


def _merged(phones: Iterable[str]) -> tuple[str, ...]:
    merged: list[str] = []
    for phone in phones:
        if phone not in VOWELS and merged:
            if merged[-1] == phone:
                continue
            if f"{merged[-1]}h" == phone:
                merged.pop()
        merged.append(phone)
    return tuple(merged)
