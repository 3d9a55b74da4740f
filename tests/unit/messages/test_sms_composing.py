"""Texts that may be of any size: what is too long is never cut into segments."""

import pytest

from app.messages import sms_composing
from app.messages.composing import CannotComposeError
from app.messages.sms_composing import compose_sms, composed_sms
from app.messages.sms_preview import LOOKED_AT_CHARACTERS, size_of
from app.messages.sms_text import MOST_SEGMENTS


@pytest.mark.parametrize(
    "value", ["a" * 1_000_000, "क" * 1_000_000, "क" * 17_086, "a" * 39_016, "🇳🇵" * 8_543]
)
def test_a_text_of_too_many_segments_is_refused_before_it_is_cut(value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sms_composing, "sms_of", None)
    with pytest.raises(CannotComposeError) as caught:
        compose_sms("{tags_x}", {"tags_x": value})
    assert caught.value.reason == "too_long"


def test_as_many_segments_as_can_be_counted_are_sent():
    for value in ("a" * 153 * MOST_SEGMENTS, "क" * 67 * MOST_SEGMENTS):
        assert len(compose_sms("{tags_x}", {"tags_x": value}).segments) == MOST_SEGMENTS


@pytest.mark.parametrize(
    ("text", "segments"), [("a" * 160, 1), ("a" * 161, 2), ("क" * 70, 1), ("क" * 135, 3)]
)
def test_a_text_is_sent_within_the_limit_and_refused_over_it(text: str, segments: int):
    assert len(compose_sms(text, {}, most=segments).segments) == segments
    with pytest.raises(CannotComposeError) as caught:
        compose_sms(text, {}, most=segments - 1)
    assert caught.value.reason == "too_long"


async def test_a_long_text_is_cut_like_a_short_one():
    for value in ("नमस्ते " * 10, "नमस्ते " * 1_000):
        assert await composed_sms("{tags_x}", {"tags_x": value}) == compose_sms(value, {})


def test_no_more_texts_are_measured_than_time_is_for():
    values = [{"tags_x": "क" * 10_000}] * 200
    size = size_of("{tags_x}", values, 200)
    assert (size.least, size.most, size.exact) == (150, 150, False)
    assert size.segments == 150 * 200
    assert LOOKED_AT_CHARACTERS < 200 * 10_000


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("नेपालकाे बिजुली {tags_name}", "नेपालको बिजुली लाई"),
        ("नि:शुल्क रु. ५०० {{x}} Ram Bdr.", "नि:शुल्क रु. ५०० {x} Ram Bdr."),
        ("गर्‍यो, दुःख, करोड़, डॉक्टर", "गर्‍यो, दुःख, करोड़, डॉक्टर"),
    ],
)
def test_a_text_is_sent_as_written_but_for_signs_that_belong_to_no_letter(written, sent):
    assert "".join(compose_sms(written, {"tags_name": "लार्इ"}).segments) == sent
