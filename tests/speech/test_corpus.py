"""Sentences of real kinds against what a Nepali speaker says; `corpus/write.py` tells where that is from."""

import re
from pathlib import Path

import pytest

from app.speech.normalise import spoken

FILES = sorted((Path(__file__).parent / "corpus").glob("*.tsv"))
LETTERS_AND_PAUSES = re.compile("[\u0900-\u0963\u0971-\u097fA-Za-z\u200c\u200d' ,.?!।]*")


def sentences(path: Path) -> list[tuple[str, str]]:
    return [tuple(line.split("\t")) for line in path.read_text("utf-8").splitlines()]  # type: ignore[misc]


def test_the_corpus_is_large():
    assert sum(len(sentences(path)) for path in FILES) >= 1_500


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_sentences_are_said_as_a_nepali_speaker_says_them(path: Path):
    wrong = [(written, said, spoken(written)) for written, said in sentences(path) if spoken(written) != said]
    assert len(wrong) <= len(sentences(path)) // 100, wrong[:5]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_neither_digit_nor_symbol_reaches_the_engine(path: Path):
    assert all(LETTERS_AND_PAUSES.fullmatch(spoken(written)) for written, _ in sentences(path))
