"""A stolen password reaches no number and makes no more calls than its account may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.dialling import UNLIMITED, DiallingPolicy, read_calls_a_day, read_prefixes
from app.core.errors import InvalidError
from app.dispatch.daily_caps import Day, cap_of, within_caps
from app.dispatch.pacing_figures import WaitingRun

MOBILE, LANDLINE, TOLL_FREE, UNIVERSAL = "+9779812345678", "+97714412345", "+97716600112345", "+9771800112345"


@pytest.mark.parametrize(
    "number", [MOBILE, "+9779612345678", "+97798675432123", LANDLINE, "+97761520000", "+97791520000"]
)
def test_by_default_mobiles_and_landlines_may_be_called(number):
    assert DiallingPolicy().allows(number)


@pytest.mark.parametrize(
    "number",
    [
        TOLL_FREE,
        UNIVERSAL,
        "+9771900112345",  # eleven digits, no mobile
        "+9779000000000",  # ten digits outside the mobile ranges
        "+977100",  # a short code
        "+977",
        "+8816123456789",  # Iridium
        "+8821612345678",  # Thuraya and other global networks
        "+8707712345678",  # Inmarsat
        "+9791234567890",  # international premium rate
        "+19005551234",
        "+97798123456789012",
        "+9779812345678\r\nX-Evil: 1",
        "+977981234567\u0668",
        "",
    ],
)
def test_by_default_premium_satellite_services_short_codes_and_other_countries_are_out(number):
    assert not DiallingPolicy().allows(number)


def test_the_longest_prefix_decides_and_what_none_fits_is_out():
    policy = DiallingPolicy(("+97798", "-+977986", "+9779861"))

    assert policy.allows("+9779812345678")
    assert not policy.allows("+9779862345678")
    assert policy.allows("+9779861345678")
    assert not policy.allows("+9779712345678")
    assert not policy.allows(LANDLINE)


def test_a_service_number_needs_a_prefix_of_its_own_range():
    for wide in ("+977", "+9771", "+97716"):
        assert not DiallingPolicy((wide,)).allows(TOLL_FREE)
    assert DiallingPolicy(("+9771660",)).allows(TOLL_FREE)


@given(
    st.text("0123456789", max_size=16),
    st.lists(st.from_regex(r"-?\+977[0-9]{0,6}", fullmatch=True), max_size=6),
)
def test_no_list_of_prefixes_lets_a_number_of_another_country_through(digits, prefixes):
    assert DiallingPolicy(tuple(prefixes)).allows(f"+{digits}") <= digits.startswith("977")


@pytest.mark.parametrize(
    "text", ["", ",", "97798", "+1900", "+97798;", "+977x", "+97798,-+97798", "+", "*", "+977" + "1" * 11]
)
def test_what_is_no_list_of_prefixes_is_refused(text):
    with pytest.raises(InvalidError):
        read_prefixes(text)


def test_operators_write_prefixes_and_limits_as_the_help_says():
    assert read_prefixes("default") is None
    assert read_prefixes(" +97798, -+977986,+97798 ") == ["+97798", "-+977986"]
    assert (read_calls_a_day("default"), read_calls_a_day("0"), read_calls_a_day(" 500 ")) == (None, 0, 500)
    assert (read_calls_a_day("Unlimited"), cap_of(UNLIMITED, 5), cap_of(0, 5)) == (UNLIMITED, None, 0)
    for wrong in ("-1", "1.5", "many", "", "99999999999999", "५००"):
        with pytest.raises(InvalidError):
            read_calls_a_day(wrong)


def test_what_is_dialled_and_what_is_claimed_both_take_room():
    assert Day(cap=10, dialled=4, claimed=3).room == 3
    assert Day(cap=10, dialled=8, claimed=5).room == 0


@given(
    st.lists(st.builds(WaitingRun, st.integers(1, 99), st.integers(1, 4), st.integers(0, 50)), max_size=20),
    st.dictionaries(st.integers(1, 4), st.integers(0, 60)),
)
def test_no_account_is_dealt_more_than_its_room_and_others_keep_theirs(runs, room):
    kept = within_caps(runs, dict(room))

    for account in {run.account_id for run in runs}:
        asked = sum(run.queued for run in runs if run.account_id == account)
        dealt = sum(run.queued for run in kept if run.account_id == account)
        assert dealt == min(asked, room.get(account, asked))
