from hypothesis import given
from hypothesis import strategies as st

from app.core.phone import Number
from app.recipients.files.seen import SeenNumbers
from app.recipients.report import collect_numbers


def test_numbers_of_a_request_are_kept_once_in_their_order():
    collected = collect_numbers([9876543210, "98675432123", "+977 9876543210", "९८१२३४५६७८"])
    assert collected.rows == [
        Number("+9779876543210", "9876543210"),
        Number("+97798675432123", "98675432123"),
        Number("+9779812345678", "9812345678"),
    ]
    assert (collected.duplicates, collected.rejected) == (1, 0)
    (warning,) = collected.warnings
    assert warning.code == "not_a_mobile_length"
    assert [(doubt.row, doubt.value) for doubt in warning.values] == [(2, "98675432123")]


def test_values_that_are_no_numbers_are_told_by_their_place():
    collected = collect_numbers(["9876543210", None, True, "abc\x00", [1], "+1 415 555 2671", 10**5000, 1.5])
    assert [(row.row, row.value, row.code) for row in collected.rejected_rows] == [
        (2, "", "empty_number"),
        (3, "True", "invalid_number"),
        (4, "abc", "invalid_number"),
        (5, "[1]", "invalid_number"),
        (6, "+1 415 555 2671", "foreign_number"),
        (7, "a number too long to show", "invalid_number"),
        (8, "1.5", "invalid_number"),
    ]
    assert all(row.message for row in collected.rejected_rows)
    assert collected.rejected == 7


def test_no_values_are_no_rows():
    assert collect_numbers([]).rows == []


def test_a_refused_value_is_shown_in_part_when_it_is_long():
    assert len(collect_numbers(["x" * 5000]).rejected_rows[0].value) == 100


@given(
    st.lists(
        st.one_of(
            st.integers(9_599_999_995, 9_600_000_005),
            st.integers(9_899_999_995, 9_900_000_005),
            st.sampled_from([10_000_000, 99_999_999, 96_000_000_000, 98_675_432_123]),
        )
    )
)
def test_numbers_that_went_by_are_known_as_a_set_knows_them(numbers):
    seen, plain = SeenNumbers(), set()
    for number in numbers:
        assert seen.add(f"+977{number}") is (number not in plain)
        plain.add(number)
