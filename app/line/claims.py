"""What a line reads of its claims, many calls in one query."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.accounts.dialling import DiallingPolicy
from app.accounts.models import Account
from app.calls.models import Call, SmsPart
from app.calls.state import CallStatus
from app.campaigns.content import content_of
from app.messages.composing import Script
from app.recipients.models import Recipient
from app.runs.models import Run
from app.speech.abbreviations import table_of

_RUNS_REMEMBERED = 256

# Made once, and one array for any number of ids: a list of parameters would be another statement for each length,
# parsed and planned anew.
_CLAIMS = (
    select(
        Call.id,
        Call.uuid,
        Call.run_id,
        Recipient.number,
        Recipient.tags,
        Call.gives_up_at,
        Call.segments,
        Account.dial_prefixes,
    )
    .join(Recipient, Recipient.id == Call.recipient_id)
    .join(Run, Run.id == Call.run_id)
    .join(Account, Account.id == Run.account_id)
    .where(
        Call.id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
        Call.line_id == bindparam("line_id"),
        Call.status == CallStatus.CLAIMED,
    )
)


@dataclass(frozen=True, slots=True)
class RunTerms:
    """What is the same for every call of a run; fixed when the run begins, so it may be remembered."""

    script: Script
    caller: str | None
    ring_timeout_s: int


@dataclass(frozen=True, slots=True)
class Claim:
    """All that a line needs to place one call.

    Attributes:
        gives_up_at: when a message that was deferred is tried no more; None: it never was.
        segments: of a message that was begun before; None: it never was.
        policy: whom the account may call now; read with each claim, for it may be tightened while a run goes on.
        taken: ids of the segments that the centre took before the message was deferred, in order.
    """

    call_id: int
    uuid: UUID
    run_id: int
    number: str
    tags: dict[str, str]
    gives_up_at: datetime | None
    segments: int | None
    policy: DiallingPolicy
    terms: RunTerms
    taken: tuple[str, ...] = ()


class ClaimReader:
    """Reads claims of one line; requests that come while a query is under way share the next one."""

    def __init__(self, engine: AsyncEngine, line_id: int) -> None:
        # Single reads, each true by itself: no transaction, which would be two more round trips.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._line_id = line_id
        self._runs: OrderedDict[int, RunTerms] = OrderedDict()
        self._wanted: dict[int, asyncio.Future[Claim | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def read(self, call_id: int) -> Claim | None:
        """The claim on a call; None when this line does not hold it (any more).

        Raises:
            SQLAlchemyError: the database cannot be read now.
        """
        future = self._wanted.setdefault(call_id, asyncio.get_running_loop().create_future())
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_wanted(), name="claims")
        return await asyncio.shield(future)

    async def still_at(self, call_id: int, status: CallStatus) -> bool:
        """Whether the call is still this line's, with `status` its latest step.

        Raises:
            SQLAlchemyError, OSError: the database cannot be read now.
        """
        query = select(Call.id).where(
            Call.id == call_id, Call.line_id == self._line_id, Call.status == status
        )
        async with self._engine.connect() as connection:
            return await connection.scalar(query) is not None

    async def _read_wanted(self) -> None:
        while self._wanted:
            batch, self._wanted = self._wanted, {}
            try:
                claims = await self._query(list(batch))
            except Exception as error:  # noqa: BLE001 - it is handed to each who waits
                for future in batch.values():
                    future.set_exception(error)
            else:
                for call_id, future in batch.items():
                    future.set_result(claims.get(call_id))
        self._reading = None

    async def _read_runs(self, connection: AsyncConnection, run_ids: set[int]) -> None:
        columns = (Run.id, Run.account_id, Run.caller, Run.ring_timeout_s, *Run.content_columns())
        for run in (await connection.execute(select(*columns).where(Run.id.in_(run_ids)))).all():
            script = Script(content_of(run), await table_of(connection, run.account_id))
            self._runs[run.id] = RunTerms(script, run.caller, run.ring_timeout_s)

    async def _query(self, call_ids: list[int]) -> dict[int, Claim]:
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_CLAIMS, {"ids": call_ids, "line_id": self._line_id})).all()
            unknown = {row.run_id for row in rows} - self._runs.keys()
            if unknown:
                await self._read_runs(connection, unknown)
            taken = await _taken_of(connection, [row.id for row in rows if row.gives_up_at is not None])
        claims = {
            row.id: Claim(
                *row[:-1],
                DiallingPolicy.of(row.dial_prefixes),
                self._runs[row.run_id],
                tuple(taken.get(row.id, ())),
            )
            for row in rows
        }
        while len(self._runs) > _RUNS_REMEMBERED:
            self._runs.popitem(last=False)
        return claims


async def _taken_of(connection: AsyncConnection, call_ids: Collection[int]) -> dict[int, list[str]]:
    """The ids of the segments that the centre has taken, in order, of those messages that have some."""
    taken: dict[int, list[str]] = {}
    if call_ids:
        parts = select(SmsPart.call_id, SmsPart.message_id).where(SmsPart.call_id.in_(call_ids))
        for part in await connection.execute(parts.order_by(SmsPart.call_id, SmsPart.nth)):
            taken.setdefault(part.call_id, []).append(part.message_id)
    return taken
