import pytest

from app.carriers.carrier import Cause, Ended
from app.line.trunk_failover import not_taken


@pytest.mark.parametrize("ended", [Ended(Cause.REJECTED, sip_status=503), Ended(Cause.NO_ROUTE)])
def test_a_trunk_that_cannot_or_is_not_there_has_not_taken_the_call(ended):
    assert not_taken(ended)


@pytest.mark.parametrize("sip_status", [s for s in range(300, 700) if s != 503])
def test_any_other_answer_is_about_the_call(sip_status):
    assert not not_taken(Ended(Cause.REJECTED, sip_status=sip_status))


@pytest.mark.parametrize("cause", [c for c in Cause if c not in (Cause.REJECTED, Cause.NO_ROUTE)])
def test_a_call_that_ended_in_any_other_way_may_have_reached_somebody(cause):
    assert not not_taken(Ended(cause))
