"""A line that is frozen within a transaction: its rows stay locked, and nobody else waits for them."""

import signal

import asyncpg

from app.calls.state import LineState
from chaos.campaign import begin, finish
from chaos.witness import BUSY, Report, judge

_LEASE_AND_A_LITTLE_S = 17


async def test_others_get_calls_while_a_frozen_line_cannot_be_buried(rig, numbers):
    await rig.until(lambda: rig.all_up(*rig.lines), "open lines")
    pid = rig.signal(rig.lines[0], signal.SIGSTOP)
    before = len(rig.graves)
    holder = await asyncpg.connect(rig.postgres.url())
    frozen = "FROM lines WHERE pid = $1 ORDER BY id DESC LIMIT 1"
    try:
        transaction = holder.transaction()
        await transaction.start()
        # The lock of a heartbeat.
        await holder.fetchval(f"SELECT id {frozen} FOR NO KEY UPDATE", pid)

        async def silent() -> bool:
            rows = await rig.fetch(
                f"SELECT now() - seen_at > make_interval(secs => $2) AS so {frozen}",
                pid,
                _LEASE_AND_A_LITTLE_S,
            )
            return bool(rows[0]["so"])

        await rig.until(silent, "the end of its lease")
        run = await begin(rig, numbers.take(40, [BUSY]))
        await finish(rig, run, within_s=60)
        report = Report()
        await judge(rig, run.run_id, run.numbers, report)
        assert report.broken == []
        rows = await rig.fetch(f"SELECT state {frozen}", pid)
        assert rows[0]["state"] != LineState.GONE
        await transaction.rollback()
    finally:
        await holder.close()

    async def buried() -> bool:
        rows = await rig.fetch(f"SELECT state {frozen}", pid)
        return bool(rows[0]["state"] == LineState.GONE)

    await rig.until(buried, "the burial")
    rig.signal(rig.lines[0], signal.SIGCONT)

    async def gone() -> bool:
        return any(grave.pid == pid for grave in rig.graves[before:])

    await rig.until(gone, "the end of the frozen line")
