"""Which letter of a word made which phone: the labels to learn from."""

from typing import Final, NamedTuple

from app.speech.pronunciation.letters import CONSONANTS, SIGNS, VIRAMA
from bench.pronunciation.phones import NASAL, VOWELS

_SOUNDS: Final = dict(
    zip(
        "कखगघङचछजझटठडढतथदधनपफबभमयरऱलळशषसहण",
        [
            "k",
            "kh",
            "g",
            "gh",
            "ng",
            "ts",
            "tsh",
            "jh",
            "jhh",
            "tt",
            "tth",
            "dd",
            "ddh",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "r",
            "l",
            "l",
            "s",
            "s",
            "s",
            "h",
            "n",
        ],
        strict=True,
    )
)
_SEVERAL: Final = {
    "व": ("w", "b"), "ञ": ("n", "y", ""), "य": ("y", ""), "ह": ("h", ""), "झ": ("jhh", "jh"), "न": ("n", "ng", "m"),
    "क्ष": ("k s", "k tsh y", "tsh y", "k tsh", "tsh", "ts tsh y"), "ज्ञ": ("jh n", "g y", "g", "k y"),
    "ं": ("n", "m", "ng", NASAL, ""), "ँ": (NASAL,), "ः": ("h", ""),
    "schwa": ("ax", ""), VIRAMA: ("", "ax"),
}  # fmt: skip
_VOWELS: Final = {
    "अ": "ax", "आ ा ऑ ॉ": "aa", "इ ि ई ी": "i", "उ ु ऊ ू": "u", "ऋ ृ": "r i", "ए े": "e", "ऐ ै": "ax i", "ओ ो": "o",
    "औ ौ": "ax u",
}  # fmt: skip
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    **{letter: (sound,) for letter, sound in _SOUNDS.items()},
    **{letter: (sound,) for letters, sound in _VOWELS.items() for letter in letters.split()},
    **_SEVERAL,
}
_NUKTA: Final = "़"
_LIGATURES: Final = ("क्ष", "ज्ञ")
_LATER_CHOICE: Final = 0.01
_UNHEARD_NASAL: Final = 0.4
_WRONG: Final = 1.0
_BEAM: Final = 12


class Choice(NamedTuple):
    """What a part of a word was said as.

    Attributes:
        place: index of its last letter.
        part: letter or ligature, or ``schwa``.
        sound: phones; None when they do not fit.
    """

    place: int
    part: str
    sound: str | None


class _Way(NamedTuple):
    cost: float
    choices: tuple[Choice, ...]


def aligned(word: str, phones: tuple[str, ...]) -> tuple[Choice, ...] | None:
    """The cheapest way from `word` (without joiners) to `phones`; None when none of it fits without a wrong letter."""
    ways = {0: _Way(0.0, ())}
    for place, part in _parts(word):
        if part not in _CHOICES:
            return None
        further: dict[int, _Way] = {}
        for position, way in ways.items():
            for order, sound in enumerate(_CHOICES[part]):
                reached, cost = _emitted(sound.split(), phones, position)
                cost += way.cost + order * _LATER_CHOICE
                if cost < _WRONG and (reached not in further or further[reached].cost > cost):
                    further[reached] = _Way(cost, (*way.choices, Choice(place, part, sound)))
        ways = dict(sorted(further.items(), key=lambda item: item[1].cost)[:_BEAM])
    end = ways.get(len(phones))
    return end.choices if end else None


def _parts(word: str) -> list[tuple[int, str]]:
    parts: list[tuple[int, str]] = []
    place = 0
    while place < len(word):
        part = next((item for item in _LIGATURES if word.startswith(item, place)), word[place])
        place += len(part)
        if part == _NUKTA:
            continue
        parts.append((place - 1, part))
        follows = word[place : place + 1]
        if part[-1] in CONSONANTS and (not follows or follows not in SIGNS | {VIRAMA, _NUKTA}):
            parts.append((place - 1, "schwa"))
    return parts


def _emitted(sound: list[str], phones: tuple[str, ...], position: int) -> tuple[int, float]:
    """Where `sound` ends in `phones`, and what that costs; a doubled consonant counts once."""
    cost = 0.0
    for phone in sound:
        if position < len(phones) and phones[position] == phone:
            position += 1
        elif phone == NASAL:
            cost += _UNHEARD_NASAL
        elif phone in VOWELS or not position or not phones[position - 1].startswith(phone):
            return position, _WRONG
    return position, cost
