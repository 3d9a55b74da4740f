"""Why a run that is under way starts no call at present, and until when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls import conditions
from app.calls.models import Call
from app.calls.state import HELD, CallStatus, WaitingFor
from app.core.clock import midnight_after
from app.dispatch.daily_caps import days_now
from app.runs.models import Run
from app.runs.state import RunState

DAY_CAP = "day_cap"
_SENTENCES = {
    "number_busy": "Each number that is left is in another call; it is called once that is over.",
    "number_cap": "Each number that is left was called as often today as a number may be; "
    "the calls follow on the next day in Kathmandu.",
    "retry": "The message centre put off each message that is left; each is tried again while it is valid.",
    DAY_CAP: "The account has started as many calls today as it may; the rest follow on the next day in Kathmandu.",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """What a run waits for.

    Attributes:
        what: stable code.
        until: when it goes on, aware; None when that is not known.
        why: the sentence for people.
    """

    what: str
    until: datetime | None
    why: str


async def waits_of(
    session: AsyncSession,
    runs: Iterable[Run],
    counts: Mapping[int, Mapping[CallStatus, int]],
    *,
    default_cap: int | None,
    now: datetime,
) -> dict[int, Wait]:
    """What each of these runs waits for; one that can go on is left out.

    Args:
        session: any.
        runs: to be looked at.
        counts: calls and messages per status of each.
        default_cap: calls a day of an account that has no limit of its own; None: any number.
        now: the server's clock, aware.
    """
    still = [
        run
        for run in runs
        if run.state is RunState.RUNNING and not any(counts[run.id].get(status) for status in HELD)
    ]
    queued = [run for run in still if counts[run.id].get(CallStatus.QUEUED)]
    deferred = [run.id for run in still if counts[run.id].get(CallStatus.DEFERRED) and run not in queued]
    return await _over_cap(session, queued, default_cap, now) | await _deferred(session, deferred)


async def _over_cap(
    session: AsyncSession, runs: list[Run], default_cap: int | None, now: datetime
) -> dict[int, Wait]:
    accounts = {run.account_id for run in runs}
    days = await days_now(await session.connection(), accounts, default=default_cap, now=now)
    full = {account_id for account_id, day in days.items() if not day.room}
    wait = Wait(DAY_CAP, midnight_after(now), _SENTENCES[DAY_CAP])
    return {run.id: wait for run in runs if run.account_id in full}


async def _deferred(session: AsyncSession, run_ids: list[int]) -> dict[int, Wait]:
    """By the call of each run that may go on first: those of busy numbers, then by their time."""
    if not run_ids:
        return {}
    first = (
        select(Call.waiting_for, Call.not_before)
        .where(Call.run_id == Run.id, *conditions.deferred())
        .order_by(Call.waiting_for, Call.not_before)
        .limit(1)
        .lateral()
    )
    query = select(Run.id, first.c.waiting_for, first.c.not_before).join(first, true())
    waits = {}
    for run_id, waiting_for, not_before in await session.execute(query.where(Run.id.in_(run_ids))):
        what = WaitingFor(waiting_for).name.lower()
        # A number that is in a call is free when that ends; nobody knows when.
        until = None if waiting_for is WaitingFor.NUMBER_BUSY else not_before
        waits[run_id] = Wait(what, until, _SENTENCES[what])
    return waits
