"""Piper voices with several speakers: one model serves several of our names."""

from pathlib import Path

import pytest

from app.files.blobs import BlobStore
from app.speech.engine import EngineError
from app.speech.piper import Piper
from app.speech.pool import SpeechPool
from app.speech.service import Speech
from app.speech.voices import with_engines
from tests.unit.speech.tiny_piper import tone_of, write_model

TEXT = "नमस्ते"


def voices(path: Path) -> dict:
    return with_engines(f"np_rija=piper:{path}#0, np_prasanna=piper:{path}#1, np_binod=piper:{path}")


def test_each_name_is_spoken_by_its_own_speaker_of_one_model(tmp_path: Path):
    engine, named = Piper(), voices(write_model(tmp_path / "two.onnx", [300, 500]))

    tones = {}
    for name, voice in named.items():
        engine.check(voice)
        tones[name] = round(tone_of(engine.synthesize(TEXT, voice)[0]))

    assert tones == {"np_rija": 300, "np_prasanna": 500, "np_binod": 300}
    assert len(engine._loaded) == 1, "the model is in memory once"
    assert len({voice.fingerprint for voice in named.values()}) == 3


@pytest.mark.parametrize(
    ("tones", "asked", "sentence"),
    [
        ([300, 500], "#2", "asks for speaker 2 .* has the speakers 0 to 1"),
        ([300, 500], "#999999", "has the speakers 0 to 1"),
        ([300], "#1", "has one speaker, so leave # out"),
        ([300, 500], "#rija", "asks for speaker 'rija' .* write its number"),
        ([300, 500], "#-1", "write its number"),
        ([300, 500], "#", "write its number"),
    ],
)
def test_a_speaker_that_the_model_has_not_is_said_at_the_start(tmp_path: Path, tones, asked, sentence):
    path = write_model(tmp_path / "voice.onnx", tones)
    with pytest.raises(EngineError, match=sentence):
        Piper().check(with_engines(f"np_rija=piper:{path}{asked}")["np_rija"])


def test_a_model_with_fewer_speakers_than_its_json_says_is_said_at_the_start(tmp_path: Path):
    path = write_model(tmp_path / "voice.onnx", [300, 500], told=18)
    with pytest.raises(EngineError, match="Piper failed"):
        Piper().check(with_engines(f"np_rija=piper:{path}#7")["np_rija"])


def test_a_file_may_have_the_mark_in_its_name(tmp_path: Path):
    (tmp_path / "a#1").mkdir()
    path = write_model(tmp_path / "a#1" / "voice.onnx", [300, 500])
    for asked, tone in (("", 300), ("#1", 500)):
        voice = with_engines(f"np_rija=piper:{path}{asked}")["np_rija"]
        assert round(tone_of(Piper().synthesize(TEXT, voice)[0])) == tone


async def test_the_service_speaks_with_both_and_refuses_to_start_with_a_third(tmp_path: Path):
    path = write_model(tmp_path / "two.onnx", [300, 500])
    blobs, named = BlobStore.open(str(tmp_path / "blobs")), voices(path)
    speech = Speech(SpeechPool(1, voices=named.values()), blobs, 10**8, voices=named)
    await speech.start()
    try:
        said = {name: await speech.say(TEXT, name) for name in ("np_rija", "np_prasanna")}
        assert said["np_rija"].pcm != said["np_prasanna"].pcm
        assert not any(one.fallback for one in said.values())
    finally:
        await speech.close()

    wrong = with_engines(f"np_rija=piper:{path}#2")
    speech = Speech(SpeechPool(1, voices=wrong.values()), blobs, 10**8, voices=wrong)
    try:
        with pytest.raises(Exception, match="speakers 0 to 1"):
            await speech.start()
    finally:
        await speech.close()
