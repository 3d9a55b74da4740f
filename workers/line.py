"""A line: one process that holds one carrier or session, and what lines of calls and of messages do alike."""

import asyncio
import os
import socket
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from app.calls.state import CallStatus, LineState
from app.core.logging import get_logger
from app.dispatch import dead_lines, lines
from app.dispatch.lines import LineTerms
from app.line.claims import ClaimReader
from app.line.held_claims import Work
from app.line.ledger import Ledger
from app.queue.intake import Intake
from app.queue.queue import line_queue
from app.queue.redis import OUTAGES
from app.wiring import Parts
from workers.process import Signals

CANNOT_START = 2
"""Exit code of a line whose trunk cannot be used as it is set."""
BEAT_S = 1.0
_STOP_LOOK_S = 0.25
_LOOK_PATIENCE_S = 3.0
_LOST_AFTER_BEATS = 3
_QUICK_END_S = 3.2
"""Seconds in which a line hangs up what it holds; the stack manages some 35 calls a second."""
_LAST_WORDS_S = 1.0
"""Seconds in which a line that ends quickly writes its results and leaves."""
# The longest that a call can take: ring timeout, ten minutes of audio and as much speech, with room.
_JOB_S = 3600

# Call id, attempt and status of a call that takes a place.
_Held = tuple[int, int, CallStatus]

log = get_logger(__name__)


class Stack(Protocol):
    """What a line holds: a carrier or a sender.

    Attributes:
        dead: set when only a new process helps.
    """

    dead: asyncio.Event

    async def start(self) -> None:
        """Bring it up; raises when it cannot."""
        ...

    async def close(self) -> None:
        """Release everything."""
        ...


class Line(ABC):
    """One life of a line, from its row to its end."""

    def __init__(self, parts: Parts, stack: Stack, terms: LineTerms) -> None:
        self._parts = parts
        self._stack = stack
        self._terms = terms
        self.line_id = 0
        """Id of the line's row; 0 until it is open."""
        self._waiting: Counter[_Held] = Counter()
        # Each statement by itself: a process that is frozen within a transaction keeps its locks, for as long as it
        # likes when the server waits for the rest of a message, and so keeps its own burial from its calls.
        self._single = parts.engine.execution_options(isolation_level="AUTOCOMMIT")

    @abstractmethod
    def _make_work(self, claims: ClaimReader, ledger: Ledger) -> Work:
        """What is done with the claims."""

    @property
    def _places(self) -> int:
        """Places that claims may take now; with none, claims that were not begun are given back."""
        return self._terms.places

    async def run(self, signals: Signals) -> int:
        """Take calls until asked to drain; returns the exit code (1 when the line was declared gone)."""
        engine = self._parts.engine
        try:
            await self._stack.start()
        except (OSError, ValueError) as error:
            log.error("line_cannot_start", trunk=self._terms.trunk, error=str(error))  # noqa: TRY400 - a sentence
            return CANNOT_START
        async with engine.begin() as connection:
            opened = replace(self._terms, places=self._places)
            self.line_id = await lines.open_line(
                connection, opened, host=socket.gethostname(), pid=os.getpid()
            )
        self._ledger = Ledger(engine, self.line_id)
        self.placer = self._make_work(ClaimReader(engine, self.line_id), self._ledger)
        self._worker = Intake(
            self._parts.redis,
            line_queue(self.line_id),
            {"place_call": self._place},
            places=self._terms.places,
            job_timeout_s=_JOB_S,
        )
        log.info("line_open", line=self.line_id, trunk=self._terms.trunk, places=self._terms.places)
        work = [
            asyncio.create_task(self._worker.async_run(), name="worker"),
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(self._watch_stops(), name="stops"),
            asyncio.create_task(self._stack.dead.wait(), name="carrier"),
        ]
        asking = asyncio.create_task(signals.drain.wait(), name="signals")
        await asyncio.wait([asking, *work], return_when=asyncio.FIRST_COMPLETED)
        asked = asking.done()
        asking.cancel()
        await self._drain(signals, quick=not asked)
        await self._end(work, signals)
        return 0 if asked else 1

    async def _place(self, call_id: int, after_ms: int = 0) -> None:
        """Job: see one claim to its end, `after_ms` milliseconds from now, when its limits allow it."""
        if after_ms:
            await asyncio.sleep(after_ms / 1000)
        await self.placer.place(call_id)

    async def _end(self, work: Sequence[asyncio.Task[Any]], signals: Signals) -> None:
        """Write what is left to write and let everything go.

        With the database away that waits, for results must not be lost, until a second signal asks for a quick end.
        """
        closing = asyncio.create_task(self._close(work))
        hurry = asyncio.create_task(signals.quick.wait())
        await asyncio.wait([closing, hurry], return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        await asyncio.wait([closing], timeout=_LAST_WORDS_S)
        if not closing.done():
            log.error("line_left_unsaid", line=self.line_id)
            closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)

    async def _close(self, work: Sequence[asyncio.Task[Any]]) -> None:
        await self._ledger.close()
        for task in work:
            task.cancel()
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("line_failed", line=self.line_id, exc_info=result)
        await self._leave()
        await self._stack.close()
        await self._worker.close()

    async def _beat(self) -> None:
        """Keep the lease, and look after what is not in hand; ends when the line was declared gone."""
        while True:
            try:
                # Shorter than any other statement: with a connection that fell silent, two of these must fit into
                # the lease.
                async with asyncio.timeout(_LOOK_PATIENCE_S), self._single.connect() as connection:
                    places = self._places
                    if not await lines.beat(connection, self.line_id, places):
                        log.error("line_was_buried", line=self.line_id)
                        return
                    if places == 0:
                        await dead_lines.return_claims(connection, self.line_id)
                    besides = await lines.held_besides(connection, self.line_id, self.placer.known)
                await self._see_after(self._lost(besides))
            except (SQLAlchemyError, *OUTAGES) as error:
                # Calls in progress go on; the leader cannot see our silence either while the database is away.
                log.warning("heartbeat_missed", line=self.line_id, error=repr(error)[:200])
            await asyncio.sleep(BEAT_S)

    def _lost(self, besides: Sequence[_Held]) -> list[_Held]:
        """Those that have been so over some beats. Counted, not timed: a clock may jump."""
        self._waiting = Counter({held: self._waiting[held] + 1 for held in besides})
        lost = [held for held, beats in self._waiting.items() if beats > _LOST_AFTER_BEATS]
        for held in lost:
            del self._waiting[held]
        return lost

    async def _see_after(self, lost: Sequence[_Held]) -> None:
        """Ring again for claims whose job was lost, and end what was begun and is followed by nobody.

        The latter is a fault of ours, whatever it is. Left alone it would keep its run from ending for ever.
        """
        claims = [(call_id, attempt) for call_id, attempt, status in lost if status is CallStatus.CLAIMED]
        orphans = [call_id for call_id, _, status in lost if status is not CallStatus.CLAIMED]
        if claims and self._worker.allow_pick_jobs:
            log.warning("claims_rung_again", line=self.line_id, calls=len(claims))
            await self._parts.queue.enqueue_calls(self.line_id, claims)
        if orphans:
            log.error("calls_without_end", line=self.line_id, calls=orphans)
            async with asyncio.timeout(_LOOK_PATIENCE_S), self._single.connect() as connection:
                await dead_lines.interrupt(connection, self.line_id, self._parts.clock.now(), orphans)

    async def _watch_stops(self) -> None:
        """Hang up calls of runs that were stopped."""
        while True:
            runs = self.placer.runs
            if runs:
                try:
                    async with asyncio.timeout(_LOOK_PATIENCE_S), self._single.connect() as connection:
                        for run_id in await lines.stopped_among(connection, runs):
                            self.placer.stop_run(run_id)
                except (SQLAlchemyError, OSError) as error:
                    log.warning("stops_unreadable", line=self.line_id, error=repr(error)[:200])
            await asyncio.sleep(_STOP_LOOK_S)

    async def _drain(self, signals: Signals, *, quick: bool) -> None:
        """Take no new call, give back what was not dialled, and wait for the calls in progress.

        A second signal hangs them up.
        """
        self._worker.allow_pick_jobs = False
        try:
            async with asyncio.timeout(_LOOK_PATIENCE_S), self._parts.engine.begin() as connection:
                await lines.set_state(connection, self.line_id, LineState.DRAINING)
                await dead_lines.return_claims(connection, self.line_id)
        except (SQLAlchemyError, OSError) as error:
            log.warning("drain_not_said", line=self.line_id, error=repr(error)[:200])
        if quick:
            self.placer.hang_up_all()
        idle = asyncio.create_task(self.placer.until_idle())
        hurry = asyncio.create_task(signals.quick.wait())
        await asyncio.wait(
            [idle, hurry], return_when=asyncio.FIRST_COMPLETED, timeout=_QUICK_END_S if quick else None
        )
        if not idle.done():
            self.placer.hang_up_all()
            await asyncio.wait([idle], timeout=_QUICK_END_S)
        hurry.cancel()
        idle.cancel()

    async def _leave(self) -> None:
        try:
            async with self._parts.engine.begin() as connection:
                await dead_lines.leave(connection, self.line_id, self._parts.clock.now())
            await self._parts.queue.drop_line(self.line_id)
        except (SQLAlchemyError, *OUTAGES) as error:
            # The lease runs out by itself, and the leader clears up.
            log.warning("leave_not_said", line=self.line_id, error=repr(error)[:200])
