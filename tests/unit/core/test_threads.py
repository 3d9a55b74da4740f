import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app.core.threads import modest_threads


def slack_ns() -> int:
    return int(Path(f"/proc/{threading.get_native_id()}/timerslack_ns").read_text())


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@contextmanager
def starter() -> Iterator[list[tuple[int, int]]]:
    """A thread that starts another when the context ends; what both of them say of themselves."""
    found: list[tuple[int, int]] = []
    told = threading.Event()

    def say() -> None:
        found.append((slack_ns(), niceness()))

    def work() -> None:
        told.wait()
        say()
        child = threading.Thread(target=say)
        child.start()
        child.join()

    thread = threading.Thread(target=work)
    thread.start()
    yield found
    told.set()
    thread.join()


def test_threads_started_inside_and_theirs_are_modest_and_the_others_are_not():
    slack, nice = slack_ns(), niceness()
    with ExitStack() as stack:
        earlier = stack.enter_context(starter())
        with modest_threads(slack_s=0.005, nice=3):
            inside = stack.enter_context(starter())
        later = stack.enter_context(starter())
    assert inside == [(5_000_000, nice + 3)] * 2
    assert earlier == later == [(slack, nice)] * 2
    assert (slack_ns(), niceness()) == (slack, nice)


def test_it_ends_with_an_error():
    before = slack_ns()
    with pytest.raises(ZeroDivisionError), modest_threads(slack_s=0.005, nice=3):
        1 / 0  # noqa: B018
    assert slack_ns() == before


def test_where_there_is_no_such_thing_nothing_changes(monkeypatch):
    monkeypatch.setattr(threading, "get_native_id", lambda: "nobody")
    with modest_threads(slack_s=0.005, nice=3):
        pass
