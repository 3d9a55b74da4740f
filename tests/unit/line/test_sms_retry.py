from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.line.sms_retry import LONGEST_PAUSE, next_try

START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def tries(validity, limit=1000):
    """The moments of all tries of a message that is never taken, in seconds from the first."""
    now, end, moments = START, START + validity, [0.0]
    while len(moments) < limit:
        now = next_try(now, gives_up_at=end, validity=validity, spread=0.5)
        if now >= end:
            return moments
        moments.append((now - START).total_seconds())
    raise AssertionError(moments)


def test_pauses_grow_from_seconds_to_an_hour():
    moments = tries(timedelta(days=1))
    assert moments[:7] == [0, 5, 10, 20, 40, 80, 160]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert max(pauses) == LONGEST_PAUSE.total_seconds()
    assert len(moments) < 40


def test_a_message_that_is_valid_for_seconds_is_tried_more_than_once():
    assert 8 <= len(tries(timedelta(seconds=5))) <= 16


def test_a_try_that_came_late_does_not_put_off_the_next_ones_for_as_long():
    minute = timedelta(minutes=1)
    late = START + timedelta(seconds=40)
    assert next_try(late, gives_up_at=START + minute, validity=minute, spread=1.0) < START + minute


@pytest.mark.parametrize(("spread", "seconds"), [(0.0, 4.5), (1.0, 5.5)])
def test_messages_that_were_put_off_together_do_not_come_back_together(spread, seconds):
    day = timedelta(days=1)
    then = next_try(START, gives_up_at=START + day, validity=day, spread=spread)
    assert (then - START).total_seconds() == pytest.approx(seconds)


def test_a_clock_that_jumped_back_makes_no_pause_in_the_past():
    day = timedelta(days=1)
    assert next_try(START, gives_up_at=START + 2 * day, validity=day, spread=0.5) > START
