"""What a process answers of itself, on its own port."""

import asyncio
import http.client
import json
import socket
import urllib.error
import urllib.request

import pytest

from app.core import vitals, vitals_page
from app.core.checks import Check, CheckFailedError, Checks
from app.core.vitals import Finding, Vitals
from app.local.ports import free_port


def _get(port: int, path: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def process() -> tuple[Vitals, int]:
    ours, port = Vitals(), free_port()
    vitals_page.serve("127.0.0.1", port, ours)
    return ours, port


def test_a_process_is_ready_once_all_was_found_to_work(process):
    ours, port = process
    assert _get(port, "/health/live") == (200, {"live": True})
    assert _get(port, "/health/ready")[0] == 503
    ours.note("database", Finding(ok=True))
    assert _get(port, "/health/ready") == (200, {"ready": True, "database": True, "advice": {}})


def test_a_part_that_does_not_work_is_named_with_what_to_do(process):
    ours, port = process
    ours.note("database", Finding(ok=True))
    ours.note("trunk", Finding(ok=False, advice="Ask the operator."))
    status, body = _get(port, "/health/ready")
    assert status == 503
    assert body == {
        "ready": False,
        "database": True,
        "trunk": False,
        "advice": {"trunk": "Ask the operator."},
    }
    assert _get(port, "/health/live")[0] == 200


def test_a_loop_that_hangs_is_neither_live_nor_ready(process, monkeypatch):
    ours, port = process
    ours.note("database", Finding(ok=True))
    monkeypatch.setattr(vitals, "SILENT_S", 0.0)
    assert _get(port, "/health/live") == (503, {"live": False})
    assert _get(port, "/health/ready")[0] == 503


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/nothing"])
def test_head_answers_as_get_does_without_a_body(process, path):
    found = []
    for method in ("GET", "HEAD"):
        connection = http.client.HTTPConnection("127.0.0.1", process[1], timeout=10)
        connection.request(method, path)
        answer = connection.getresponse()
        found.append((answer.status, answer.headers["Content-Type"], len(answer.read()) > 0))
        connection.close()
    (get_status, get_type, _), head = found
    assert head == (get_status, get_type, False)


def test_other_addresses_are_told_what_there_is(process):
    status, body = _get(process[1], "/healthz")
    assert (status, "/health/ready" in body["error"]) == (404, True)


def test_a_scraper_that_says_nothing_keeps_nobody_waiting(process):
    with socket.create_connection(("127.0.0.1", process[1])):
        assert _get(process[1], "/health/live")[0] == 200


async def test_a_check_is_asked_no_more_often_than_it_may_cost():
    asked = []

    async def ask() -> None:
        asked.append(1)
        raise CheckFailedError("It is full.")

    checks = Checks((Check("store", ask, "Make room.", every_s=60), Check("other", ask, "", every_s=0)))
    for _ in range(3):
        found = await checks.findings()
    assert found["store"] == Finding(ok=False, advice="It is full. Make room.")
    assert len(asked) == 1 + 3


async def test_a_check_without_an_answer_has_failed():
    async def ask() -> None:
        await forever.wait()

    forever = asyncio.Event()
    found = await Checks((Check("slow", ask, "Look at it.", timeout_s=0.01),)).findings()
    assert found == {"slow": Finding(ok=False, advice="Look at it.")}


async def test_a_part_that_is_still_starting_is_no_news_and_a_lasting_fault_is(capsys):
    works = False

    async def ask() -> None:
        if not works:
            raise CheckFailedError("It is away.")

    checks = Checks((Check("trunk", ask, "Look.", every_s=60, again_s=0),))
    await checks.findings()
    first = capsys.readouterr()
    await checks.findings()
    await checks.findings()
    second = capsys.readouterr()
    works = True
    assert (await checks.findings())["trunk"].ok
    third = capsys.readouterr()
    assert "part_failed" not in first.out + first.err
    assert (second.out + second.err).count("part_failed") == 1
    assert "part_works_again" in third.out + third.err
