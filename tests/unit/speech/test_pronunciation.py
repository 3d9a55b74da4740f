"""Words respelt for eSpeak, judged by the phonemes that it then says; and the bench that measures and learns."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import app as cli
from app.speech.comparing import compare
from app.speech.kinds.words import cardinal
from app.speech.pronunciation.letters import inherent_vowels
from app.speech.pronunciation.respelling import by_rules, respelt, respelt_word, says_schwa
from app.speech.voices import VOICES
from bench.pronunciation import learn
from bench.pronunciation.align import aligned
from bench.pronunciation.lexicon import halves, read
from bench.pronunciation.measure import Reader, measure
from bench.pronunciation.phones import from_espeak, from_lexicon

SAID = {
    "राम": "r aa m",
    "सरकार": "s ax r k aa r",
    "बिजुली": "b i jh u l i",
    "नेपाल": "n e p aa l",
    "नेपालको": "n e p aa l k o",
    "विकास": "b i k aa s",
    "बहादुर": "b ax h aa d u r",
    "समय": "s ax m ax y ax",
    "गर्छ": "g ax r tsh ax",
    "कमल": "k ax m ax l",
    "क्षमा": "tsh y ax m aa",
    "ज्ञान": "g y aa ~ n",
    "एघार": "e gh aa r ax",
    "अठार": "ax tth aa r ax",
    "तपाईं": "t ax p aa i ~",
    "दस": "d ax s",
    "घर": "gh ax r",
    "रकम": "r ax k ax m",
    "अस्पताल": "ax s p ax t aa l",
    "गर्‍यो": "g ax r y o",
    "नगरपालिका": "n ax g ax r p aa l i k aa",
    "शनिबार": "s ax n i b aa r",
}
WORDS = st.text(alphabet="कखगचजतदनपबमयरलवसहािीुेोौ्ँंःअआइउए\u200d\u200c", max_size=24)
SMALL = """# words of our own
राम\tr aa m
सरकार\ts ax r . k aa r
बल\tb ax l
गर्छ\tg ax r . tsh ax
भाइ\tbh aaj
वन\tb ax n
"""


reader = lru_cache(maxsize=1)(Reader)


def phones_of(spellings: list[str]) -> list[tuple[str, ...] | None]:
    """Run in the child: eSpeak keeps global state."""
    return [reader()(spelling) for spelling in spellings]


@pytest.fixture(scope="module")
def child() -> Iterator[ProcessPoolExecutor]:
    """A process that holds eSpeak once for all of these tests."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        yield executor


def in_child(child: ProcessPoolExecutor, function, *arguments):
    return child.submit(function, *arguments).result()


def test_everyday_words_are_said_as_nepali_speakers_say_them(child: ProcessPoolExecutor):
    said = in_child(child, phones_of, [respelt_word(word) for word in SAID])
    assert {word: " ".join(phones) for word, phones in zip(SAID, said, strict=True)} == SAID


def test_without_the_respelling_many_of_them_are_not(child: ProcessPoolExecutor):
    said = in_child(child, phones_of, list(SAID))
    assert sum(" ".join(phones) != right for phones, right in zip(said, SAID.values(), strict=True)) > 10


def test_no_two_numbers_below_a_hundred_sound_alike(child: ProcessPoolExecutor):
    said = in_child(child, phones_of, [respelt(cardinal(str(number))) for number in range(100)])
    assert len(set(said)) == 100


def test_words_that_espeak_has_right_are_left_alone():
    for word in ("पानी", "भुक्तानी", "घण्टा", "आमा", "दुई"):
        assert respelt_word(word) == word


def test_all_but_devanagari_words_is_left_as_it_is():
    assert respelt("hello, राम! ok") == "hello, राम्! ok"
    assert respelt("") == ""


def test_no_word_is_too_long():
    assert respelt_word("क" * 61) == "क" * 61


@settings(max_examples=500, deadline=None)
@given(WORDS)
def test_any_word_keeps_its_vowel_signs(word: str):
    signs = [letter for letter in by_rules(word) if letter in "िीुेौ"]
    assert [letter for letter in word if letter in "िीुेौ"] == signs


def test_inherent_vowels_are_those_of_bare_consonants():
    assert inherent_vowels("सरकारले") == [0, 1, 4]
    assert inherent_vowels("क़र्") == []


def test_what_espeak_does_with_a_schwa_is_known():
    assert says_schwa("स", "र", "कार")
    assert says_schwa("रा", "म", "")
    assert not says_schwa("का", "ल", "")
    assert not says_schwa("पूर्", "व", "")
    assert says_schwa("गर्", "छ", "")


@pytest.mark.parametrize(
    ("mnemonics", "phones"),
    [
        ("r 'a: m @", "r aa m ax"),
        ("t ,@ p a: 'I: N k o:", "t ax p aa i ng k o"),
        ("k: j a~ n", "k y aa ~ n"),
        ("(en) h @ l", None),
    ],
)
def test_espeaks_phonemes_are_the_lexicons(mnemonics: str, phones: str | None):
    assert from_espeak(mnemonics.split()) == (tuple(phones.split()) if phones else None)


def test_the_lexicons_phones_are_brought_to_the_same_form():
    assert from_lexicon(["bh", "aaj"]) == ("bh", "aa", "i")
    assert from_lexicon(["s", "aa", ".", "t", "axwn"]) == ("s", "aa", "t", "ax", "u", "~")
    assert from_lexicon(["ax", "d", ".", "dh", "y", "aaj", "k"]) == ("ax", "dh", "y", "aa", "i", "k")


def test_letters_are_aligned_with_their_phones():
    choices = aligned("सरकार", from_lexicon(["s", "ax", "r", ".", "k", "aa", "r"]))
    assert choices is not None
    assert [(choice.part, choice.sound) for choice in choices if choice.part == "schwa"] == [
        ("schwa", "ax"), ("schwa", ""), ("schwa", ""),
    ]  # fmt: skip
    assert aligned("राम", ("k",)) is None


def learnt_and_measured(folder: Path) -> dict[str, tuple[float, float]]:
    (folder / "lexicon.tsv").write_text(SMALL, "utf-8")
    lexicon = read(folder / "lexicon.tsv")
    learn.write_weights(lexicon, list(lexicon), folder / "weights.tsv")
    learn.write_exceptions(lexicon, list(lexicon), folder / "exceptions.tsv", reader(), lambda word: word)
    return measure(lexicon, list(lexicon), reader())


def test_weights_and_exceptions_are_learnt_and_measured(tmp_path: Path, child: ProcessPoolExecutor):
    figures = in_child(child, learnt_and_measured, tmp_path)
    assert (tmp_path / "weights.tsv").read_text("utf-8").startswith("// Learnt by")
    assert "सरकार\tस्अर्कार्" in (tmp_path / "exceptions.tsv").read_text("utf-8")
    alone, ours = figures["whole word wrong"]
    assert ours < alone
    assert figures["word broken that eSpeak alone had right"] == (0.0, 0.0)


def test_halves_do_not_depend_on_the_machine(tmp_path: Path):
    (tmp_path / "lexicon.tsv").write_text(SMALL, "utf-8")
    learning, measuring = halves(read(tmp_path / "lexicon.tsv"))
    assert sorted([*learning, *measuring]) == sorted(["राम", "सरकार", "बल", "गर्छ", "भाइ", "वन"])


def test_a_comparison_shows_both_ways_of_saying_a_word():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        reading, changes = in_child(apart, compare, "राम रु ५", VOICES["np_rija"])
    assert reading == "राम पाँच रुपैयाँ"
    ram = changes[0]
    assert (ram.word, ram.respelt, ram.changed) == ("राम", "राम्", True)
    assert not next(change for change in changes if change.word == "पाँच").changed


def test_the_command_shows_what_changed():
    result = CliRunner().invoke(cli, ["pronounce", "राम पानी"])
    assert result.exit_code == 0
    assert "राम्" in result.output
    assert "पानी\t" not in result.output
