"""Phrases that people really send, each with the readings that are right; spaces and punctuation do not count."""

import json
import re
from pathlib import Path

from app.speech.normalise import spoken

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases.jsonl").read_text("utf-8").splitlines()]
_PUNCTUATION = re.compile(r"[\s,.?!।'-]")


def bare(text: str) -> str:
    return _PUNCTUATION.sub("", text)


def test_phrases_that_people_send_are_read_right():
    wrong = {
        case["text"]: spoken(case["text"])
        for case in CASES
        if bare(spoken(case["text"])) not in {bare(said) for said in case["accept"]}
    }
    assert wrong == {}
