"""The short form of the rows of `make chaos` that wait longest: for silent trunks, and for long messages to end."""

from chaos.rows import disks, trunks


async def test_a_full_disk_is_refused_and_calls_go_on(root_only, scale):
    report = await disks.no_room(scale)
    assert report.broken == []


async def test_odd_trunks_end_calls_for_the_right_reason_and_give_places_back(rig, numbers, scale):
    report = await trunks.odd_trunks(rig, numbers, scale)
    assert report.broken == []
