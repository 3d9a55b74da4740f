"""What one request may make the service compute: bounded, and nothing that grows with the square of what was sent."""

import contextlib
import time
from collections.abc import Callable

import pytest

from app.campaigns import tags
from app.campaigns.rules import parse_services
from app.campaigns.service import MOST_USABLE_TAGS
from app.core.errors import InvalidError
from app.core.phone import NumberError, parse_number
from app.recipients.tags import MOST_CHARACTERS, read_tags
from app.runs.begin_fields import (
    MOST_INDIVIDUAL,
    parse_failover,
    parse_individual,
    parse_priority,
    parse_statuses,
)
from app.runs.schedule_date import parse_schedule
from app.speech.voices import voice_named

CAMPAIGNS = "/api/system/campaigns/"
MILLION = 1_000_000
_UNITS = (
    " ",
    "a",
    "1",
    ",",
    "1,",
    "failed,",
    "and ",
    " & ",
    "\u0301",
    "{",
    "{a}",
    "}}",
    "\ufdfa",
    "-",
    "+977",
    ".0",
)


def _parse_template(text: str) -> None:
    tags.check(tags.parse(text[:10_000]), [f"tags_{n}" for n in range(200)])


_READERS: dict[str, Callable[[str], object]] = {
    "services": parse_services,
    "schedule": lambda text: parse_schedule(f"2026-12-01T17:07{text}x", None),
    "statuses": parse_statuses,
    "failover": parse_failover,
    "priority": parse_priority,
    "individual": parse_individual,
    "voice": voice_named,
    "number": parse_number,
    "name of a tag": lambda text: read_tags({text: "a"}),
    "value of a tag": lambda text: read_tags({"a": text}),
    "message": _parse_template,
}


@pytest.mark.parametrize("reader", _READERS)
def test_no_field_takes_the_time_that_others_wait_for(reader: str):
    """A megabyte each. What takes the square of it takes minutes; counted by this thread's processor time alone."""
    read = _READERS[reader]
    for unit in _UNITS:
        text = "a" + (unit * MILLION)[: MILLION - 2] + "b"
        began = time.thread_time()
        with contextlib.suppress(InvalidError, NumberError):
            read(text)
        assert time.thread_time() - began < 1, unit


def test_a_message_full_of_unknown_tags_is_answered_with_twenty_of_them():
    usable = [f"tags_{n:090}" for n in range(MOST_USABLE_TAGS)]
    with pytest.raises(InvalidError) as caught:
        tags.check(tags.parse("".join(f"{{{n}}}" for n in range(2_000))), usable)
    assert len(caught.value.items) == 20
    assert sum(len(item.message) for item in caught.value.items) < 200_000
    assert "and 950 more" in caught.value.items[0].message


def test_no_more_recipients_are_named_than_a_list_can_show():
    assert len(parse_individual(list(range(1, MOST_INDIVIDUAL + 1))) or ()) == MOST_INDIVIDUAL
    for value in (list(range(1, MOST_INDIVIDUAL + 2)), "1," * (MOST_INDIVIDUAL + 1)):
        with pytest.raises(InvalidError) as caught:
            parse_individual(value)
        assert caught.value.items[0].code == "too_long"


async def _campaign(api, rows: str) -> dict:
    answer = await api.post(
        CAMPAIGNS,
        data={"name": "Wide", "services": "PHONE"},
        files={"send_to_number_file": ("people.csv", rows.encode())},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def test_a_recipient_holds_no_more_than_lists_and_reports_can_carry(api):
    wide = ",".join(["अ" * 4_990] * 7)
    names = ",".join("abcdefg")
    data = await _campaign(api, f"number,{names}\n9801234567,{wide}\n9801234568,राम\n9801234567,सीता\n")
    assert (data["import"]["accepted"], data["import"]["rejected"]) == (2, 1)
    (rejected,) = data["import"]["rejected_rows"]
    assert (rejected["row"], rejected["value"], rejected["code"]) == (2, "9801234567", "row_too_long")

    path = f"{CAMPAIGNS}number/{data['details'][0]['id']}/"
    values = {f"tags_{name}": "अ" * (MOST_CHARACTERS // 7) for name in "abcdefg"}
    answer = await api.post(path, json={"number": "9801234569", "available_tags": values})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_long")
    half = dict(list(values.items())[:4])
    added = await api.post(path, json={"number": "9801234569", "available_tags": half})
    assert added.status_code == 201, added.text
    number = added.json()["data"]["details"][0]["id"]
    rest = await api.put(f"/api/system/number/{number}/", json={"available_tags": values})
    assert (rest.status_code, rest.json()["errors"][0]["code"]) == (422, "too_long")


async def test_a_campaign_knows_no_more_tags_than_every_list_can_show(api):
    names = ",".join(f"c{n}" for n in range(199))
    campaign = (await _campaign(api, f"number,{names}\n9801234567\n"))["details"][0]["id"]
    path = f"{CAMPAIGNS}number/{campaign}/"
    statuses = []
    for nth in range(6):
        fresh = {f"tags_{nth}_{n}": "a" for n in range(190)}
        answer = await api.post(path, json={"number": f"980123457{nth}", "available_tags": fresh})
        statuses.append(answer.status_code)
    assert statuses == [201] * 4 + [422] * 2
    assert answer.json()["errors"][0]["code"] == "too_many_tags"
    assert (await api.get(path)).json()["data"]["numbers"][-1]["number"] == "9801234573"
