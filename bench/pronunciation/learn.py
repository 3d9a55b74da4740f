"""Weights and exceptions from the learning half of a lexicon."""

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.speech.pronunciation.evidence import LABIAL, SCALE, SILENT, labial_contexts, schwa_contexts
from app.speech.pronunciation.letters import VIRAMA, bare
from app.speech.pronunciation.respelling import sounded
from bench.pronunciation.align import aligned
from bench.pronunciation.lexicon import Lexicon

_ROUNDS: Final = 6
_SEED: Final = 7
_NOTE: Final = (
    "// Learnt by `python -m bench.pronunciation learn` from one half of the Nepali lexicon of\n"
    "// google/language-resources (Copyright 2018 Google Inc., CC BY 4.0).\n"
)
Example = tuple[list[str], bool]


class _Regression:
    """Logistic regression by FTRL-proximal (McMahan et al., 2013), which keeps few of many contexts."""

    def __init__(self, penalty: float) -> None:
        self._step, self._slack, self._l1, self._l2 = 0.2, 1.0, penalty, 0.2
        self._pull: dict[str, float] = {}
        self._seen: dict[str, float] = {}

    def weight(self, context: str) -> float:
        pull = self._pull.get(context, 0.0)
        if abs(pull) <= self._l1:
            return 0.0
        rate = (self._slack + math.sqrt(self._seen[context])) / self._step + self._l2
        return -(pull - math.copysign(self._l1, pull)) / rate

    def learn(self, contexts: list[str], label: bool) -> None:
        weights = [self.weight(context) for context in contexts]
        logit = max(-30.0, min(30.0, sum(weights)))
        miss = 1 / (1 + math.exp(-logit)) - label
        for context, weight in zip(contexts, weights, strict=True):
            seen = self._seen.get(context, 0.0)
            grown = (math.sqrt(seen + miss * miss) - math.sqrt(seen)) / self._step
            self._pull[context] = self._pull.get(context, 0.0) + miss - grown * weight
            self._seen[context] = seen + miss * miss

    def rows(self) -> dict[str, int]:
        rounded = {context: round(self.weight(context) * SCALE) for context in self._pull}
        return {context: weight for context, weight in sorted(rounded.items()) if weight}


def write_weights(lexicon: Lexicon, words: list[str], path: Path) -> None:
    """Learn both questions from `words` and write the table that `evidence` reads."""
    silent, labial = examples(lexicon, words)
    rows: list[str] = []
    for question, many, penalty in ((SILENT, silent, 4.0), (LABIAL, labial, 2.0)):
        rows += (f"{question}\t{context}\t{weight}" for context, weight in _learnt(many, penalty).items())
    path.write_text(_NOTE + "\n".join(rows) + "\n", "utf-8")


def _learnt(many: list[Example], penalty: float) -> dict[str, int]:
    regression = _Regression(penalty)
    order = random.Random(_SEED)  # noqa: S311 - the order of examples is no secret
    for _ in range(_ROUNDS):
        order.shuffle(many)
        for contexts, label in many:
            regression.learn(contexts, label)
    return regression.rows()


def examples(lexicon: Lexicon, words: list[str]) -> tuple[list[Example], list[Example]]:
    """Of silent and spoken schwas, and of व as b and w."""
    silent: list[Example] = []
    labial: list[Example] = []
    for word in words:
        plain = bare(word)
        for place, part, sound in aligned(plain, min(lexicon[word])) or ():
            if part == "schwa":
                silent.append((schwa_contexts(plain, place), sound == ""))
            elif part == "व":
                labial.append((labial_contexts(plain, place), sound == "b"))
    return silent, labial


def write_exceptions(
    lexicon: Lexicon,
    words: list[str],
    path: Path,
    reads: Callable[[str], tuple[str, ...] | None],
    rules: Callable[[str], str],
) -> None:
    """Of `words`, those that the rules have wrong and that eSpeak reads rightly when every sound is spelt out."""
    rows: list[str] = []
    for word in words:
        plain = bare(word)
        if reads(rules(plain)) in lexicon[word]:
            continue
        explicit = _explicit(plain, min(lexicon[word]))
        if explicit and reads(explicit) in lexicon[word]:
            rows.append(f"{plain}\t{explicit}")
    path.write_text(_NOTE + "\n".join(sorted(set(rows))) + "\n", "utf-8")


def _explicit(word: str, phones: tuple[str, ...]) -> str | None:
    choices = aligned(word, phones)
    if choices is None:
        return None
    letters = list(word)
    for place, part, sound in choices:
        if part == "schwa":
            letters[place] += VIRAMA if sound == "" else f"{VIRAMA}अ"
        elif part == "व" and sound == "b":
            letters[place] = "ब"
    return sounded("".join(letters))
