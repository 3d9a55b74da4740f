"""Runs, their progress and their calls."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.docs import refusals
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount
from app.api.system.asked_run import CampaignInPath, at_both_addresses, find_run
from app.api.system.run_schemas import (
    CallList,
    RunData,
    RunList,
    RunOut,
    RunProgress,
    call_out,
    progress_out,
    run_fields,
)
from app.calls.state import CallStatus, Channel, public_name
from app.campaigns import service as campaigns
from app.core.errors import invalid
from app.core.settings import Settings
from app.dispatch.why_waiting import Wait, waits_of
from app.http.deps import ClockDep, Id, PartsDep, SessionDep
from app.http.paging import KeysetDep
from app.runs.call_measures import summed
from app.runs.models import Run
from app.runs.progress import progress_of
from app.runs.repository import RunRepository

router = APIRouter(prefix="/api/system", tags=["Runs"])
_one_run = APIRouter()


@router.get(
    "/campaigns/{campaign_id}/runs",
    summary="List runs",
    operation_id="list_runs",
    responses=refusals(503),
)
async def list_runs(
    campaign_id: Id,
    account: CurrentAccount,
    session: SessionDep,
    parts: PartsDep,
    clock: ClockDep,
    keyset: KeysetDep,
) -> Success[RunList]:
    """The campaign's runs, newest first."""
    campaign = await campaigns.find(session, account.id, campaign_id)
    runs = RunRepository(session)
    found = await runs.list_of_campaign(campaign.id, before=keyset.cursor or None, limit=keyset.limit + 1)
    shown = found[: keyset.limit]
    counts = await runs.counts_by_channel([run.id for run in shown])
    waits = await _waits(session, shown, counts, parts.settings, clock.now())
    listed = [RunOut(**run_fields(run, counts[run.id], waits.get(run.id))) for run in shown]
    return ok(
        RunList(runs=listed, next_cursor=shown[-1].id if len(found) > keyset.limit else None),
        "Runs Successfully Retrieved",
    )


@_one_run.get("/runs/{run_id}", summary="Show a run", operation_id="show_run", responses=refusals(503))
async def show_run(
    run_id: Id,
    account: CurrentAccount,
    session: SessionDep,
    parts: PartsDep,
    clock: ClockDep,
    campaign: CampaignInPath,
) -> Success[RunData]:
    """One run with its counts per status, its progress, its rate and its expected end."""
    run = await find_run(session, account.id, run_id, campaign)
    now = clock.now()
    counts = (await RunRepository(session).counts_by_channel([run.id]))[run.id]
    wait = (await _waits(session, [run], {run.id: counts}, parts.settings, now)).get(run.id)
    progress = progress_of(
        run.state,
        summed(counts),
        recipients=run.recipients * len(run.channels),
        started_at=run.started_at,
        finished_at=run.finished_at,
        now=now,
        waits=wait is not None,
    )
    shown = RunProgress(**run_fields(run, counts, wait), progress=progress_out(progress))
    return ok(RunData(run=shown), "Run Successfully Retrieved")


@_one_run.get(
    "/runs/{run_id}/calls",
    summary="List calls",
    operation_id="list_calls",
    responses=refusals(503),
)
async def list_calls(
    run_id: Id,
    account: CurrentAccount,
    session: SessionDep,
    keyset: KeysetDep,
    campaign: CampaignInPath,
    status: Annotated[
        str | None, Query(max_length=200, description="Only these statuses, such as `failed, hungup`.")
    ] = None,
) -> Success[CallList]:
    """The calls of a run in the order in which they were queued."""
    statuses = parse_call_statuses(status)
    run = await find_run(session, account.id, run_id, campaign)
    found = await RunRepository(session).calls_page(
        run.id, after=keyset.cursor, limit=keyset.limit + 1, statuses=statuses
    )
    shown = found[: keyset.limit]
    return ok(
        CallList(
            calls=[call_out(call, national) for call, national, _ in shown],
            next_cursor=shown[-1][0].id if len(found) > keyset.limit else None,
        ),
        "Calls Successfully Retrieved",
    )


async def _waits(
    session: AsyncSession,
    runs: Sequence[Run],
    counts: Mapping[int, Mapping[Channel, Mapping[CallStatus, int]]],
    settings: Settings,
    now: datetime,
) -> dict[int, Wait]:
    of_all = {run_id: summed(by_channel) for run_id, by_channel in counts.items()}
    return await waits_of(session, runs, of_all, default_cap=settings.default_cap, now=now)


def parse_call_statuses(value: str | None) -> Sequence[CallStatus] | None:
    """The statuses that clients know by these names, comma-separated, in any case; None for all.

    Raises:
        InvalidError: field ``status``, code ``unknown_status``.
    """
    wanted = {name.strip().lower() for name in (value or "").split(",") if name.strip()}
    known = {public_name(status) for status in CallStatus}
    for name in sorted(wanted - known):
        choices = ", ".join(dict.fromkeys(public_name(status) for status in CallStatus))
        raise invalid("status", "unknown_status", f"'{name[:40]}' is no status; use one of: {choices}.")
    return [status for status in CallStatus if public_name(status) in wanted] or None


at_both_addresses(router, _one_run)
