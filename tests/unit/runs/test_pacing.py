from hypothesis import given
from hypothesis import strategies as st

from app.runs.pacing import FreeLine, Pace, WaitingRun, share_out


def test_a_run_of_ten_is_not_behind_anothers_million():
    shares = share_out([FreeLine(1, 20)], [WaitingRun(1, 1, 10**6), WaitingRun(2, 2, 10)])
    assert {share.run_id: share.calls for share in shares} == {1: 10, 2: 10}


def test_an_account_with_two_runs_gets_no_more_than_one_with_one():
    runs = [WaitingRun(1, 1, 100), WaitingRun(2, 1, 100), WaitingRun(3, 2, 100)]
    by_run = {share.run_id: share.calls for share in share_out([FreeLine(1, 20)], runs)}
    assert by_run == {1: 5, 2: 5, 3: 10}


def test_single_places_go_round_from_look_to_look():
    runs = [WaitingRun(1, 1, 100), WaitingRun(2, 2, 100)]
    served = [share_out([FreeLine(1, 1)], runs, turn=turn)[0].run_id for turn in range(4)]
    assert sorted(served) == [1, 1, 2, 2]


def test_lines_fill_evenly():
    shares = share_out([FreeLine(1, 10), FreeLine(2, 10)], [WaitingRun(1, 1, 10)])
    assert {share.line_id: share.calls for share in shares} == {1: 5, 2: 5}


@given(
    st.lists(st.integers(-3, 30), max_size=5),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40)), max_size=6),
    st.integers(0, 100),
)
def test_rooms_and_queues_are_never_exceeded_and_always_used(rooms, queues, turn):
    lines = [FreeLine(number, room) for number, room in enumerate(rooms)]
    runs = [WaitingRun(number, account, queued) for number, (account, queued) in enumerate(queues)]
    shares = share_out(lines, runs, turn=turn)
    total = sum(share.calls for share in shares)
    assert total == min(sum(max(0, room) for room in rooms), sum(queued for _, queued in queues))
    for line in lines:
        assert sum(share.calls for share in shares if share.line_id == line.id) <= max(0, line.room)
    for run in runs:
        assert sum(share.calls for share in shares if share.run_id == run.id) <= run.queued


@given(st.floats(0.5, 35), st.lists(st.floats(0, 0.5), min_size=1, max_size=200))
def test_over_any_time_the_rate_is_never_above_the_limit_by_more_than_its_burst(rate, pauses):
    pace = Pace(rate, rate * 0.25)
    now, started = 0.0, 0
    for pause in pauses:
        now += pause
        ready = pace.available(now)
        pace.take(ready)
        started += ready
        assert started <= now * rate + max(1.0, rate * 0.25) + 1


def test_a_steady_look_reaches_the_rate():
    pace = Pace(20.0, 5.0)
    started = 0
    for look in range(101):
        ready = pace.available(look / 10)
        pace.take(ready)
        started += ready
    assert 199 <= started <= 201


def test_time_that_runs_backwards_gives_nothing():
    pace = Pace(10, 2.5)
    pace.take(pace.available(100.0))
    assert pace.available(50.0) == 0
