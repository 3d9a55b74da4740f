"""Lines as public bodies publish them, shortened: police, municipalities, banks, health offices."""

from pathlib import Path

import pytest

from app.speech.espeak import Espeak
from app.speech.normalise import spoken
from bench.read_aloud import heard, left, unread

LINES = (Path(__file__).parent / "real.txt").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def engine() -> Espeak:
    return Espeak()


def test_no_digit_no_symbol_and_no_unread_latin_reaches_the_engine():
    assert [sign for line in LINES for sign in left(spoken(line))] == []
    assert [word for line in LINES for word in unread(spoken(line))] == []


def test_no_name_of_a_sign_or_letter_is_heard(engine: Espeak):
    assert {line: list(heard(engine, spoken(line))) for line in LINES if [*heard(engine, spoken(line))]} == {}


@pytest.mark.parametrize("words", ["नेपालक ाे", "राम ऽ", "क ्", "ẽ", "zz"])
def test_names_are_found_where_they_are_said(engine: Espeak, words: str):
    assert [*heard(engine, words)] != []
