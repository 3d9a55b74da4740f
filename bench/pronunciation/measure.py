"""How many words are said right, by eSpeak alone and with the respelling."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.speech.espeak import Espeak
from app.speech.pronunciation.letters import CONSONANTS, bare
from app.speech.pronunciation.respelling import respelt_word
from app.speech.voices import VOICES
from bench.pronunciation.lexicon import Lexicon
from bench.pronunciation.phones import VOWELS, from_espeak

_SCHWA: Final = "ax"


class Reader:
    """Words to phones through eSpeak, whose phonemes do not depend on the voice's variant."""

    def __init__(self) -> None:
        self._engine = Espeak()
        self._voice = next(iter(VOICES.values()))

    def __call__(self, spelling: str) -> tuple[str, ...] | None:
        return from_espeak(self._engine.phonemes(spelling, self._voice))


@dataclass
class Figures:
    """Counts of one way of reading; a broken word is one that eSpeak alone had right."""

    counts: Counter[str] = field(default_factory=Counter)

    def share(self, part: str, whole: str) -> float:
        return self.counts[part] / max(1, self.counts[whole])


def measure(
    lexicon: Lexicon, words: list[str], read: Callable[[str], tuple[str, ...] | None]
) -> dict[str, tuple[float, float]]:
    """Shares of errors, each for eSpeak alone and for the product; ``broken`` for the product only."""
    plain, ours = Figures(), Figures()
    for word in words:
        alone, said = read(word), read(respelt_word(word))
        for figures, phones in ((plain, alone), (ours, said)):
            _count(figures.counts, bare(word), lexicon[word], phones, alone)
    return {
        name: (plain.share(part, whole), ours.share(part, whole))
        for name, part, whole in (
            ("whole word wrong", "wrong", "words"),
            ("schwa said at the end where there is none", "end said", "end silent"),
            ("schwa missing at the end where there is one", "end missing", "end spoken"),
            ("inner schwas wrong, words", "inner wrong", "words"),
            ("word broken that eSpeak alone had right", "broken", "right alone"),
            ("end broken that eSpeak alone had right", "end broken", "end right alone"),
        )
    }


def _count(
    counts: Counter[str],
    word: str,
    entries: set[tuple[str, ...]],
    said: tuple[str, ...] | None,
    alone: tuple[str, ...] | None,
) -> None:
    said, alone = said or (), alone or ()
    counts["words"] += 1
    counts["wrong"] += said not in entries
    counts["right alone"] += alone in entries
    counts["broken"] += alone in entries and said not in entries
    shapes = {_inner_schwas(entry) for entry in entries}
    counts["inner wrong"] += _inner_schwas(said) not in shapes
    if word[-1] in CONSONANTS:
        _count_end(counts, {entry[-1:] == (_SCHWA,) for entry in entries}, said, alone)


def _count_end(
    counts: Counter[str], spoken: set[bool], said: tuple[str, ...], alone: tuple[str, ...]
) -> None:
    ends, ends_alone = said[-1:] == (_SCHWA,), alone[-1:] == (_SCHWA,)
    if spoken == {False}:
        counts["end silent"] += 1
        counts["end said"] += ends
    elif spoken == {True}:
        counts["end spoken"] += 1
        counts["end missing"] += not ends
    counts["end right alone"] += ends_alone in spoken
    counts["end broken"] += ends_alone in spoken and ends not in spoken


def _inner_schwas(phones: tuple[str, ...]) -> str:
    """The vowels in order, schwas told from others and the last letter's schwa left out: which schwas are silent."""
    inner = phones[:-1] if phones[-1:] == (_SCHWA,) else phones
    return "".join("a" if phone == _SCHWA else "V" for phone in inner if phone in VOWELS)
