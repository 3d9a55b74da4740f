import pytest

from app.carriers.smpp_pace import SubmitPace


def test_submits_are_spaced_evenly():
    pace = SubmitPace(10)
    assert [round(pace.reserve(0.0), 3) for _ in range(4)] == [0.0, 0.1, 0.2, 0.3]
    assert pace.reserve(5.0) == 0.0


@pytest.mark.parametrize("throttled", [True, False])
def test_a_few_refusals_lower_no_rate(throttled):
    pace = SubmitPace(64)
    for _ in range(9):
        assert not pace.refused(1.0, throttled=throttled)
    assert (pace.now_rate, pace.reserve(1.0)) == (64, 0.0)


def test_many_refusals_in_a_row_lower_the_rate_once_a_second():
    pace = SubmitPace(64)
    lowered = [pace.refused(1.0, throttled=False) for _ in range(20)]
    assert lowered.index(True) == 9
    assert lowered.count(True) == 1
    assert pace.now_rate == pytest.approx(44.8)
    assert pace.reserve(1.0) == pytest.approx(1.0)
    assert pace.refused(2.5, throttled=False)
    assert pace.now_rate == pytest.approx(31.36)


def answers(pace, refused_of_six, *, throttled):
    for nth in range(600):
        if nth % 6 < refused_of_six:
            pace.refused(float(nth), throttled=throttled)
        else:
            pace.accepted()


def test_full_inboxes_among_others_lower_no_rate():
    pace = SubmitPace(64)
    answers(pace, 1, throttled=True)
    assert pace.now_rate == 64
    answers(pace, 5, throttled=False)
    assert pace.now_rate == 64


def test_a_centre_that_throttles_half_of_the_messages_is_sent_fewer():
    pace = SubmitPace(64)
    lowest = 64.0
    for nth in range(100):
        if nth % 2:
            pace.refused(float(nth), throttled=True)
        else:
            pace.accepted()
        lowest = min(lowest, pace.now_rate)
    assert lowest < 64


def test_the_rate_never_falls_to_nothing_and_comes_back():
    pace = SubmitPace(64)
    for second in range(100):
        pace.refused(float(second * 2), throttled=False)
    assert pace.now_rate == 1
    for _ in range(50):
        pace.accepted()
    assert pace.now_rate == 64
