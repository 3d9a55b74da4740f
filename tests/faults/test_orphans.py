"""A call that its line began and lost sight of: a fault of ours whatever its cause, and no reason to wait for ever."""

from app.calls.state import CallStatus
from app.runs.state import RunState
from chaos.campaign import begin, finish
from chaos.witness import BUSY, outcomes


async def test_a_call_that_nobody_follows_is_ended_by_its_line(rig, numbers):
    run = await begin(rig, numbers.take(1, [BUSY]))
    await finish(rig, run)
    await rig.until(lambda: rig.all_up(*rig.lines), "open lines")
    await rig.fetch(
        "UPDATE calls SET status = $1, reason = NULL, ended_at = NULL, line_id = (SELECT max(id) FROM lines "
        "WHERE state = 0) WHERE run_id = $2",
        int(CallStatus.RINGING),
        run.run_id,
    )
    await rig.fetch("UPDATE runs SET state = $1 WHERE id = $2", int(RunState.RUNNING), run.run_id)
    await finish(rig, run, within_s=60)
    assert list((await outcomes(rig, run.run_id)).values()) == [[(CallStatus.FAILED, "interrupted")]]
