"""The dispatcher: every control worker runs it, one of them leads.

The leader holds an advisory lock on a connection of its own; when that connection breaks it leads no more, and the
next one to take the lock goes on. Being alone, it can hold rates and limits exactly. Even two leaders at once could
not claim a call twice, for the claim itself is guarded.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.calls.state import CHANNELS, Channel, LineState
from app.core import faults, trail
from app.core.logging import get_logger
from app.core.metrics import CLAIMED, HELD, LOOK_SECONDS, PLACES, QUEUED
from app.dispatch.claiming import claim_share
from app.dispatch.daily_caps import days_now, within_caps
from app.dispatch.dead_lines import declare_gone
from app.dispatch.fair_starts import FairTurns
from app.dispatch.finishing import finish_runs
from app.dispatch.leader_view import LineView, lines_now, trunk_limits, waiting_runs
from app.dispatch.pacing import Pacer
from app.dispatch.pacing_figures import NO_LIMITS, FreeLine, Limits, Share, TrunkView, WaitingRun
from app.dispatch.requeue import requeue
from app.dispatch.starting import advance, runs_to_advance
from app.dispatch.stopping import end_queued, runs_to_end
from app.dispatch.without_trunk import end_without_trunk
from app.queue.redis import OUTAGES
from app.runs.switched_off_accounts import stop_runs
from app.wiring import Parts
from workers.copy_watch import CopyWatch
from workers.line_watch import LineWatch

TICK_S = 0.1
_QUIET_TICK_S = 0.25
"""Between looks while no run has anything queued. At one pace an idle worker took 18 % of a core, now 7 %."""
MOVE_S = 0.5
"""Between looks at what moves runs by itself. What waits for them is a run that is due or over; a begin and a stop have
jobs of their own."""
# After a look that gave out all free places though the pace had more to give: the places come free at any moment
# (calls that end at once: 200 places looked at every 100 ms are at most 2,000 calls a second).
_BUSY_TICK_S = 0.02
_RETRY_S = 1.0
_LONGEST_LOOK_S = 8.0
# A leader looks ten times a second. One whose machine or network vanished must not keep the lock for the hours that
# TCP may take to notice.
_LEAD_IDLE = text("SET idle_session_timeout = '12s'")
LEAD_LOCK = 7264918
"""Number of the advisory lock that the leader holds."""
# A look that comes late (a slow query, a busy machine) must not count its whole delay as a line's silence.
_LONGEST_SILENCE_STEP_S = 1.0

log = get_logger(__name__)


def trunks_of(lines: Sequence[LineView], limits: Mapping[str, tuple[Limits, int]]) -> dict[str, TrunkView]:
    """Each trunk that lines are on, with the calls that all of them hold, those that drain included."""
    held: Counter[str] = Counter()
    for line in lines:
        held[line.trunk] += line.held
    return {name: TrunkView(*limits.get(name, (NO_LIMITS, 1)), held=calls) for name, calls in held.items()}


def _show(lines: Sequence[LineView], runs: Mapping[Channel, Sequence[WaitingRun]]) -> None:
    """Put what the leader sees on its page of metrics."""
    for channel, waiting in runs.items():
        QUEUED.labels(channel.name.lower()).set(sum(run.queued for run in waiting))
    PLACES.clear()
    HELD.clear()
    for line in lines:
        if line.state is LineState.OPEN:
            PLACES.labels(line.trunk).inc(line.places)
        HELD.labels(line.trunk).inc(line.held)


class Dispatcher:
    """Claims calls for lines, buries silent lines, and moves runs on."""

    def __init__(self, parts: Parts, turns: FairTurns | None = None) -> None:
        self._parts = parts
        self._turns = turns or FairTurns()
        self._watches: dict[int, LineWatch] = {}
        self._looked_at: float | None = None
        self._pacers = {channel: Pacer() for channel in Channel}
        self._moved_at = 0.0
        self._copies = CopyWatch(parts)
        self._errands: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._bells: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Try to lead, lead, and try again when the lead is lost; until cancelled."""
        try:
            while True:
                try:
                    await self._lead()
                except (SQLAlchemyError, OSError) as error:
                    log.warning("dispatcher_waits_for_database", error=repr(error)[:200])
                except Exception:
                    # Whatever it was, calls wait: the next look starts from what Postgres says.
                    log.exception("dispatcher_failed")
                await asyncio.sleep(_RETRY_S)
        finally:
            beside = (*self._errands.values(), *self._bells)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._copies.last_step()

    async def _lead(self) -> None:
        async with self._parts.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            if not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LEAD_LOCK}):
                return
            await connection.execute(_LEAD_IDLE)
            log.info("dispatcher_leads")
            self._watches.clear()
            self._looked_at = None
            try:
                await self._copies.step()
                while True:
                    with LOOK_SECONDS.time():
                        async with asyncio.timeout(_LONGEST_LOOK_S):
                            pause = await self._look(connection)
                    await asyncio.sleep(pause)
            finally:
                # A connection that goes back to the pool would keep the lock.
                await connection.invalidate()

    async def _look(self, lead: AsyncConnection) -> float:
        """One look: on the connection that holds the lock, so that a broken lead is noticed before it acts.

        Returns:
            Seconds until the next: fewest when calls were claimed and places alone were what kept others back.
        """
        now = time.monotonic()
        step = min(now - self._looked_at, _LONGEST_SILENCE_STEP_S) if self._looked_at is not None else 0.0
        lines = await lines_now(lead)
        runs = await waiting_runs(lead)
        trunks = trunks_of(lines, await trunk_limits(lead))
        self._looked_at = now
        self._declare_gone_silent(lines, step)
        _show(lines, runs)
        room = self._room(lines)
        hurried = False
        left = await self._left_today(lead, runs)
        in_turn = False
        for channel, waiting in runs.items():
            pacer = self._pacers[channel]
            kept = within_caps(waiting, left)
            in_turn |= bool(kept)
            shares = pacer.deal(room[channel], kept, trunks, now=now)
            for share in shares:
                await self._claim(share, channel, now)
            hurried |= bool(shares) and pacer.short_of_places
        if now - self._moved_at >= MOVE_S:
            self._moved_at = now
            await self._move_runs()
        if hurried:
            return _BUSY_TICK_S
        return TICK_S if in_turn else _QUIET_TICK_S

    async def _left_today(
        self, lead: AsyncConnection, runs: Mapping[Channel, Sequence[WaitingRun]]
    ) -> dict[int, int]:
        """Calls that each account with a limit a day may still start today."""
        now = self._parts.clock.now()
        accounts = {run.account_id for waiting in runs.values() for run in waiting}
        days = await days_now(lead, accounts, default=self._parts.settings.default_cap, now=now)
        return {account_id: day.room for account_id, day in days.items()}

    def _room(self, lines: Sequence[LineView]) -> dict[Channel, list[FreeLine]]:
        room: dict[Channel, list[FreeLine]] = {channel: [] for channel in Channel}
        for line in lines:
            watch = self._watches[line.id]
            if line.state is LineState.OPEN and watch.alive and not line.resting:
                free = FreeLine(line.id, line.places - line.held, line.cps, line.trunk)
                room[CHANNELS[line.kind]].append(free)
        return room

    def _declare_gone_silent(self, lines: Sequence[LineView], step: float) -> None:
        for line in lines:
            watch = self._watches.get(line.id)
            if watch is None:
                self._watches[line.id] = LineWatch(line.heartbeat)
                continue
            watch.look(line.heartbeat, step)
            if watch.dead:
                # Beside the looks: a line that was frozen may hold a lock on its rows, and the others need calls.
                self._errand("declare_gone", line.id, partial(self._declare_gone, line.heartbeat, line.held))
        for gone in self._watches.keys() - {line.id for line in lines}:
            del self._watches[gone]

    async def _declare_gone(self, heartbeat: int, held: int, line_id: int) -> None:
        async with self._parts.engine.begin() as connection:
            gone = await declare_gone(connection, line_id, heartbeat, self._parts.clock.now())
        if gone:
            log.warning("line_gone", line=line_id, held=held)
            self._errand("drop_line", line_id, self._drop_line)

    async def _drop_line(self, line_id: int) -> None:
        try:
            await self._parts.queue.drop_line(line_id)
        except OUTAGES as error:
            log.warning("line_queue_left", line=line_id, error=repr(error))

    async def _claim(self, share: Share, channel: Channel, dealt_at: float) -> None:
        claims = await claim_share(
            self._parts.engine,
            line_id=share.line_id,
            run_id=share.run_id,
            channel=channel,
            calls=share.calls,
            now=self._parts.clock.now(),
            number_cap=self._parts.settings.number_cap,
        )
        if not claims:
            return
        faults.reach(faults.CLAIMED)
        CLAIMED.labels(channel.name.lower()).inc(len(claims))
        # Beside the looks: a silent Redis must not hold up the leader.
        gone = time.monotonic() - dealt_at
        ringing = self._ring(share.line_id, claims, [delay - gone for delay in share.delays])
        bell = asyncio.create_task(ringing, name=f"bell:{share.line_id}")
        self._bells.add(bell)
        bell.add_done_callback(self._bells.discard)

    async def _ring(self, line_id: int, claims: Sequence[tuple[int, int]], delays: Sequence[float]) -> None:
        try:
            await self._parts.queue.enqueue_calls(line_id, claims, delays)
        except OUTAGES as error:
            # The claims stand; the line finds them itself. They are at most its free places.
            log.warning("calls_not_enqueued", line=line_id, calls=len(claims), error=repr(error))

    async def _move_runs(self) -> None:
        now = self._parts.clock.now()
        async with self._parts.sessions.begin() as session:
            of_accounts_off = await stop_runs(session)
            due = await runs_to_advance(session, now)
            stopped = await runs_to_end(session)
            finished = await finish_runs(session, now)
        self._errand("requeue", 0, lambda _: requeue(self._parts.engine, now))
        self._errand("epoch", 0, lambda _: self._copies.step_if_due())
        self._errand("passed_on", 0, lambda _: end_without_trunk(self._parts.engine, now))
        for run in of_accounts_off:
            trail.tell("run_stopped", run=run.run_id, account=run.account_id, why="account_off")
        for run_id in finished:
            log.info("run_finished", run=run_id)
        for run_id in due:
            self._errand("advance", run_id, partial(self._advance, now))
        for run_id in stopped:
            self._errand("end_queued", run_id, lambda run_id: end_queued(self._parts.sessions, run_id, now))

    async def _advance(self, now: datetime, run_id: int) -> None:
        await advance(self._parts.sessions, run_id, now, self._turns)

    def _errand(self, kind: str, number: int, work: Callable[[int], Awaitable[object]]) -> None:
        """Run `work(number)` beside the looks, once at a time."""
        key = (kind, number)
        if key not in self._errands:
            self._errands[key] = asyncio.create_task(self._guarded(key, work), name=f"{kind}:{number}")

    async def _guarded(self, key: tuple[str, int], work: Callable[[int], Awaitable[object]]) -> None:
        try:
            await work(key[1])
        except (SQLAlchemyError, OSError) as error:
            log.warning("errand_failed", errand=key[0], number=key[1], error=repr(error)[:200])
        except Exception:
            log.exception("errand_failed", errand=key[0], number=key[1])
        finally:
            del self._errands[key]
