"""Begin, pause, resume and stop."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from app.actions import begin as beginning
from app.actions import steering
from app.actions.order import read_order
from app.api.bodies import read
from app.api.costly import ImportTurn
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.idempotency import OnceDep
from app.api.signed_in import CurrentAccount
from app.api.system.begin_schemas import started_data
from app.api.system.run_schemas import BeginRun, BegunData, StartedData, begun
from app.core.clock import to_kathmandu
from app.http.deps import ClockDep, CurrentWork, Id, PartsDep

router = APIRouter(prefix="/api/system/campaigns/{campaign_id}", tags=["Runs"])

_EXAMPLES = (
    {"message": "नमस्ते {tags_name}, तपाईंको बाँकी रकम रु {tags_amount} हो।", "voice_input": "np_prasanna"},
    {"message": "Hi {tags_name|friend}", "aud_file": "notice.mp3", "priority": "message"},
    {"status": "failed, unanswered"},
    {"schedule_date": "2026-12-01T17:07"},
)


@router.post(
    "/begin",
    summary="Begin a campaign",
    operation_id="begin_campaign",
    response_model=Success[StartedData],
    openapi_extra=body_of(BeginRun, *_EXAMPLES, required=False),
    responses=refusals(409, 503, 507),
)
async def begin(
    campaign_id: Id,
    account: CurrentAccount,
    parts: PartsDep,
    body: Annotated[BeginRun, Depends(read(BeginRun))],
    once: OnceDep,
    _turn: ImportTurn,
    work: CurrentWork,
    clock: ClockDep,
) -> Response:
    """Call the campaign's recipients, now or at `schedule_date`.

    Answers at once, however many recipients there are. One run of a campaign is under way at a time: a second begin
    is 409 with that run's id. To re-run, name the statuses whose recipients are to be called again.
    """
    now = clock.now()
    order = read_order(body, now)
    made = await beginning.begin(
        parts, work, account, campaign_id, order, body.aud_file or body.audio, now=now
    )
    started = started_data(made, parts.settings.sms_most_segments)
    return await once.keep(ok(started, _announcement(made.run.scheduled_for, at_once=made.at_once)))


@router.post("/pause", summary="Pause a run", operation_id="pause_campaign", responses=refusals(409, 503))
async def pause(campaign_id: Id, account: CurrentAccount, work: CurrentWork) -> Success[BegunData]:
    """Start no further call; calls in progress go on to their end."""
    return ok(begun(await steering.pause(work, account, campaign_id)), "Campaign is paused")


@router.post("/resume", summary="Resume a run", operation_id="resume_campaign", responses=refusals(409, 503))
async def resume(
    campaign_id: Id, account: CurrentAccount, parts: PartsDep, work: CurrentWork, clock: ClockDep
) -> Success[BegunData]:
    """Go on where the pause stopped."""
    run = await steering.resume(parts, work, account, campaign_id, now=clock.now())
    return ok(begun(run), "Campaign is running")


@router.post("/stop", summary="Stop a run", operation_id="stop_campaign", responses=refusals(409, 503))
async def stop(
    campaign_id: Id, account: CurrentAccount, parts: PartsDep, work: CurrentWork, clock: ClockDep
) -> Success[BegunData]:
    """No call starts, queued ones end `terminated`, those in progress are hung up; a scheduled run is cancelled.

    Without a call in progress, and with at most 20,000 that wait, the run is over when this answers.
    """
    run = await steering.stop(parts, work, account, campaign_id, now=clock.now())
    return ok(begun(run), "Campaign is stopped")


def _announcement(scheduled_for: datetime, *, at_once: bool) -> str:
    if at_once:
        return "Campaign is running"
    return f"Campaign scheduled for {to_kathmandu(scheduled_for):%Y-%m-%d %H:%M} (Asia/Kathmandu)"
