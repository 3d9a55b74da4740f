"""What every worker process does alike: logs, the event loop, signals."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

import uvloop

from app.core import faults, vitals_page
from app.core.logging import configure_logging
from app.core.settings import Settings
from app.core.vitals import Vitals

_REFUSED = 2
_QUICK_EXIT_S = 4.5  # promised are five seconds; a busy machine needs some to end a process
# A line that starts 200 calls at once makes some thousands of objects; at Python's own threshold of 700 a quarter of
# its time went into collections that looked through every module again and found nothing.
_GC_THRESHOLD = (20_000, 20, 50)


class Signals:
    """SIGINT and SIGTERM as events: the first asks for a drain, the second for an end within five seconds."""

    def __init__(self) -> None:
        self.drain = asyncio.Event()
        self.quick = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.raise_one)

    def raise_one(self) -> None:
        """Take note of one more signal."""
        if self.drain.is_set() and not self.quick.is_set():
            self.quick.set()
            # A server that hangs, or a library that closes slowly, must not hold up an end that was asked for twice.
            watchdog = threading.Timer(_QUICK_EXIT_S, os._exit, (1,))
            watchdog.daemon = True
            watchdog.start()
        self.drain.set()


def run_process(settings: Settings, main: Callable[[Settings, Signals, Vitals], Awaitable[int]]) -> int:
    """Run `main` under uvloop until it returns the exit code; 2 when a fault is armed outside a trial."""
    configure_logging(settings.log_level, settings.log_format)
    try:
        faults.arm(trial=settings.trial)
    except faults.FaultRefusedError as error:
        sys.stderr.write(f"tingting: {error}\n")
        return _REFUSED

    vitals = Vitals()
    vitals_page.serve(settings.metrics_host, settings.metrics_port, vitals)
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)

    async def whole() -> int:
        return await main(settings, Signals(), vitals)

    return uvloop.run(whole())
