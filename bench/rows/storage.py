"""Bytes that a call takes once it has been through all of its states, beside a row that was just written."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from app.calls.state import CallStatus
from app.db.engine import make_engine
from app.dispatch.claiming import claim
from app.line.ledger import Ledger, Step
from bench.figures import Figure
from bench.rows.dispatch import queued_run
from bench.stage import Connection, Stage

_MOST_CALLS = 20_000
_PORTIONS = 50
_A_SECOND = 20
"""Calls that a line starts in a second. What matters is that few are claimed at once: the dead versions of those before
are cleared away on their page and in the indexes' leaves when the next ones come."""
_STEPS = (CallStatus.DIALING, CallStatus.RINGING, CallStatus.ANSWERED, CallStatus.COMPLETED)


async def measure(stage: Stage) -> list[Figure]:
    """The size of `calls` with its indexes after every call was claimed, dialled, answered and heard.

    A fiftieth of the calls at a time with a vacuum behind it, as autovacuum does at its scale factor of 2 %.
    """
    calls = min(_MOST_CALLS, stage.size)
    async with stage.database() as (url, connection):
        run_id = await queued_run(connection, calls)
        fresh = await size_of(connection)
        line_id = await connection.fetchval(
            "INSERT INTO lines (kind, trunk, places, cps, host, pid) "
            "VALUES ('sip', 'bench', 200, 1, 'bench', 1) RETURNING id"
        )
        engine = make_engine(url, application="bench")
        ledger = Ledger(engine, line_id)
        for portion in range(_PORTIONS):
            share = calls * (portion + 1) // _PORTIONS - calls * portion // _PORTIONS
            await whole_lives(engine, ledger, run_id, line_id, share)
            await connection.execute("VACUUM calls", timeout=900)
        await ledger.close()
        await engine.dispose()
        spent = await size_of(connection)
    return [Figure("bytes of a call after its life", spent / calls, fresh / calls, "B", 1.5, at_least=False)]


async def whole_lives(engine: AsyncEngine, ledger: Ledger, run_id: int, line_id: int, calls: int) -> None:
    """Claim to end of the next `calls` calls, as many at once as a line starts in a second."""
    for start in range(0, calls, _A_SECOND):
        async with engine.begin() as database:
            taken = await claim(
                database,
                line_id=line_id,
                run_id=run_id,
                calls=min(_A_SECOND, calls - start),
                now=datetime.now(UTC),
            )
        for status in _STEPS:
            await live(ledger, [call_id for call_id, _ in taken.calls], status)


async def live(ledger: Ledger, call_ids: list[int], status: CallStatus) -> None:
    """One step of each call, by the ledger's groups."""
    now = datetime.now(UTC)
    times = {
        "answered": {"answered_at": now},
        "dialing": {"dialed_at": now, "audio_ms": 9000},
        "ringing": {"ringing_at": now},
    }
    ended = {
        "reason": "played",
        "sip_status": 200,
        "sip_call_id": "0123456789abcdef",
        "ended_at": now,
        "played_ms": 9000,
    }
    fields = times.get(status.name.lower(), ended)
    await asyncio.gather(*(ledger.record(Step(call_id, status, **fields)) for call_id in call_ids))


async def size_of(connection: Connection) -> int:
    """Bytes of the table with its indexes."""
    return int(await connection.fetchval("SELECT pg_total_relation_size('calls')"))
