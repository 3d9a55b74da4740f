"""A line that anybody can cause is written once in a while."""

import pytest
import structlog

from app.core import seldom
from app.core.seldom import Seldom


def test_what_happens_often_is_one_line_with_its_count(monkeypatch: pytest.MonkeyPatch):
    now = 0.0
    log = Seldom(every_s=10, clock=lambda: now)
    with structlog.testing.capture_logs() as lines:
        monkeypatch.setattr(seldom, "log", structlog.get_logger())
        for _ in range(500):
            log.note("limited", "per_address", address="192.0.2.1")
        log.note("limited", "in_all", address="192.0.2.1")
        now = 10.0
        log.note("limited", "per_address", address="192.0.2.2")
    assert [(line["reason"], line["times"], line["address"]) for line in lines] == [
        ("per_address", 1, "192.0.2.1"),
        ("in_all", 1, "192.0.2.1"),
        ("per_address", 500, "192.0.2.2"),
    ]
