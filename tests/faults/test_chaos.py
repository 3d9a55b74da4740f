"""The short form of rows of `make chaos`: the same faults, a few times, during runs of 80 calls.

Some take half a minute, for a line counts as dead after 15 s of silence and no sooner. The two that wait longest are in
`test_chaos_of_long_waits`, which runs beside this.
"""

import pytest

from chaos.rows import (
    clocks,
    copies,
    database,
    doorbell,
    drains,
    freezes,
    kills,
    life,
    network,
    races,
    soak,
    texts,
)


async def test_processes_killed_at_random_cost_nobody_a_call_nor_a_second_one(rig, numbers, scale):
    report = await kills.random_kills(rig, numbers, scale)
    assert report.broken == []


async def test_processes_killed_where_it_hurts_most_call_nobody_twice(rig, numbers, scale):
    report = await kills.kills_at_points(rig, numbers, scale)
    assert report.broken == []


async def test_a_line_that_is_asked_to_stop_lets_its_calls_end(rig, numbers, scale):
    report = await drains.drains(rig, numbers, scale)
    assert report.broken == []


async def test_a_redis_that_forgets_everything_costs_nobody_a_call(rig, numbers, scale):
    report = await doorbell.flushed(rig, numbers, scale)
    assert report.broken == []


async def test_workers_outlive_a_redis_that_is_killed(rig, numbers, scale):
    report = await doorbell.restarted(rig, numbers, scale)
    assert report.broken == []


async def test_calls_play_on_while_the_database_crashes_and_what_was_acknowledged_stays(rig, numbers, scale):
    report = await database.crashes(rig, numbers, scale)
    assert report.broken == []


async def test_a_line_that_wakes_up_late_sends_nothing(rig, numbers, scale):
    report = await freezes.freezes(rig, numbers, scale)
    assert report.broken == []


async def test_texts_that_swell_cut_no_call_of_another_account_and_keep_no_line_silent(rig, numbers, scale):
    report = await texts.swelling(rig, numbers, scale)
    assert report.broken == []


async def test_a_database_put_back_from_a_copy_calls_nobody_again(rig, numbers, scale):
    report = await copies.old_copies(rig, numbers, scale)
    assert report.broken == []


async def test_64_begins_make_one_run_and_one_key_one_campaign(rig, numbers, scale):
    report = await races.races(rig, numbers, scale)
    assert report.broken == []


async def test_what_is_over_stays_over_whatever_the_order(scale):
    report = await life.any_order(scale)
    assert report.broken == []


async def test_a_run_that_is_due_while_everything_is_down_starts_once(rig, numbers, scale):
    report = await clocks.down_at_its_time(rig, numbers, scale)
    assert report.broken == []


async def test_nothing_grows_with_the_calls(rig, numbers, scale):
    report = await soak.soak(rig, numbers, scale, minutes=0.5)
    assert report.broken == []


async def test_a_bad_network_makes_no_wrong_state_and_no_500(rig, numbers, scale):
    # Next to last: it leaves the rig's processes behind proxies that are gone.
    report = await network.bad_network(rig, numbers, scale)
    assert report.broken == []


async def test_a_clock_that_jumps_stops_no_call(rig, numbers, scale):
    # The last: it leaves the rig's processes with a library before their clock.
    report = await clocks.jumps(rig, numbers, scale)
    if any("libfaketime" in broken for broken in report.broken):
        pytest.skip("libfaketime is not installed")
    assert report.broken == []
