"""The demo: what it checks, and one whole play (most of a minute: real phones listen to real messages)."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.phone import parse_number
from app.local import demo_checks as checks
from app.local.demo_client import DemoClient
from app.local.errors import LocalError
from app.local.ports import free_port
from app.trial.behaviour import behaviour

_RECIPIENTS = Path(__file__).parents[2] / "examples" / "recipients.csv"
_LISTENS, _BUSY = "9800000001", "9800000090"


def _call(number: str, **changes: Any) -> dict[str, Any]:
    script = behaviour(number)
    call = {
        "number": number,
        "status": script.call_status,
        "sip_status": script.sip_status,
        "reason": "reason",
        "heard": 10.0,
    }
    return call | changes


def _entry(event: str, number: str = _LISTENS, **facts: Any) -> dict[str, Any]:
    return {"event": event, "number": f"+977{number}", **facts}


def test_the_example_has_sixty_people_and_every_behaviour() -> None:
    with _RECIPIENTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["phone", "name", "amount", "due_date"]
    numbers = [parse_number(row["phone"]).e164 for row in rows]
    assert len(set(numbers)) == len(rows) == 60
    assert {number[-2:] for number in numbers} >= {str(ending) for ending in range(80, 100)}
    assert Counter(behaviour(number).call_status for number in numbers) == {
        "completed": 42,
        "unanswered": 10,
        "hungup": 5,
        "failed": 3,
    }
    assert all("\u0900" <= row["name"][0] <= "\u097f" and row["amount"] and row["due_date"] for row in rows)


def test_calls_that_ended_as_their_phones_behave_are_right() -> None:
    numbers = [_LISTENS, _BUSY]
    assert checks.wrong_calls([_call(number) for number in numbers], numbers) == []


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([_call(_LISTENS, status="failed"), _call(_BUSY)], "ended failed"),
        ([_call(_LISTENS), _call(_BUSY, sip_status=480)], "SIP status 480"),
        ([_call(_LISTENS)], "missing"),
        ([_call(_LISTENS), _call(_BUSY), _call(_LISTENS)], "too many"),
    ],
)
def test_a_call_that_ended_otherwise_is_wrong(calls: list[dict[str, Any]], words: str) -> None:
    found = checks.wrong_calls(calls, [_LISTENS, _BUSY])
    assert len(found) == 1
    assert words in found[0]


def test_a_phone_dialled_twice_is_wrong() -> None:
    journal = [_entry("invite"), _entry("answered"), _entry("invite")]
    assert checks.wrong_dials(journal, {f"+977{_LISTENS}": 2}) == []
    assert "2 time(s) instead of 1" in checks.wrong_dials(journal, {f"+977{_LISTENS}": 1})[0]
    assert "0 time(s) instead of 1" in checks.wrong_dials([], {f"+977{_LISTENS}": 1})[0]
    assert "instead of 0" in checks.wrong_dials(journal, {})[0]


def test_a_message_that_was_cut_short_at_the_phone_is_wrong() -> None:
    calls = [_call(_LISTENS, heard=10.0), _call(_BUSY, heard=0.0)]
    assert checks.unheard([_entry("ended", heard_ms=9700, wav=None)], calls) == []
    assert len(checks.unheard([_entry("ended", heard_ms=8000, wav=None)], calls)) == 1
    assert len(checks.unheard([], calls)) == 1


def test_a_half_written_line_of_the_journal_waits() -> None:
    assert checks.read_journal('{"event": "invite"}\n{"eve') == [{"event": "invite"}]


async def test_a_refusal_is_told_in_the_servers_words() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        errors = [{"field": "email", "code": "x", "message": "No such account."}]
        return httpx.Response(401, json={"message": "No.", "errors": errors})

    async with DemoClient("http://demo", httpx.MockTransport(refuse)) as client:
        with pytest.raises(LocalError, match="401: No such account"):
            await client.log_in("a@example.com", "wrong")


async def test_an_answer_that_is_no_json_and_no_answer_are_told_apart() -> None:
    async with DemoClient("http://demo", httpx.MockTransport(lambda _: httpx.Response(502))) as client:
        with pytest.raises(LocalError, match="502 without JSON"):
            await client.run(1, 1)
    async with DemoClient(f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(LocalError, match="no answer"):
            await client.run(1, 1)


def test_the_whole_demo_ends_well(tingting: Any, open_folder: Path) -> None:
    done = tingting("demo", DEMO_EXIT="1", patience_s=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 78 calls and 60 messages ended as their phones behaved" in done.stdout
    assert "WRONG" not in done.stdout
    heard = next(line for line in done.stdout.splitlines() if line.startswith("What the phone"))
    assert Path(heard.rpartition(": ")[2]).read_bytes().startswith(b"RIFF")
    assert not list(open_folder.glob("home/demo/logs/*.1"))
