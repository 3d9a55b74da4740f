from dataclasses import replace

import pytest

from app.campaigns.content import Content, StoredAudio
from app.campaigns.models import Campaign
from app.core.errors import InvalidError
from app.runs.models import Run

AUDIO = StoredAudio("audio/abc.pcm", "a.mp3", 1000)
FULL = Content("SMS & PHONE", "नमस्ते", "लेखिएको", (6, 7), "np_rija", AUDIO, "audio")


def test_what_an_order_brings_replaces_the_campaigns_and_the_rest_stays():
    order = Content(message="अर्को", voice="np_binod")
    assert FULL.with_changes(order) == replace(FULL, message="अर्को", voice="np_binod")


def test_a_blank_text_and_an_empty_failover_take_away_what_there_is():
    changed = FULL.with_changes(Content(sms_message="", failover=()))
    assert changed == replace(FULL, sms_message=None, failover=None)


def test_every_fault_of_a_content_is_told_at_once():
    with pytest.raises(InvalidError) as raised:
        Content("FAX", "{tags_name", "null").checked()
    assert {item.field for item in raised.value.items} == {"services", "message", "sms_message"}


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (Content("PHONE", "नमस्ते", "लेखिएको"), Content("PHONE", "नमस्ते", None, first="message")),
        (Content("PHONE", "नमस्ते", failover=(6,)), Content("PHONE", "नमस्ते", "नमस्ते", (6,), first="message")),
        (Content("SMS", "नमस्ते", failover=(6,)), Content("SMS", "नमस्ते", "नमस्ते", first="message")),
        (Content("PHONE", audio=AUDIO), Content("PHONE", audio=AUDIO, first="audio")),
        (FULL, FULL),
    ],
)
def test_a_run_keeps_a_text_if_it_writes_and_a_failover_if_it_calls(content, kept):
    assert content.for_run([]) == kept


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        (Content("PHONE"), "message", "message_or_audio_required"),
        (Content("SMS", audio=AUDIO), "message", "message_required"),
        (Content("PHONE", "नमस्ते", audio=AUDIO), "priority", "priority_required"),
        (Content("PHONE", "{tags_age}"), "message", "unknown_tag"),
        (Content("SMS", "नमस्ते", "{tags_age}"), "sms_message", "unknown_tag"),
    ],
)
def test_what_a_run_lacks_is_told_by_the_field_that_a_client_sends(content, field, code):
    with pytest.raises(InvalidError) as raised:
        content.for_run(["name"])
    assert [(item.field, item.code) for item in raised.value.items] == [(field, code)]


@pytest.mark.parametrize(
    ("row", "lost"),
    [(Campaign(), {"first": None}), (Run(), {"audio": replace(AUDIO, ms=None)})],
    ids=["campaign", "run"],
)
def test_a_row_gives_back_the_content_that_it_was_given(row, lost):
    row.keep(FULL)
    assert row.content == replace(FULL, **lost)
    row.keep(Content("PHONE", voice="np_rija"))
    assert row.content == Content("PHONE", voice="np_rija")
