from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.pacing import Pacer
from app.dispatch.pacing_figures import FreeLine, Limits, TrunkView, WaitingRun
from app.runs.state import QueuePriority

MILLION = 10**6


def dealt(pacer, lines, runs, trunks=None, *, now=0.0):
    shares = pacer.deal(lines, runs, trunks, now=now)
    return Counter({(share.line_id, share.run_id): share.calls for share in shares})


def by_run(counted):
    total = Counter()
    for (_, run), calls in counted.items():
        total[run] += calls
    return total


def starts(pacer, lines, runs, trunks=None, *, looks, every=0.1):
    """When each call starts, by run, over so many looks."""
    found = []
    for look in range(looks):
        now = look * every
        for share in pacer.deal(lines, runs, trunks, now=now):
            found += [(now + delay, share.run_id, share.line_id) for delay in share.delays]
    return sorted(found)


def test_a_run_of_ten_is_not_behind_anothers_million():
    runs = [WaitingRun(1, 1, MILLION), WaitingRun(2, 2, 10)]
    assert by_run(dealt(Pacer(), [FreeLine(1, 20)], runs)) == {1: 10, 2: 10}


def test_an_account_with_two_runs_gets_no_more_than_one_with_one():
    runs = [WaitingRun(1, 1, 100), WaitingRun(2, 1, 100), WaitingRun(3, 2, 100)]
    assert by_run(dealt(Pacer(), [FreeLine(1, 20)], runs)) == {1: 5, 2: 5, 3: 10}


def test_single_places_go_round_from_look_to_look():
    pacer, runs = Pacer(), [WaitingRun(1, 1, 100), WaitingRun(2, 2, 100)]
    served = [next(iter(dealt(pacer, [FreeLine(1, 1)], runs, now=look)))[1] for look in range(4)]
    assert sorted(served) == [1, 1, 2, 2]


@pytest.mark.parametrize(("priority", "weight"), [(QueuePriority.HIGH, 4), (QueuePriority.LOW, 1)])
def test_priorities_share_the_calls_by_their_weights(priority, weight):
    runs = [WaitingRun(1, 1, MILLION), WaitingRun(2, 2, MILLION, priority)]
    counted = by_run(dealt(Pacer(), [FreeLine(1, 60)], runs))
    assert counted[2] * 2 == counted[1] * weight


def test_runs_of_one_account_share_its_turns_by_their_priority():
    runs = [WaitingRun(1, 1, MILLION), WaitingRun(2, 1, MILLION, QueuePriority.HIGH)]
    counted = by_run(dealt(Pacer(), [FreeLine(1, 60)], runs))
    assert counted == {1: 20, 2: 40}


def test_an_account_that_was_idle_has_saved_nothing_up():
    pacer, busy = Pacer(), WaitingRun(1, 1, MILLION)
    for look in range(50):
        dealt(pacer, [FreeLine(1, 10)], [busy], now=look)
    counted = by_run(dealt(pacer, [FreeLine(1, 20)], [busy, WaitingRun(2, 2, MILLION)], now=50))
    assert counted == {1: 10, 2: 10}


def test_lines_fill_evenly():
    assert dealt(Pacer(), [FreeLine(1, 10), FreeLine(2, 10)], [WaitingRun(1, 1, 10)]) == {
        (1, 1): 5,
        (2, 1): 5,
    }


def test_trunks_share_the_calls_by_their_weights():
    lines = [FreeLine(1, 100, trunk="a"), FreeLine(2, 100, trunk="b")]
    trunks = {"a": TrunkView(weight=3), "b": TrunkView()}
    assert dealt(Pacer(), lines, [WaitingRun(1, 1, 40)], trunks) == {(1, 1): 30, (2, 1): 10}


@pytest.mark.parametrize(
    ("run", "trunk"),
    [
        (WaitingRun(1, 1, MILLION, limits=Limits(calls=7), held=3), TrunkView()),
        (WaitingRun(1, 1, MILLION, account_limits=Limits(calls=7), account_held=3), TrunkView()),
        (WaitingRun(1, 1, MILLION), TrunkView(Limits(calls=7), held=3)),
    ],
)
def test_calls_at_once_are_never_more_than_the_limit(run, trunk):
    lines = [FreeLine(1, 50, trunk="t"), FreeLine(2, 50, trunk="t")]
    assert by_run(dealt(Pacer(), lines, [run], {"t": trunk})) == {1: 4}


@pytest.mark.parametrize("where", ["line", "trunk", "account", "run"])
@pytest.mark.parametrize("cps", [0.7, 5, 20, 33.3])
def test_over_any_ten_seconds_the_rate_is_the_limit_and_never_more_than_a_call_above(where, cps):
    limits = {name: Limits(cps=cps) if name == where else Limits() for name in ("trunk", "account", "run")}
    lines = [FreeLine(1, 200, cps if where == "line" else 1000, "t")]
    run = WaitingRun(1, 1, MILLION, limits=limits["run"], account_limits=limits["account"])
    found = [at for at, *_ in starts(Pacer(), lines, [run], {"t": TrunkView(limits["trunk"])}, looks=300)]
    for first in found:
        if first <= 19:
            count = sum(first <= at < first + 10 for at in found)
            assert cps * 10 * 0.98 - 1 <= count <= cps * 10 + 1


def test_an_accounts_limit_costs_the_others_nothing():
    runs = [WaitingRun(1, 1, MILLION, account_limits=Limits(cps=1)), WaitingRun(2, 2, MILLION)]
    found = starts(Pacer(), [FreeLine(1, 200, 20)], runs, looks=100)
    counted = Counter(run for at, run, _ in found if at < 10)
    assert counted[1] in (10, 11)
    assert counted[1] + counted[2] == pytest.approx(200, abs=3)


def test_a_limit_that_changes_holds_from_the_next_look_on():
    pacer, line = Pacer(), FreeLine(1, 200, 20)
    starts(pacer, [line], [WaitingRun(1, 1, MILLION)], looks=10)
    for limits, least, most in ((Limits(calls=0), 0, 0), (Limits(), 1, 10)):
        shares = pacer.deal([line], [WaitingRun(1, 1, MILLION, limits=limits)], now=2.0)
        assert least <= sum(share.calls for share in shares) <= most


def test_looks_that_come_late_do_not_make_a_burst():
    pacer, lines, runs = Pacer(), [FreeLine(1, 200, 20)], [WaitingRun(1, 1, MILLION)]
    pacer.deal(lines, runs, now=0.0)
    assert by_run(dealt(pacer, lines, runs, now=60.0))[1] <= 0.3 * 20 + 1


def test_it_says_when_places_alone_kept_calls_back():
    pacer, runs = Pacer(), [WaitingRun(1, 1, MILLION)]
    dealt(pacer, [FreeLine(1, 5)], runs)
    assert pacer.short_of_places
    dealt(pacer, [FreeLine(2, 100, 20)], runs)
    assert not pacer.short_of_places


@given(
    st.lists(st.integers(-3, 30), max_size=5),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40), st.sampled_from(QueuePriority)), max_size=6),
)
def test_rooms_and_queues_are_never_exceeded_and_always_used(rooms, queues):
    lines = [FreeLine(number, room) for number, room in enumerate(rooms)]
    runs = [
        WaitingRun(number, account, queued, priority)
        for number, (account, queued, priority) in enumerate(queues)
    ]
    counted = dealt(Pacer(), lines, runs)
    assert counted.total() == min(sum(max(0, room) for room in rooms), sum(queued for _, queued, _ in queues))
    for line in lines:
        assert sum(calls for (number, _), calls in counted.items() if number == line.id) <= max(0, line.room)
    for run in runs:
        assert by_run(counted)[run.id] <= run.queued
