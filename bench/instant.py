"""A line whose carrier ends every call at once, so that only our own path is measured: ``python -m bench.instant``."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

from app.carriers.carrier import Answered, CallHandle, Cause, Dial, Ended, Event, Ringing
from app.core.settings import Settings
from app.core.vitals import Vitals
from app.dispatch.lines import LineTerms
from app.wiring import open_parts
from workers.process import Signals, run_process
from workers.sip_line import LineWorker

PLACES = 200
CPS = "BENCH_CPS"
"""Variable with the calls a second that the line may start; without it as many as it can."""


class _Ended(CallHandle):
    """A call that rang, was answered and heard to its end in no time."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    async def events(self) -> AsyncIterator[Event]:
        yield Ringing(180)
        yield Answered()
        played = len(self._dial.audio) // 16
        yield Ended(Cause.PLAYED, 200, played, sip_call_id=str(self._dial.uuid), packets_sent=played // 20)

    def hangup(self) -> None:
        """It is over already."""


class InstantCarrier:
    """Takes no time and no processor."""

    def __init__(self) -> None:
        self.dead = asyncio.Event()

    async def start(self) -> None:
        """Nothing to bring up."""

    async def place(self, dial: Dial) -> CallHandle:
        """A call that is over."""
        return _Ended(dial)

    async def close(self) -> None:
        """Nothing to release."""


async def _main(settings: Settings, signals: Signals, _: Vitals) -> int:
    async with open_parts(settings, application="tingting line") as parts:
        terms = LineTerms("sip", "bench", PLACES, float(os.environ.get(CPS, "1e6")))
        return await LineWorker(parts, InstantCarrier(), terms).run(signals)


if __name__ == "__main__":
    sys.exit(run_process(Settings(), _main))
