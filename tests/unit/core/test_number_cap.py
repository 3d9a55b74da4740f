import pytest
from pydantic import ValidationError

from app.core.settings import Settings


def test_a_number_is_called_ten_times_a_day_unless_the_operator_says_otherwise():
    assert Settings().number_cap == 10
    assert Settings(number_calls_a_day="3").number_cap == 3
    assert Settings(number_calls_a_day=" Unlimited ").number_cap is None


def test_the_trials_phones_may_be_called_any_number_of_times():
    assert Settings(trial=True, number_calls_a_day=3).number_cap is None


@pytest.mark.parametrize("written", ["0", "none", "-1", "1.5", "", "10001", "many", "५"])
def test_what_is_no_number_of_calls_is_refused_and_told_the_word_for_any_number(written):
    with pytest.raises(ValidationError, match="or unlimited"):
        Settings(number_calls_a_day=written)
