import pytest

from app.core.errors import InvalidError
from app.speech.voices import VOICES, voice_named


def test_three_voices_answer_to_their_names_in_any_case():
    assert list(VOICES) == ["np_rija", "np_prasanna", "np_binod"]
    assert voice_named(" NP_Rija ").name == "np_rija"
    assert voice_named("np_prashanna") is VOICES["np_prasanna"]


def test_an_unknown_voice_is_told_which_there_are():
    with pytest.raises(InvalidError) as caught:
        voice_named("np_nobody")
    (item,) = caught.value.items
    assert (item.field, item.code) == ("voice_input", "unknown_voice")
    assert all(name in item.message for name in VOICES)


def test_what_changes_the_sound_changes_the_fingerprint():
    assert len({voice.fingerprint for voice in VOICES.values()}) == 3
