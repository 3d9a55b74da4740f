"""What becomes of the runs of an account that is switched off: they are stopped, however it was switched off.

The leader looks, so that a run which began in the same moment, or a line of SQL that switched the account off, is no
way round it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.accounts.operating import switch_off
from app.runs.models import Run
from app.runs.state import RunState, sources_of


@dataclass(frozen=True, slots=True)
class StoppedRun:
    """A run that was stopped for its account."""

    run_id: int
    account_id: int


@dataclass(frozen=True, slots=True)
class Closed:
    """What switching an account off ended.

    Attributes:
        sign_ins: how many.
        runs: their ids.
    """

    sign_ins: int
    runs: list[int]


async def close_account(session: AsyncSession, account: Account, now: datetime) -> Closed:
    """Switch an account off: its sign-ins end, and its runs are stopped as by its owner. Flushed, not committed."""
    sign_ins = await switch_off(session, account, now)
    stopped = await stop_runs(session)
    return Closed(sign_ins, sorted(run.run_id for run in stopped if run.account_id == account.id))


async def stop_runs(session: AsyncSession) -> list[StoppedRun]:
    """Stop every run of accounts that are switched off, scheduled ones too; each is returned once."""
    off = select(Account.id).where(~Account.is_active)
    stopped = await session.execute(
        update(Run)
        .where(Run.state.in_(sources_of(RunState.STOPPING)), Run.account_id.in_(off))
        .values(state=RunState.STOPPING)
        .returning(Run.id, Run.account_id)
        .execution_options(synchronize_session=False)
    )
    return [StoppedRun(run_id, account_id) for run_id, account_id in stopped]
