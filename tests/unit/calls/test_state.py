import pytest

from app.calls.state import ALLOWED, HELD, TERMINAL, CallStatus, guard_of, public_name, sources_of

SMS = {CallStatus.SUBMITTING, CallStatus.SENT}


def test_a_terminal_state_never_reopens():
    assert all(ALLOWED[status] == frozenset() for status in TERMINAL)
    assert all(not (guard_of(target) >> status) & 1 for target in CallStatus for status in TERMINAL)


def test_every_status_can_reach_an_end():
    for status in set(CallStatus) - TERMINAL:
        assert ALLOWED[status] & TERMINAL, status


def test_nobody_is_dialled_but_from_a_claim():
    assert sources_of(CallStatus.DIALING) == [CallStatus.CLAIMED]


def test_a_call_whose_phone_rang_never_returns_to_the_queue():
    assert set(sources_of(CallStatus.QUEUED)) == {CallStatus.CLAIMED, CallStatus.DIALING, CallStatus.DEFERRED}


def test_a_deferred_call_starts_from_the_queue_alone():
    assert sources_of(CallStatus.DEFERRED) == [CallStatus.QUEUED, CallStatus.SUBMITTING]
    assert not ALLOWED[CallStatus.DEFERRED] & HELD


def test_only_an_answered_call_is_completed_or_hung_up():
    assert sources_of(CallStatus.HUNGUP) == [CallStatus.ANSWERED]
    assert set(sources_of(CallStatus.COMPLETED)) - SMS == {CallStatus.ANSWERED}
    assert ALLOWED[CallStatus.DIALING] | ALLOWED[CallStatus.RINGING] <= set(CallStatus) - {
        CallStatus.COMPLETED
    }


def test_a_message_is_submitted_once_and_then_only_waits_for_its_end():
    assert sources_of(CallStatus.SUBMITTING) == [CallStatus.CLAIMED]
    assert sources_of(CallStatus.SENT) == [CallStatus.SUBMITTING]
    assert ALLOWED[CallStatus.SENT] <= TERMINAL


def test_guards_fit_a_smallint():
    assert all(0 <= guard_of(status) < 2**15 for status in CallStatus)


@pytest.mark.parametrize(
    ("status", "name"),
    [(None, "not started"), (CallStatus.CLAIMED, "queued"), (CallStatus.DEFERRED, "queued")],
)
def test_clients_do_not_see_our_bookkeeping(status, name):
    assert public_name(status) == name


def test_held_are_the_states_that_take_a_place():
    assert {status.name for status in HELD} == {"CLAIMED", "DIALING", "RINGING", "ANSWERED", "SUBMITTING"}
