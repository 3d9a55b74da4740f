"""The lexicon's Devanagari words, in two halves."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Final

from bench.pronunciation.phones import from_lexicon

_DEVANAGARI: Final = re.compile("[\u0900-\u0963\u200c\u200d]+")

Lexicon = dict[str, set[tuple[str, ...]]]
"""Word to its pronunciations."""


def read(path: Path) -> Lexicon:
    """The words of the file at `path`: tab-separated spelling and phones, ``#`` before comments."""
    lexicon: Lexicon = defaultdict(set)
    for line in path.read_text("utf-8").splitlines():
        spelling, _, phones = line.partition("\t")
        word = unicodedata.normalize("NFC", spelling)
        if phones.strip() and not line.startswith("#") and _DEVANAGARI.fullmatch(word):
            lexicon[word].add(from_lexicon(phones.partition("\t")[0].split()))
    return dict(lexicon)


def halves(lexicon: Lexicon) -> tuple[list[str], list[str]]:
    """The words to learn from and the words to measure on, told apart by a hash: the same on every machine."""
    learning, measuring = [], []
    for word in sorted(lexicon):
        (measuring if hashlib.sha256(word.encode()).digest()[0] & 1 else learning).append(word)
    return learning, measuring
