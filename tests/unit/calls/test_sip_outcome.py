import pytest

from app.calls.reasons import REASONS
from app.calls.sip_outcome import outcome_of
from app.calls.state import TERMINAL, CallStatus
from app.carriers.carrier import Cause, Ended

# The API contract, "What a call's status means".
UNANSWERED = [408, 480, 486, 487, 600, 603]


@pytest.mark.parametrize("sip_status", UNANSWERED)
def test_busy_declined_and_unavailable_are_unanswered(sip_status):
    assert outcome_of(Ended(Cause.REJECTED, sip_status=sip_status)).status is CallStatus.UNANSWERED


@pytest.mark.parametrize("sip_status", [s for s in range(300, 700) if s not in UNANSWERED])
def test_every_other_refusal_is_failed(sip_status):
    assert outcome_of(Ended(Cause.REJECTED, sip_status=sip_status)).status is CallStatus.FAILED


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (Cause.PLAYED, CallStatus.COMPLETED),
        (Cause.REMOTE_HANGUP, CallStatus.HUNGUP),
        (Cause.RING_TIMEOUT, CallStatus.UNANSWERED),
        (Cause.STOPPED, CallStatus.TERMINATED),
        (Cause.MEDIA_LOST, CallStatus.FAILED),
        (Cause.NO_ROUTE, CallStatus.FAILED),
        (Cause.ERROR, CallStatus.FAILED),
    ],
)
def test_each_cause_has_its_status(cause, status):
    assert outcome_of(Ended(cause)).status is status


def test_every_outcome_is_an_end_with_a_sentence():
    for cause in Cause:
        for sip_status in (None, *range(300, 700)):
            outcome = outcome_of(Ended(cause, sip_status=sip_status))
            assert outcome.status in TERMINAL
            assert REASONS[outcome.reason]
