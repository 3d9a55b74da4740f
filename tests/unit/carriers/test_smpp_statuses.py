import re
from pathlib import Path

import pytest

from app.calls.reasons import REASONS
from app.carriers.smpp_statuses import STATUSES, Refusal, refusal_of, status_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "sms.md"


@pytest.mark.parametrize("refusal", [Refusal.SESSION, Refusal.BUSY, Refusal.LATER])
def test_the_document_has_the_table(refusal):
    (row,) = re.findall(rf"^\| {refusal} \|.*\|(.*)\|$", DOCUMENT.read_text(), re.MULTILINE)
    written = {int(code, 16) for code in re.findall(r"0x\w+", row)}
    assert written == {code for code, status in STATUSES.items() if status.refusal is refusal}


def test_every_status_has_a_reason_with_a_sentence():
    assert {status.reason for status in STATUSES.values()} <= REASONS.keys()


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (0x14, Refusal.LATER),
        (0x58, Refusal.BUSY),
        (0x08, Refusal.LATER),
        (0x64, Refusal.LATER),
        (0x04, Refusal.SESSION),
        (0x0B, Refusal.FINAL),
        (0xFF, Refusal.FINAL),
        (0x0411, Refusal.FINAL),
    ],
)
def test_a_refusal_is_about_the_message_the_number_the_pace_or_the_session(code, refusal):
    assert refusal_of(code) is refusal


def test_what_the_operator_says_goes_before_the_table():
    assert refusal_of(0x0B, frozenset({0x0B})) is Refusal.LATER


def test_a_status_that_nobody_knows_ends_the_message():
    assert status_of(0x0499).reason == "rejected"
