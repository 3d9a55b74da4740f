"""Messages over HTTP on a whole running stack; the witness is the trial message centre's own record."""

import json
from collections import Counter

import pytest

from app.trial.sms_behaviour import sms_behaviour
from tests.live import wait_for

ENDINGS = (0, 7, 80, 83, 85, 90, 93, 95, 96, 97, 98, 81, 82)


@pytest.fixture(scope="module")
def client(live):
    return live.client()


def submits(live, numbers):
    """Messages that the centre took, by national number; the segments of one message count once."""
    wanted = {f"977{number}": number for number in numbers}
    entries = [json.loads(line) for line in live.centre_log.read_text().splitlines()]
    return Counter(
        wanted[entry["number"]]
        for entry in entries
        if entry["event"] == "submitted" and entry["number"] in wanted and entry["segment"][1:] in ([], [1])
    )


def texts(live, number):
    entries = [json.loads(line) for line in live.centre_log.read_text().splitlines()]
    return [e["text"] for e in entries if e["event"] == "submitted" and e["number"] == f"977{number}"]


def test_every_message_ends_as_its_number_says(live, client):
    numbers = [f"98610000{ending:02d}" for ending in ENDINGS]
    campaign = client.add(numbers, services="SMS")
    run = client.finish(campaign, client.begin(campaign, message="नमस्ते, यो परीक्षण हो।"))
    calls = client.calls(campaign, run["id"])
    assert {number: (call["status"], call["reason"]) for number, call in calls.items()} == {
        number: (sms_behaviour(number).call_status, sms_behaviour(number).reason) for number in numbers
    }
    assert {call["service"] for call in calls.values()} == {"SMS"}
    assert run["service_counts"] == {"SMS": run["counts"]}
    taken = [number for number in numbers if not sms_behaviour(number).refusal]
    assert submits(live, numbers) == dict.fromkeys(taken, 1)
    assert texts(live, numbers[0]) == ["नमस्ते, यो परीक्षण हो।"]
    assert calls[numbers[2]]["network_code"] == "0x0000000b"
    assert calls[numbers[4]]["network_code"] == "034"


def test_a_long_personal_message_arrives_whole_and_is_billed_by_segment(live, client):
    campaign = client.add_file("number,name\n9861100101,सीता\n9861100102,राम बहादुर\n", services="SMS")
    message = "नमस्ते {tags_name} जी, " + "तपाईंको बिल तिर्ने समय भयो। " * 6
    run = client.finish(campaign, client.begin(campaign, message=message))
    calls = client.calls(campaign, run["id"])
    for number, name in (("9861100101", "सीता"), ("9861100102", "राम बहादुर")):
        assert "".join(texts(live, number)) == message.strip().replace("{tags_name}", name)
        assert calls[number]["segments"] == len(texts(live, number)) == calls[number]["credit_consumed"] == 3


def test_sms_and_phone_reaches_everybody_both_ways(live, client):
    numbers = ["9861200101", "9861200190"]
    campaign = client.add(numbers, services="SMS & PHONE")
    run = client.finish(campaign, client.begin(campaign, message="नमस्ते", sms_message="लेखिएको सन्देश"))
    assert run["service_counts"] == {
        "PHONE": {"completed": 1, "unanswered": 1},
        "SMS": {"completed": 1, "unanswered": 1},
    }
    assert live.dialled(numbers) == submits(live, numbers) == dict.fromkeys(numbers, 1)
    assert texts(live, numbers[0]) == ["लेखिएको सन्देश"]


def test_failover_writes_once_to_those_whom_the_call_did_not_reach(live, client):
    numbers = ["9861300101", "9861300185", "9861300190", "9861300195"]
    campaign = client.add(numbers)
    run = client.finish(
        campaign,
        client.begin(
            campaign,
            message="नमस्ते",
            sms_message="हामीले फोन गर्‍यौं",
            failover_target="unanswered, hungup",
        ),
    )
    assert run["failover_target"] == ["unanswered", "hungup"]
    assert live.dialled(numbers) == dict.fromkeys(numbers, 1)
    assert submits(live, numbers) == {"9861300185": 1, "9861300190": 1}
    assert run["service_counts"]["PHONE"] == {"completed": 1, "unanswered": 2, "failed": 1}
    assert run["service_counts"]["SMS"] == {"unanswered": 1, "failed": 1}


def test_a_rerun_writes_only_to_those_whose_message_ended_so(live, client):
    numbers = ["9861400101", "9861400183", "9861400198"]
    campaign = client.add(numbers, services="SMS")
    client.finish(campaign, client.begin(campaign, message="Hello"))
    client.finish(campaign, client.begin(campaign, status="unanswered"))
    assert submits(live, numbers) == {"9861400101": 1, "9861400183": 1, "9861400198": 2}


def test_stop_sends_no_further_message_and_leaves_what_was_sent_to_its_receipt(live, client):
    numbers = [f"98{62000000 + n * 100 + 93:08d}" for n in range(300)]
    campaign = client.add(numbers, services="SMS")
    run = client.begin(campaign, message="Hello")
    wait_for(lambda: sum(submits(live, numbers).values()) >= 10, "ten messages")
    assert client.act(campaign, "stop").status_code == 200
    stopped = client.finish(campaign, run)
    assert stopped["status"] == "Terminated"
    sent = sum(submits(live, numbers).values())
    assert sent < len(numbers)

    def settled():
        counts = client.run(campaign, run)["counts"]
        return counts if set(counts) <= {"completed", "terminated"} else None

    assert wait_for(settled, "the last receipts") == {"completed": sent, "terminated": len(numbers) - sent}
    assert set(submits(live, numbers).values()) == {1}
