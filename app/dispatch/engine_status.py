"""The engine as an operator sees it: lines, runs under way, and who has waited longest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.accounts.models import Account
from app.calls.models import Line
from app.calls.receipts_kept import KeptReceipts, receipts_kept
from app.calls.state import HELD, TERMINAL, CallStatus
from app.dispatch.leader_view import LineView, lines_now
from app.runs.models import Run, RunCount
from app.runs.state import ACTIVE, RunState

_LEADS = text(
    "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True, slots=True)
class RunNow:
    """A run that is not over.

    Attributes:
        account: email of whose it is.
        waiting_since: when its calls could start first; None when none waits.
        queued, deferred, held, ended: its calls and messages.
        held_why: why the service itself paused it; None: it did not.
    """

    id: int
    account: str
    state: RunState
    priority: str
    waiting_since: datetime | None
    queued: int
    deferred: int
    held: int
    ended: int
    held_why: str | None


@dataclass(frozen=True, slots=True)
class Engine:
    """One look at the whole.

    Attributes:
        at: the database's clock.
        leads: whether some control worker leads.
        silent_s: seconds since each line was heard of, by id.
        receipts: those that decided nothing, by trunk.
    """

    at: datetime
    leads: bool
    lines: Sequence[LineView]
    silent_s: Mapping[int, float]
    runs: Sequence[RunNow]
    receipts: Sequence[KeptReceipts]

    @property
    def oldest_waiting_s(self) -> float | None:
        """Seconds that the call has waited that could have started first; None when none waits."""
        since = min((run.waiting_since for run in self.runs if run.waiting_since), default=None)
        return None if since is None else max(0.0, (self.at - since).total_seconds())

    def rates(self, before: "Engine") -> dict[int, float]:
        """Calls that ended a second in each run since an earlier look."""
        passed = max(0.001, (self.at - before.at).total_seconds())
        ended = {run.id: run.ended for run in before.runs}
        return {run.id: (run.ended - ended.get(run.id, run.ended)) / passed for run in self.runs}


async def engine_now(connection: AsyncConnection, lead_lock: int) -> Engine:
    """The engine now.

    Args:
        connection: any to the service's database.
        lead_lock: number of the advisory lock that the leader holds.
    """
    silence = func.extract("epoch", func.clock_timestamp() - Line.seen_at)
    lines = await lines_now(connection)
    heard = await connection.execute(select(Line.id, silence).where(Line.id.in_([line.id for line in lines])))
    return Engine(
        at=(await connection.execute(select(func.clock_timestamp()))).scalar_one(),
        leads=bool(await connection.scalar(_LEADS, {"lock": lead_lock})),
        lines=lines,
        silent_s={line_id: float(seconds) for line_id, seconds in heard},
        runs=await _runs_now(connection),
        receipts=await receipts_kept(connection),
    )


async def _runs_now(connection: AsyncConnection) -> list[RunNow]:
    counts: dict[int, dict[CallStatus, int]] = {}
    counted = select(RunCount.run_id, RunCount.status, RunCount.n).join(Run, Run.id == RunCount.run_id)
    for run_id, status, n in await connection.execute(counted.where(Run.state.in_(ACTIVE))):
        of_run = counts.setdefault(run_id, {})
        of_run[status] = of_run.get(status, 0) + n
    query = (
        select(Run.id, Account.email, Run.state, Run.queue_priority, Run.started_at, Run.held_why)
        .join(Account, Account.id == Run.account_id)
        .where(Run.state.in_(ACTIVE))
        .order_by(Run.id)
    )
    found = []
    for run_id, email, state, priority, started_at, held_why in await connection.execute(query):
        of_run = counts.get(run_id, {})
        queued = of_run.get(CallStatus.QUEUED, 0)
        found.append(
            RunNow(
                run_id,
                email,
                state,
                priority.name.lower(),
                started_at if queued and state is RunState.RUNNING else None,
                queued,
                of_run.get(CallStatus.DEFERRED, 0),
                sum(of_run.get(status, 0) for status in HELD),
                sum(of_run.get(status, 0) for status in TERMINAL),
                held_why,
            )
        )
    return found
