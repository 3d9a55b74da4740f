"""Three line workers on three trunks: one is honest, one says 503, one says nothing. The phones are the witness."""

import pytest

from app.calls.state import CallStatus
from app.local.ports import LOOPBACK
from chaos.campaign import begin, finish
from chaos.oddpeer import Oddity, OddPeer
from chaos.rig import rig as a_rig
from chaos.witness import BUSY, LISTENS, Report, dialled, judge, outcomes

PLACES = 60


@pytest.fixture(scope="module")
async def trunks():
    """The rig, and what its second and its third line have for a trunk."""
    peers = [OddPeer(Oddity.UNAVAILABLE), OddPeer(Oddity.SILENT)]
    async with a_rig(lines=3, settings={"TINGTING_LINE_PLACES": str(PLACES)}) as rig:
        for line, peer in zip(rig.lines[1:], peers, strict=True):
            await peer.start()
            await rig.restart(line, TINGTING_SIP_TRUNK=f"sip:{LOOPBACK}:{peer.port}")
        yield rig, peers
    for peer in peers:
        peer.close()


def offering(rig, peer):
    """Waits until a dead trunk's line offers so many places."""

    async def until(places):
        async def look():
            rows = await rig.fetch(
                "SELECT places FROM lines WHERE trunk = $1 AND state = 0", f"sip:{LOOPBACK}:{peer.port}"
            )
            return [row["places"] for row in rows] == [places]

        await rig.until(look, f"{places} places of the line")

    return until


async def test_what_two_dead_trunks_do_not_take_the_third_dials_once(trunks, numbers):
    rig, peers = trunks
    called = numbers.take(80, [BUSY, LISTENS])

    run = await begin(rig, called)
    await finish(rig, run)

    report = Report()
    counts = await judge(rig, run.run_id, called, report)
    assert report.broken == []
    assert (counts["unanswered"], counts["completed"]) == (40, 40)
    assert dialled(rig.phones_log, called) == dict.fromkeys(called, 1)
    refused = [len(peer.calls) for peer in peers]
    assert min(refused) > 0
    # Each INVITE that a dead trunk got is one trunk more that refused its call: no attempt, nothing of the day.
    (tried,) = await rig.fetch(
        "SELECT sum(coalesce(cardinality(refused_by), 0)) AS n, max(coalesce(cardinality(refused_by), 0)) AS most, "
        "max(attempt) AS attempts FROM calls"
    )
    assert (tried["n"], tried["most"] <= 2, tried["attempts"]) == (sum(refused), True, 1)
    assert [row["calls"] for row in await rig.fetch("SELECT calls FROM dialled_days")] == [80]


async def test_a_dead_trunk_is_tried_with_one_call_at_a_time_until_it_takes_one(trunks, numbers):
    rig, (unavailable, _) = trunks
    places = offering(rig, unavailable)
    run = await begin(rig, numbers.take(60, [BUSY]))
    await places(1)
    await finish(rig, run)
    unavailable.oddity = Oddity.YES

    again = await begin(rig, numbers.take(200, [LISTENS]))
    await places(PLACES)
    await finish(rig, again)

    unavailable.oddity = Oddity.UNAVAILABLE
    said = await outcomes(rig, again.run_id)
    assert {ends[-1][0] for ends in said.values()} == {CallStatus.COMPLETED}


async def test_a_run_ends_when_no_trunk_takes_its_calls(trunks, numbers):
    rig, peers = trunks
    await rig.hold_down(rig.lines[0])
    before = [set(peer.calls) for peer in peers]
    called = numbers.take(20, [LISTENS])

    run = await begin(rig, called)
    await finish(rig, run)

    said = await outcomes(rig, run.run_id)
    assert {ends[-1][0] for ends in said.values()} == {CallStatus.FAILED}
    assert {ends[-1][1] for ends in said.values()} <= {"trunk_error", "no_route"}
    assert [len(peer.calls - known) for peer, known in zip(peers, before, strict=True)] == [20, 20]
    assert not dialled(rig.phones_log, called)
