"""A worker's own health: looked at every few seconds, told to the thread that answers for the process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.core.checks import Check, Checks
from app.core.vitals import Vitals

EVERY_S = 5.0


@asynccontextmanager
async def watching(vitals: Vitals, checks: Sequence[Check]) -> AsyncIterator[None]:
    """While inside, `vitals` beat and know what the checks find."""
    task = asyncio.create_task(_watch(vitals, Checks(checks)), name="health")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _watch(vitals: Vitals, checks: Checks) -> None:
    while True:
        vitals.beat()
        for part, finding in (await checks.findings()).items():
            vitals.note(part, finding)
        vitals.beat()
        await asyncio.sleep(EVERY_S)
