"""How much speaks for a silent schwa, or for ब where व is written.

The weights were learnt by `bench/pronunciation` from one half of the words of the Nepali lexicon in
google/language-resources (CC BY 4.0), as a logistic regression with a strong penalty on the number of contexts; the
figures in docs/voices.md were measured on the other half.
"""

from functools import lru_cache
from importlib import resources
from typing import Final

from app.speech.pronunciation.letters import literal_contexts, shape_contexts

SCALE: Final = 10
"""The table holds tenths of a logit, rounded."""

SILENT: Final = "silent"
LABIAL: Final = "b"


def silence(word: str, place: int) -> float:
    """Logit that the schwa behind the consonant at `place` of `word` is silent; negative: it is said."""
    weights = _weights()[SILENT]
    return _sum(weights, schwa_contexts(word, place))


def labial(word: str, place: int) -> float:
    """Logit that the व at `place` is said as ब."""
    return _sum(_weights()[LABIAL], labial_contexts(word, place))


def schwa_contexts(word: str, place: int) -> list[str]:
    """All that is weighed for the schwa behind `place`."""
    return [*literal_contexts(word, place), *shape_contexts(word, place)]


def labial_contexts(word: str, place: int) -> list[str]:
    """All that is weighed for the व at `place`."""
    return literal_contexts(word, place, 4, 4)


def _sum(weights: dict[str, int], contexts: list[str]) -> float:
    return sum(weights.get(context, 0) for context in contexts) / SCALE


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, int]]:
    tables: dict[str, dict[str, int]] = {SILENT: {}, LABIAL: {}}
    text = resources.files("app.speech.pronunciation").joinpath("weights.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("//"):
            question, context, weight = line.split("\t")
            tables[question][context] = int(weight)
    return tables
