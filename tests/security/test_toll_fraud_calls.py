"""The dialling policy on a running service: refused when added, again when dialled. The phones' log is the witness."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from app.accounts.dialling import read_calls_a_day, read_prefixes
from app.accounts.operating import account_of, set_dialling_policy
from app.local import people
from app.local.home import Home
from app.local.postgres import Postgres
from app.local.transaction import within
from tests.live import Client, Live, wait_for

MESSAGE = "नमस्ते"


@pytest.fixture
def thief(live: Live):
    """Somebody with the password of an account that no other test uses."""
    email, password = f"{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(16)
    url = Postgres(Home(live.home)).url()
    aside(people.add_account(url, email=email, password=password))
    client = Client(SimpleNamespace(url=live.url, email=email, password=password))

    def limit(prefixes: str = "default", calls_a_day: str = "default") -> None:
        changes = {"dial_prefixes": read_prefixes(prefixes), "calls_a_day": read_calls_a_day(calls_a_day)}

        async def work(session):
            await set_dialling_policy(session, await account_of(session, email), changes)

        aside(within(url, work))

    return SimpleNamespace(client=client, limit=limit)


def aside(work) -> None:
    """Run `work` on a loop of its own: that of the tests is this thread's."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def codes(answer) -> set[tuple[str | None, str]]:
    return {(item["field"], item["code"]) for item in answer.json()["errors"]}


def test_numbers_that_may_not_be_called_are_refused_one_by_one_when_added(thief):
    thief.limit(prefixes="+97798,-+977986")
    rows = "phone\n9811000001\n9861000001\n9711000001\n16600112345\n"

    body = thief.client.http.post(
        "/api/system/campaigns/",
        data={"name": "x", "services": "PHONE", "individual_number": "9811000002,9851000002,9861000002"},
        files={"send_to_number_file": ("numbers.csv", rows.encode(), "text/csv")},
    ).json()

    counts = body["data"]["import"]
    assert (counts["accepted"], counts["rejected"]) == (3, 4)
    assert {(row["value"], row["code"]) for row in counts["rejected_rows"]} == {
        ("9861000001", "not_allowed"),
        ("9711000001", "not_allowed"),
        ("16600112345", "not_allowed"),
        ("9861000002", "not_allowed"),
    }


def test_one_number_that_may_not_be_called_is_neither_added_nor_put_in_anothers_place(thief):
    campaign = thief.client.add(["9811000003"])
    listed = thief.client.http.get(f"/api/system/campaigns/number/{campaign}/").json()["data"]["numbers"]

    added = thief.client.http.post(
        f"/api/system/campaigns/number/{campaign}/", json={"number": "16600112345"}
    )
    changed = thief.client.http.put(f"/api/system/number/{listed[0]['id']}/", json={"number": "16600112345"})
    alone = thief.client.http.post(
        "/api/system/campaigns/",
        json={"name": "x", "services": "PHONE", "individual_number": ["16600112345"]},
    )

    for answer, field in ((added, "number"), (changed, "number"), (alone, "individual_number.0")):
        assert answer.status_code == 422
        assert codes(answer) == {(field, "not_allowed")}


def test_a_number_whose_range_was_closed_after_it_was_added_is_not_dialled(live: Live, thief):
    open_number, closed_number = "9812100000", "9712100000"
    campaign = thief.client.add([open_number, closed_number])
    thief.limit(prefixes="+97798")

    run = thief.client.begin(campaign, message=MESSAGE)
    assert thief.client.finish(campaign, run)["status"] == "Completed"

    calls = thief.client.calls(campaign, run)
    assert calls[open_number]["status"] == "completed"
    assert (calls[closed_number]["status"], calls[closed_number]["reason"]) == (
        "failed",
        "number_not_allowed",
    )
    assert "may not call this number" in calls[closed_number]["explanation"]
    assert live.dialled([open_number, closed_number]) == {open_number: 1}


def test_an_account_starts_no_more_calls_in_a_day_than_it_may(live: Live, thief):
    thief.limit(calls_a_day="9")
    first, second = (
        [f"98131{run:03d}{n:02d}" for n in range(90, 96)] for run in (1, 2)
    )  # busy or declined at once
    campaigns = [thief.client.add(numbers) for numbers in (first, second)]

    begun = [(campaign, thief.client.begin(campaign, message=MESSAGE)) for campaign in campaigns]
    wait_for(lambda: sum(live.dialled([*first, *second]).values()) == 9, "the calls of the day")

    def standing_still():
        runs = [thief.client.run(*each) for each in begun]
        # One of the two may have had all of its calls.
        still = all(run["status"] == "Completed" or run["waiting_for"] == "day_cap" for run in runs)
        return [run for run in runs if run["waiting_for"]] if still else None

    shown = wait_for(standing_still, "the word that what is left waits for the next day")[0]
    assert shown["waiting_until"].endswith("T00:00:00+05:45")
    assert "as many calls today as it may" in shown["waiting_why"]
    assert sum(live.dialled([*first, *second]).values()) == 9

    thief.limit(calls_a_day="12")
    assert {thief.client.finish(*each)["status"] for each in begun} == {"Completed"}
    assert live.dialled([*first, *second]) == dict.fromkeys([*first, *second], 1)


def test_a_run_that_no_day_has_room_for_is_refused_when_it_begins(thief):
    thief.limit(calls_a_day="2")
    campaign = thief.client.add(["9814000000", "9814000001", "9814000002"])

    answer = thief.client.http.post(f"/api/system/campaigns/{campaign}/begin/", json={"message": MESSAGE})

    assert answer.status_code == 409
    assert codes(answer) == {(None, "daily_cap")}
    shown = thief.client.http.get(f"/api/system/campaigns/{campaign}/details/").json()["data"]["details"][0]
    assert (shown["status"], shown["message"]) == ("Not Started", None)


def test_a_higher_limit_lets_a_run_go_on_at_once(live: Live, thief):
    numbers = [f"98151000{n}" for n in (90, 91, 92)]
    thief.limit(calls_a_day="3")
    campaign = thief.client.add(numbers)
    first = thief.client.begin(campaign, message=MESSAGE)
    thief.client.finish(campaign, first)
    thief.limit()

    again = thief.client.begin(campaign)

    assert thief.client.finish(campaign, again)["status"] == "Completed"
    wait_for(lambda: live.dialled(numbers) == dict.fromkeys(numbers, 2), "the second call to each")


def test_an_operator_sets_limits_by_command(live: Live):
    done = live.tingting(
        "accounts", "limit", "--email", live.email, "--prefixes", "default", "--calls-a-day", "1000000"
    )
    assert "calls a day 1,000,000 (its own)" in done


def test_limits_of_an_account_that_is_not_there_are_said_to_be_so(live: Live):
    with pytest.raises(AssertionError, match="There is no account"):
        live.tingting("accounts", "limit", "--email", "nobody@example.com")
