"""Lines and a control worker on machines of their own, with kamailio between them and the carriers."""

from tests.live import wait_for
from tests.scale.carriers import answer_to
from tests.scale.site import PLACES

_SHORT = "नमस्ते"
_LONG = "यो एउटा लामो सन्देश हो। " * 4
_IN_PROGRESS = "c.answered_at IS NOT NULL AND c.ended_at IS NULL"


def numbers(first: int, count: int = 60) -> list[str]:
    return [f"98{first + nth:08d}" for nth in range(count)]


def test_lines_on_three_machines_share_a_run_and_call_everybody_once(site, client):
    called = numbers(10_000_000)
    campaign = client.add(called)
    run = client.begin(campaign, message=_SHORT)
    client.finish(campaign, run, seconds=60)
    calls = client.calls(campaign, run).values()
    assert {(call["status"], call["sip_status"]) for call in calls} == {("completed", 200)}
    assert site.invited(called) == dict.fromkeys(called, 1)
    assert site.hung_up(called) == dict.fromkeys(called, 1)
    assert set(site.on_lines(run)) == {"line-1", "line-2", "line-3"}


def test_carriers_share_a_run_by_weight_and_one_without_room_is_passed_over(site, client):
    called = numbers(20_000_000)
    campaign = client.add(called)
    run = client.begin(campaign, message=_SHORT)
    client.finish(campaign, run, seconds=60)
    assert client.run(campaign, run)["counts"] == {"completed": len(called)}
    assert min(carrier.invited(called).total() for carrier in site.answering) >= len(called) // 4
    assert site.full.invited(called)
    assert site.invited(called) == dict.fromkeys(called, 1)


def test_sound_goes_past_kamailio(site, client):
    signalled, heard = site.kamailio.received_bytes(), site.carriers.received_bytes()
    campaign = client.add(numbers(30_000_000, 12))
    run = client.begin(campaign, message=_LONG)
    client.finish(campaign, run, seconds=60)
    signalled, heard = site.kamailio.received_bytes() - signalled, site.carriers.received_bytes() - heard
    assert signalled < heard / 5


def test_kamailio_takes_calls_from_lines_alone(site):
    line, stranger, kamailio = site.lines["line-1"], site.control, site.kamailio
    first, _ = site.answering
    assert answer_to(line, kamailio, "9850000001").startswith("SIP/2.0 100")
    assert answer_to(stranger, kamailio, "9850000002") == "SIP/2.0 403 Forbidden"
    assert answer_to(stranger, kamailio, "9850000003", past=first) == "SIP/2.0 403 Forbidden"
    assert not site.invited(["9850000002", "9850000003"])


def test_a_machine_that_dies_takes_its_own_calls_along_and_no_others(site, client):
    called = numbers(40_000_000)
    campaign = client.add(called)
    run = client.begin(campaign, message=_LONG)
    wait_for(lambda: site.on_lines(run, _IN_PROGRESS)["line-2"] >= PLACES // 2, "calls on line-2", 30)
    site.lines["line-2"].fail()
    client.finish(campaign, run, seconds=60)
    calls = client.calls(campaign, run)
    lost = {number for number, call in calls.items() if call["reason"] == "interrupted"}
    assert lost
    assert {calls[number]["status"] for number in lost} == {"failed"}
    assert {call["status"] for number, call in calls.items() if number not in lost} == {"completed"}
    assert set(site.on_lines(run, "c.reason = 'interrupted'")) == {"line-2"}
    assert site.on_lines(run, "c.reason <> 'interrupted'").keys() >= {"line-1", "line-3"}
    invited = site.invited(called)
    assert invited == dict.fromkeys(invited, 1)
    assert invited.keys() >= set(called) - lost
