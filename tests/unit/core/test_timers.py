import threading
from pathlib import Path

import pytest

from app.core.timers import timer_slack


def slack_ns() -> int:
    return int(Path(f"/proc/{threading.get_native_id()}/timerslack_ns").read_text())


def slack_of_a_new_thread() -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(slack_ns()))
    thread.start()
    thread.join()
    return found[0]


def test_threads_started_inside_have_it_and_the_others_do_not():
    before = slack_ns()
    with timer_slack(0.005):
        inside = slack_of_a_new_thread()
    assert (inside, slack_ns(), slack_of_a_new_thread()) == (5_000_000, before, before)


def test_it_ends_with_an_error():
    before = slack_ns()
    with pytest.raises(ZeroDivisionError), timer_slack(0.005):
        1 / 0  # noqa: B018
    assert slack_ns() == before


def test_where_there_is_no_such_thing_nothing_changes(monkeypatch):
    monkeypatch.setattr(threading, "get_native_id", lambda: "nobody")
    with timer_slack(0.005):
        pass
