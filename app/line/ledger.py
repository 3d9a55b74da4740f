"""The ledger: every step of a call that a line makes, written in groups.

Steps of many calls that arrive while one statement is under way are written together by the next (measured: one by
one 5k rows/s, 500 at once 186k). Each row is guarded in SQL by the table of allowed steps and by the line that holds
the claim; a step that comes too late changes nothing and its maker is told so.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.calls.state import CallStatus, guard_of
from app.calls.steps import steps_sql
from app.core.clock import steady_now
from app.core.logging import get_logger
from app.core.metrics import LEDGER_GROUP, LEDGER_SECONDS
from app.line.receipts import keep_parts
from app.runs.state import GOING_ON

LARGEST_GROUP = 1000
GATHER_S = 0.1
"""How long a step that nobody waits for may lie, for others to be written with it. Each write costs a line some 2 ms of
processor, a tenth of what a call of eight seconds costs it altogether."""
_RETRY_FIRST_S = 0.2
_RETRY_LONGEST_S = 2.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one call; fields that are None leave the row's as they are.

    Attributes:
        message_ids: of the segments that a message centre has taken, in order; kept in the same transaction.
    """

    call_id: int
    status: CallStatus
    reason: str | None = None
    sip_status: int | None = None
    sip_call_id: str | None = None
    dialed_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    audio_ms: int | None = None
    played_ms: int | None = None
    stand_in_voice: bool | None = None
    digits: str | None = None
    segments: int | None = None
    expires_at: datetime | None = None
    network_code: str | None = None
    message_ids: tuple[str, ...] | None = None

    def then(self, later: "Step") -> "Step":
        """Both steps as one: the later's status, and each field from whichever has it."""
        given = {f.name: value for f in fields(later) if (value := getattr(later, f.name)) is not None}
        return replace(self, **given)


_COLUMNS = {
    "reason": "text",
    "sip_status": "smallint",
    "sip_call_id": "text",
    "dialed_at": "timestamptz",
    "ringing_at": "timestamptz",
    "answered_at": "timestamptz",
    "ended_at": "timestamptz",
    "audio_ms": "integer",
    "played_ms": "integer",
    "stand_in_voice": "boolean",
    "digits": "text",
    "segments": "smallint",
    "expires_at": "timestamptz",
    "network_code": "text",
}

_TIMES = ("dialed_at", "ringing_at", "answered_at", "ended_at", "expires_at")

# A step is the same once more when every time that it brings stands in the row, to the microsecond.
_WRITE = text(steps_sql(_COLUMNS, same=_TIMES, going_on=GOING_ON))


def will_never_be_taken(error: Exception) -> bool:
    """Whether the server read the statement and refused a value (SQLSTATE classes 22, 23 and 42).

    Then one row is to blame and the others are not; anything else passes with time.
    """
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return str(state or "")[:2] in {"22", "23", "42"}


@dataclass(slots=True)
class _Entry:
    """A call's pending steps, joined, and all who wait for them."""

    step: Step
    guard: int
    waiting: list[asyncio.Future[bool]]

    def answer(self, *, taken: bool) -> None:
        for future in self.waiting:
            if not future.done():
                future.set_result(taken)


class Ledger:
    """Writes the steps of one line. `close` before the engine goes.

    Attributes:
        owned_at: when the last write was asked for that found a call of this line's, seconds of `steady_now`; the
            line had not been declared gone then.
    """

    def __init__(self, engine: AsyncEngine, line_id: int) -> None:
        self._engine = engine
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._line_id = line_id
        self._pending: dict[int, _Entry] = {}
        self._news = asyncio.Event()
        self._awaited = asyncio.Event()
        self._closing = False
        self.owned_at = 0.0
        self._writer = asyncio.create_task(self._write_groups(), name="ledger")

    def post(self, step: Step) -> asyncio.Future[bool]:
        """Hand in a step, to be written within `GATHER_S`; the future tells whether it was taken, once it is committed.

        Steps of one call keep their order. While the database is away they wait here, and calls go on.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        entry = self._pending.get(step.call_id)
        if entry is None:
            self._pending[step.call_id] = _Entry(step, guard_of(step.status), [future])
        else:
            entry.step = entry.step.then(step)
            # A first step that comes too late (a phone that rings twice, say) must not take the next one with it.
            entry.guard |= guard_of(step.status)
            entry.waiting.append(future)
        self._news.set()
        return future

    async def record(self, step: Step) -> bool:
        """Hand in a step and wait for its commit, which is asked for at once; False when the guard refused it."""
        taken = self.post(step)
        self._awaited.set()
        return await taken

    async def close(self) -> None:
        """Write what is pending, then stop; waits as long as the database is away."""
        self._closing = True
        self._news.set()
        self._awaited.set()
        await self._writer

    async def _write_groups(self) -> None:
        while True:
            await self._news.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._awaited.wait()
            self._news.clear()
            self._awaited.clear()
            entries, self._pending = list(self._pending.values()), {}
            for start in range(0, len(entries), LARGEST_GROUP):
                await self._write_until_done(entries[start : start + LARGEST_GROUP])
            if self._closing and not self._pending:
                return

    async def _write_until_done(self, group: list[_Entry]) -> None:
        pause = _RETRY_FIRST_S
        in_doubt = False
        while True:
            try:
                taken = await self._write(group, in_doubt=in_doubt)
            except Exception as error:  # noqa: BLE001 - a ledger that ends would leave every call of its line open
                if will_never_be_taken(error):
                    await self._write_one_by_one(group, error)
                    return
                log.warning("ledger_waits_for_database", steps=len(group), error=repr(error)[:200])
                # The commit may have happened before the connection broke: next time a row that this very step has
                # written counts as taken.
                in_doubt = True
                await asyncio.sleep(pause)
                pause = min(pause * 2, _RETRY_LONGEST_S)
            else:
                for entry in group:
                    entry.answer(taken=entry.step.call_id in taken)
                return

    async def _write_one_by_one(self, group: list[_Entry], error: Exception) -> None:
        if len(group) == 1:
            log.error("ledger_step_refused", call=group[0].step.call_id, error=repr(error)[:500])
            group[0].answer(taken=False)
            return
        for entry in group:
            await self._write_until_done([entry])

    async def _write(self, group: list[_Entry], *, in_doubt: bool) -> set[int]:
        steps = [entry.step for entry in group]
        values: dict[str, Any] = {name: [getattr(step, name) for step in steps] for name in _COLUMNS}
        values["call_id"] = [step.call_id for step in steps]
        values["status"] = [int(step.status) for step in steps]
        values["guard"] = [entry.guard for entry in group]
        values["in_doubt"] = in_doubt
        values["line_id"] = self._line_id
        asked_at = steady_now()
        if any(step.message_ids for step in steps):
            async with self._engine.begin() as connection:
                taken = set(await connection.scalars(_WRITE, values))
                sent = {step.call_id: step.message_ids for step in steps if step.message_ids}
                sent = {call_id: sent[call_id] for call_id in sent.keys() & taken}
                await keep_parts(connection, self._line_id, sent)
        else:
            # A transaction of its own, which ends with it: one that is frozen before its COMMIT keeps the counts of
            # its runs locked, and two trips to the database are saved.
            async with self._single.connect() as connection:
                taken = set(await connection.scalars(_WRITE, values))
        # A write that finds nothing says nothing; in doubt, what it finds may be from before the line was buried.
        if taken and not in_doubt:
            self.owned_at = asked_at
        LEDGER_GROUP.observe(len(group))
        LEDGER_SECONDS.observe(steady_now() - asked_at)
        return taken
