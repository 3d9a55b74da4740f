"""Where a run stands, and faults spread over its length."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from typing import Self

from app.calls.state import CallStatus
from chaos.campaign import Begun, ended, ended_calls
from chaos.parts import Grave
from chaos.rig import Rig

_LONGEST_GAP_S = 6.0
_SETTLED_S = 0.5
_INVITE = b'"event": "invite"'
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
    """How many INVITEs the phones have written down; looked at ten times a second, so nothing is parsed."""
    return rig.phones_log.read_bytes().count(_INVITE) if rig.phones_log.exists() else 0


async def pause_of_dialling(rig: Rig, run: Begun, within_s: float = 60.0) -> float:
    """Seconds until the phones get another INVITE, or the run has ended."""
    started, before = time.monotonic(), invites(rig)

    async def goes_on() -> bool:
        return invites(rig) > before or await ended(rig, run)

    await rig.until(goes_on, "another call", within_s)
    return time.monotonic() - started


class InProgress:
    """Counts the calls that were in progress on lines when these died; to be used as a context.

    A dead line's rows stand still until it is buried, 15 s later, so each death is looked at when it is seen.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._looks: list[asyncio.Task[int]] = []

    async def __aenter__(self) -> Self:
        self._rig.mourners.append(self._note)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._rig.mourners.remove(self._note)
        await asyncio.gather(*self._looks)

    async def calls(self) -> int:
        """How many there were so far."""
        return sum(await asyncio.gather(*self._looks))

    def _note(self, grave: Grave) -> None:
        if grave.name in self._rig.lines:
            self._looks.append(asyncio.create_task(self._held_by(grave.pid)))

    async def _held_by(self, pid: int) -> int:
        # What the process had sent before it died, the server may still be at.
        await asyncio.sleep(_SETTLED_S)
        rows = await self._rig.fetch(
            "SELECT count(*) AS n FROM calls JOIN lines ON lines.id = calls.line_id "
            "WHERE lines.pid = $1 AND lines.state <> 2 AND calls.status = ANY($2::smallint[])",
            pid,
            [int(status) for status in _IN_PROGRESS],
        )
        return int(rows[0]["n"])
