import pytest

from app.carriers.smpp_pace import SubmitPace


def test_submits_are_spaced_evenly():
    pace = SubmitPace(10)
    assert [round(pace.reserve(0.0), 3) for _ in range(4)] == [0.0, 0.1, 0.2, 0.3]
    assert pace.reserve(5.0) == 0.0


def test_a_busy_centre_lowers_the_rate_once_a_second():
    pace = SubmitPace(64)
    for _ in range(10):
        pace.throttled(1.0)
    assert pace.now_rate == pytest.approx(44.8)
    assert pace.reserve(1.0) == pytest.approx(1.0)
    pace.throttled(2.5)
    assert pace.now_rate == pytest.approx(31.36)


def test_the_rate_never_falls_to_nothing_and_comes_back():
    pace = SubmitPace(64)
    for second in range(100):
        pace.throttled(float(second * 2))
    assert pace.now_rate == 1
    for _ in range(50):
        pace.accepted()
    assert pace.now_rate == 64
