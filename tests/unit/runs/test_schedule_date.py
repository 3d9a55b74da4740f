from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bikram import gregorian
from app.core.errors import InvalidError
from app.runs.schedule_date import parse_schedule

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # 11:45 in Kathmandu


def code_of(raised):
    return raised.value.items[0].code


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01T17:07", datetime(2026, 12, 1, 11, 22, tzinfo=UTC)),
        ("2026-12-01T17:07:30", datetime(2026, 12, 1, 11, 22, 30, tzinfo=UTC)),
        ("2026-12-01 17:07", datetime(2026, 12, 1, 11, 22, tzinfo=UTC)),
        ("२०२६-१२-०१T१७:०७", datetime(2026, 12, 1, 11, 22, tzinfo=UTC)),
        ("2026-12-01T17:07Z", datetime(2026, 12, 1, 17, 7, tzinfo=UTC)),
        ("2026-12-01T17:07:00+05:45", datetime(2026, 12, 1, 11, 22, tzinfo=UTC)),
        ("2026-12-01T17:07+0530", datetime(2026, 12, 1, 11, 37, tzinfo=UTC)),
        ("2026-12-01T17:07:00.5", datetime(2026, 12, 1, 11, 22, 0, 500_000, tzinfo=UTC)),
        ("2026-12-01T17:07:00.1234567+05:45", datetime(2026, 12, 1, 11, 22, 0, 123_456, tzinfo=UTC)),
        ("2026-12-01T17:07:00.123456789Z", datetime(2026, 12, 1, 17, 7, 0, 123_456, tzinfo=UTC)),
        ("2026-12-01T17:07:00,250+05:45", datetime(2026, 12, 1, 11, 22, 0, 250_000, tzinfo=UTC)),
        ("2026-12-01T17:07+05", datetime(2026, 12, 1, 12, 7, tzinfo=UTC)),
        ("2026-12-01T17:07:00+05:45[Asia/Kathmandu]", datetime(2026, 12, 1, 11, 22, tzinfo=UTC)),
        ("2026-12-01T17:07:00Z[UTC]", datetime(2026, 12, 1, 17, 7, tzinfo=UTC)),
    ],
)
def test_a_date_without_an_offset_is_kathmandus(text, moment):
    assert parse_schedule(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2083-08-15T17:07", "2026-12-01T17:07"),
        ("२०८३-०८-१५ १७:०७", "2026-12-01T17:07"),
        ("2083/8/15 17:07", "2026-12-01T17:07"),
        ("2083-08-15T17:07:00.000+05:45", "2026-12-01T17:07"),
        ("2083.08.15", "2026-12-01T10:00"),
        ("2072-06-03T09:00", "2015-09-20T09:00"),  # the constitution was promulgated
        ("2072-01-12T11:56", "2015-04-25T11:56"),  # the earthquake
        ("2070-01-01T08:00", "2013-04-14T08:00"),
        ("2081-03-32T08:00", None),
        ("2100-13-01T08:00", None),
    ],
)
def test_a_date_of_bikram_sambat_is_refused_with_the_gregorian_one_that_it_may_mean(text, meant):
    with pytest.raises(InvalidError) as raised:
        parse_schedule(text, NOW)

    assert code_of(raised) == "bikram_sambat_date"
    message = raised.value.items[0].message
    assert f"send {meant} if it is" in message if meant else "no such day" in message


def test_the_first_days_of_the_months_of_2082_and_2083_are_those_of_the_almanac():
    # As the packages nepali 1.2.0 and nepali-datetime 1.0.8.5, each with a table of its own, have them.
    firsts = (
        "2025: 04-14 05-15 06-15 07-17 08-17 09-17 10-18 11-17 12-16; 2026: 01-15 02-13 03-15 04-14 05-15 06-15 "
        "07-17 08-17 09-17 10-18 11-17 12-16; 2027: 01-15 02-13 03-15"
    )
    expected = [
        date.fromisoformat(f"{year.strip()}-{day}")
        for year, _, days in (part.partition(":") for part in firsts.split(";"))
        for day in days.split()
    ]

    found = [gregorian(year, month, 1) for year in (2082, 2083) for month in range(1, 13)]

    assert found == expected


def test_a_plus_that_a_form_lost_is_told():
    with pytest.raises(InvalidError, match="%2B"):
        parse_schedule("2026-12-01T17:07:00 05:45", NOW)


@pytest.mark.parametrize("value", [None, ""])
def test_no_date_means_at_once(value):
    assert parse_schedule(value, NOW) is None


@pytest.mark.parametrize(
    "value",
    ["tomorrow", "2026-13-01T10:00", "2026-02-30T10:00", "2026-12-01T24:01", "2026-12-01", "01/12/2026 10:00", 5, [],
     "2026-12-01T10:00+99:99", "0000-01-01T00:00", "２０２６", True],
)  # fmt: skip
def test_impossible_and_malformed_dates_are_told_apart_from_past_ones(value):
    with pytest.raises(InvalidError) as raised:
        parse_schedule(value, NOW)
    assert code_of(raised) == "invalid_date"


def test_a_past_date_is_refused_with_the_servers_clock():
    with pytest.raises(InvalidError) as raised:
        parse_schedule("2023-05-09T17:07", NOW)
    assert code_of(raised) == "date_in_past"
    assert "2026-11-24T11:45:00+05:45" in str(raised.value)


def test_the_current_minute_can_be_named():
    assert parse_schedule("2026-11-24T11:45", NOW + timedelta(seconds=40)) is not None


def test_a_date_over_a_year_ahead_is_refused():
    with pytest.raises(InvalidError) as raised:
        parse_schedule("2027-11-25T17:07", NOW)
    assert code_of(raised) == "date_too_far"


@given(st.text())
def test_any_text_is_a_date_or_an_error_for_people(text):
    try:
        moment = parse_schedule(text, NOW)
    except InvalidError:
        return
    assert moment is None or moment.tzinfo is not None
