"""The obvious way to build this, to compare with: ``python -m bench.obvious <database> <redis>``.

One arq job per recipient on one shared queue, the message rendered in the job, one ORM row update and commit per
state. It holds no limit, no lease and no guard; it is what a first version of such a service looks like.
"""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import uvloop
from arq.connections import RedisSettings
from arq.worker import Worker, func

from app.calls.models import Call
from app.calls.state import CallStatus
from app.campaigns import tags
from app.db.engine import Sessions, make_engine, make_sessions
from app.recipients.models import Recipient
from app.runs.models import Run
from bench.instant import PLACES

QUEUE = "bench:obvious"
_LIFE = (CallStatus.DIALING, CallStatus.RINGING, CallStatus.ANSWERED, CallStatus.COMPLETED)


async def call(ctx: dict[str, Any], call_id: int) -> None:
    """Load what the call needs, then write each of its states."""
    sessions: Sessions = ctx["sessions"]
    async with sessions() as session:
        row = await session.get_one(Call, call_id)
        recipient = await session.get_one(Recipient, row.recipient_id)
        run = await session.get_one(Run, row.run_id)
        _ = tags.parse(run.message or "").render(recipient.tags).text
        for status in _LIFE:
            row.status = status
            row.ended_at = datetime.now(UTC) if status is CallStatus.COMPLETED else None
            await session.commit()


async def drain(database: str, redis: str) -> dict[str, float]:
    """Run one worker until the queue is empty."""
    engine = make_engine(database, application="bench obvious", pool_size=20)
    worker = Worker(
        [func(call, name="call")],
        redis_settings=RedisSettings.from_dsn(redis),
        queue_name=QUEUE,
        burst=True,
        max_jobs=PLACES,
        keep_result=0,
        poll_delay=0.05,
        handle_signals=False,
        ctx={"sessions": make_sessions(engine)},
    )
    began = time.monotonic()
    await worker.async_run()
    took = time.monotonic() - began
    await worker.close()
    await engine.dispose()
    return {"jobs": worker.jobs_complete, "seconds": took}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(uvloop.run(drain(sys.argv[1], sys.argv[2]))))
