"""Where a run stands, and faults spread over its length."""

import asyncio
import random
import time
from collections.abc import AsyncIterator

from app.calls.state import CallStatus
from chaos.campaign import Begun, ended, ended_calls
from chaos.rig import Rig
from chaos.witness import entries

_LONGEST_GAP_S = 6.0
_IN_PROGRESS = (CallStatus.DIALING, CallStatus.RINGING, CallStatus.ANSWERED)


async def spread(rig: Rig, run: Begun, times: int) -> AsyncIterator[int]:
    """Come by `times` times, evenly over the calls of a run while they end; sooner when nothing moves for seconds."""
    for nth in range(times):
        target = len(run.numbers) * 0.9 * (nth + random.random()) / times
        deadline = time.monotonic() + _LONGEST_GAP_S
        while time.monotonic() < deadline and await ended_calls(rig, run) < target:
            await asyncio.sleep(0.1)
        yield nth


def invites(rig: Rig) -> int:
    """How many INVITEs the phones have written down."""
    return sum(entry["event"] == "invite" for entry in entries(rig.phones_log))


async def pause_of_dialling(rig: Rig, run: Begun, within_s: float = 60.0) -> float:
    """Seconds until the phones get another INVITE, or the run has ended."""
    started, before = time.monotonic(), invites(rig)

    async def goes_on() -> bool:
        return invites(rig) > before or await ended(rig, run)

    await rig.until(goes_on, "another call", within_s)
    return time.monotonic() - started


class InProgress:
    """Counts the calls that were in progress on lines when these died.

    A dead line's rows stand still until it is buried, 15 s later: looking some seconds afterwards is soon enough.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._seen = len(rig.graves)
        self.calls = 0

    async def look(self) -> None:
        """Count for the lines that died since the last look."""
        new, self._seen = self._rig.graves[self._seen :], len(self._rig.graves)
        pids = [grave.pid for grave in new if grave.name in self._rig.lines]
        if pids:
            rows = await self._rig.fetch(
                "SELECT count(*) AS n FROM calls JOIN lines ON lines.id = calls.line_id "
                "WHERE lines.pid = ANY($1::bigint[]) AND lines.state <> 2 AND calls.status = ANY($2::smallint[])",
                pids,
                [int(status) for status in _IN_PROGRESS],
            )
            self.calls += rows[0]["n"]
