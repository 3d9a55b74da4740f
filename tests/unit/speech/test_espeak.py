"""The engine in a process of its own each time: its library keeps global state."""

import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import espeakng_loader
import pytest

from app.speech.engine import EngineError, NothingSpokenError
from app.speech.espeak import Espeak, _split
from app.speech.voices import VOICES, Voice

RIJA = VOICES["np_rija"]


def heard(text: str, voice: Voice = RIJA, data_path: str | None = None) -> tuple[str, int, int]:
    """Version, bytes and rate of `text`; run in the child."""
    if data_path:
        espeakng_loader.get_data_path = lambda: data_path
    engine = Espeak()
    pcm, rate = engine.synthesize(text, voice)
    return engine.version, len(pcm), rate


def run(*arguments: object) -> tuple[str, int, int]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        return executor.submit(heard, *arguments).result()


def test_it_speaks_and_says_which_version_it_is():
    version, size, rate = run("नमस्ते राम")
    assert version.startswith("1.52")
    assert rate == 22_050
    assert size > rate // 2


def test_markup_is_not_obeyed():
    plain = run("एक दुई")[1]
    assert run('एक <break time="30s"/> दुई')[1] < plain + 22_050 * 2 * 10


def test_an_unknown_variant_is_refused_though_the_library_accepts_it():
    with pytest.raises(EngineError, match="variant 'f99'"):
        run("नमस्ते", replace(RIJA, variant="f99"))
    with pytest.raises(EngineError, match="no voice"):
        run("नमस्ते", replace(RIJA, language="nowhere"))
    with pytest.raises(EngineError, match="outside 80 to 450"):
        run("नमस्ते", replace(RIJA, rate=20))


def test_a_text_without_sound_is_told_from_a_broken_engine():
    with pytest.raises(NothingSpokenError):
        run("")


def test_data_below_a_long_path_is_found(tmp_path: Path):
    deep = tmp_path / ("d" * 100) / ("e" * 100) / "espeak-ng-data"
    shutil.copytree(espeakng_loader.get_data_path(), deep)
    assert run("नमस्ते", RIJA, str(deep))[1] == run("नमस्ते")[1]


def test_missing_data_is_an_error_and_not_the_end_of_the_process(tmp_path: Path):
    with pytest.raises(EngineError):
        run("नमस्ते", RIJA, str(tmp_path))


def test_long_texts_are_handed_over_in_pieces_at_sentence_ends():
    sentence = "यो एउटा वाक्य हो।"
    pieces = list(_split(" ".join([sentence] * 500)))
    assert all(len(piece) <= 2000 for piece in pieces)
    assert all(piece.endswith("।") for piece in pieces)
    assert " ".join(pieces) == " ".join([sentence] * 500)


def test_long_texts_without_sentences_or_spaces_are_cut_too():
    assert [len(piece) for piece in _split("क" * 4500)] == [2000, 2000, 500]
    assert all(len(piece) <= 2000 for piece in _split("क " * 3000))
