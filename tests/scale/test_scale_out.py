"""Lines and a control worker on machines of their own, with kamailio between them and the carriers."""

import contextlib
import socket

from tests.live import wait_for
from tests.scale.carriers import Sipp, final_answer
from tests.scale.site import PLACES

_SHORT = "नमस्ते"
_LONG = "यो एउटा लामो सन्देश हो। " * 4
_IN_PROGRESS = "c.answered_at IS NOT NULL AND c.ended_at IS NULL"


def numbers(first: int, count: int = 60) -> list[str]:
    return [f"98{first + nth:08d}" for nth in range(count)]


def waiting_at(port: socket.socket) -> bytes:
    """All that came to a UDP port and was not read."""
    came = b""
    port.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            came += port.recv(65536)
    return came


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


def test_a_carrier_that_says_nothing_is_not_passed_over_for_the_phone_may_ring(site):
    with site.carriers.udp() as one, site.carriers.udp() as other:
        uris = [f"sip:{site.carriers.address}:{silent.getsockname()[1]}" for silent in (one, other)]
        proxy = site.put_kamailio_before(dict.fromkeys(uris, 50), 5062)
        assert final_answer(site.lines["line-1"], proxy, "9850000000") == "SIP/2.0 504 Carrier Silent"
        asked = [silent for silent in (one, other) if b"INVITE sip:+9779850000000@" in waiting_at(silent)]
    assert len(asked) == 1


def test_a_carrier_that_refuses_after_it_rang_is_not_passed_over(site):
    refusing = [Sipp(site.carriers, port, "ring_reject", status="503", words="Lost") for port in (5100, 5110)]
    proxy = site.put_kamailio_before({carrier.uri: 50 for carrier in refusing}, 5064)
    answer = final_answer(site.lines["line-1"], proxy, "9850000001")
    assert answer.startswith("SIP/2.0 500")  # what a proxy makes of a 503, RFC 3261 16.7

    def invited() -> int:
        return sum(carrier.invited(["9850000001"]).total() for carrier in refusing)

    wait_for(lambda: invited() > 0, "a note of the call in the journal of a carrier")
    assert invited() == 1


def test_kamailio_takes_calls_from_lines_alone(site):
    line, stranger, carrier = site.lines["line-1"], site.control, site.answering[0]
    assert final_answer(line, site.trunk, "9850000002") == "SIP/2.0 200 OK"
    assert final_answer(stranger, site.trunk, "9850000003") == "SIP/2.0 403 Forbidden"
    assert final_answer(stranger, site.trunk, "9850000004", past=carrier) == "SIP/2.0 403 Forbidden"
    assert not site.invited(["9850000003", "9850000004"])


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
