"""Which Latin words are English, and which are Nepali ones that are written down exactly."""

from functools import lru_cache
from importlib import resources
from typing import Final

_ENDINGS: Final = (
    ("ies", "y"), ("ied", "y"), ("es", ""), ("es", "e"), ("s", ""), ("'s", ""), ("ed", ""), ("ed", "e"), ("ing", ""),
    ("ing", "e"), ("ly", ""), ("er", ""), ("er", "e"), ("or", ""), ("ment", ""), ("ments", ""), ("ness", ""),
    ("ful", ""), ("less", ""), ("ation", "e"), ("ation", ""), ("tion", ""), ("able", ""), ("able", "e"), ("n't", ""),
)  # fmt: skip
_SHORTEST_STEM: Final = 2


@lru_cache(maxsize=4096)
def is_english(word: str) -> bool:
    """Whether `word` (lower case) is one of our English words, or one with an English ending."""
    known = _english()
    if word in known:
        return True
    for ending, instead in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            doubled = stem[:-1] if stem[-1:] == stem[-2:-1] else stem  # stopped, planning
            if stem + instead in known or doubled + instead in known:
                return True
    return False


def nepali(word: str) -> str | None:
    """The Devanagari of a Nepali word, name or service that is known in Latin letters (lower case)."""
    return _nepali().get(word)


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    return frozenset(word for line in _lines("english.txt") for word in line.split())


@lru_cache(maxsize=1)
def _nepali() -> dict[str, str]:
    pairs = (line.partition("\t") for line in _lines("names.tsv"))
    return {latin: devanagari for latin, _, devanagari in pairs}


def _lines(name: str) -> list[str]:
    text = resources.files("app.speech.latin").joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("//")]
