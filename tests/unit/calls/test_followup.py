"""What follows the end of a call, end by end."""

import pytest

from app.calls.followup import End, Nothing, Text, after, every_end, may_be_followed
from app.calls.state import TERMINAL, CallStatus, Channel

REACHED_OR_MISSED = sorted(TERMINAL - {CallStatus.TERMINATED})


@pytest.mark.parametrize("status", REACHED_OR_MISSED)
def test_who_was_asked_for_is_sent_the_text(status):
    assert after(End(Channel.VOICE, status, asked=True, goes_on=True)) == Text()


@pytest.mark.parametrize("status", REACHED_OR_MISSED)
def test_an_end_that_was_not_asked_for_is_all(status):
    assert after(End(Channel.VOICE, status, asked=False, goes_on=True)) == Nothing()


def test_nothing_follows_in_a_run_that_was_stopped():
    assert {after(end) for end in every_end() if not end.goes_on} == {Nothing()}


def test_no_text_follows_a_text():
    assert {after(end) for end in every_end() if end.channel is Channel.SMS} == {Nothing()}


def test_who_was_terminated_is_not_written_to():
    assert {after(end) for end in every_end() if end.status is CallStatus.TERMINATED} == {Nothing()}


def test_every_end_is_judged():
    ends = list(every_end())
    assert len(ends) == len(set(ends)) == len(Channel) * len(TERMINAL) * 4
    assert {status for status in CallStatus if may_be_followed(status)} == set(REACHED_OR_MISSED)
