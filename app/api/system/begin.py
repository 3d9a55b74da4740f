"""Begin, pause, resume and stop."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from app.accounts.dialling import refuse_over_cap
from app.actions.work import Work
from app.api.bodies import read
from app.api.costly import ImportTurn
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.idempotency import OnceDep
from app.api.signed_in import CurrentAccount
from app.api.system.concern_schemas import concern_out
from app.api.system.run_schemas import BeginRun, BegunData, ChangedField, StartedData, begun
from app.api.system.sms_preview import size_out
from app.api.system.uploads import audio_of
from app.campaigns import rules
from app.campaigns import service as campaigns
from app.campaigns.models import Campaign
from app.core.clock import to_kathmandu
from app.core.errors import InvalidError, Item, all_invalid
from app.dispatch.daily_caps import cap_of
from app.dispatch.limits import parse_queue_priority
from app.http.deps import ClockDep, CurrentWork, Id, PartsDep
from app.messages.composing import rendered
from app.messages.concerns import Concern, different, preeti_in
from app.messages.preview import LOOKED_AT, concerns_of, recipients_for
from app.messages.sms_preview import Size
from app.messages.sms_text import CentreAlphabet
from app.runs import service as runs
from app.runs.begin_fields import (
    parse_failover,
    parse_individual,
    parse_priority,
    parse_schedule,
    parse_statuses,
)
from app.runs.models import Run
from app.runs.orders import BeginOrder, StoredAudio
from app.runs.sms_plan import sms_size
from app.runs.state import RunState
from app.speech.abbreviations import table_of
from app.speech.voices import voice_named
from app.wiring import Parts

router = APIRouter(prefix="/api/system/campaigns/{campaign_id}", tags=["Runs"])

T = TypeVar("T")
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
    concerns = await _read_texts(parts, account.id, campaign_id, order)
    audio = await audio_of(parts, account.id, body.aud_file or body.audio)
    campaign = await campaigns.find(work.session, account.id, campaign_id, lock=True)
    run = await runs.begin(
        work.session,
        campaign,
        _with_audio(order, audio),
        now=now,
        ring_timeout_s=parts.settings.ring_timeout_s,
        sms_configured=bool(parts.settings.sms_centre),
        most_scheduled=parts.settings.scheduled_runs,
    )
    refuse_over_cap(run.recipients, cap_of(account.calls_a_day, parts.settings.default_cap))
    work.after_commit(lambda: parts.queue.ring_start(run.id, run.scheduled_for))
    work.tell(
        "run_begun",
        run=run.id,
        campaign=campaign_id,
        recipients=run.recipients,
        scheduled_for=run.scheduled_for.isoformat(),
    )
    at_once = order.schedule_date is None or order.schedule_date <= now
    size = await _sms_size(parts, work, run, campaign)
    started = StartedData(
        run=begun(run, at_once=at_once).run,
        warnings=len(concerns),
        concerns=[concern_out(concern) for concern in different(concerns)],
        changed=_changed(order, run),
        sms=None if size is None else size_out(size, parts.settings.sms_most_segments),
    )
    return await once.keep(ok(started, _announcement(run.scheduled_for, at_once=at_once)))


@router.post("/pause", summary="Pause a run", operation_id="pause_campaign", responses=refusals(409, 503))
async def pause(campaign_id: Id, account: CurrentAccount, work: CurrentWork) -> Success[BegunData]:
    """Start no further call; calls in progress go on to their end."""
    await campaigns.find(work.session, account.id, campaign_id)
    run = await runs.pause(work.session, account.id, campaign_id)
    work.tell("run_paused", run=run.id, campaign=campaign_id)
    return ok(begun(run), "Campaign is paused")


@router.post("/resume", summary="Resume a run", operation_id="resume_campaign", responses=refusals(409, 503))
async def resume(
    campaign_id: Id, account: CurrentAccount, parts: PartsDep, work: CurrentWork, clock: ClockDep
) -> Success[BegunData]:
    """Go on where the pause stopped."""
    await campaigns.find(work.session, account.id, campaign_id)
    run = await runs.resume(work.session, account.id, campaign_id)
    now = clock.now()
    work.after_commit(lambda: parts.queue.ring_start(run.id, now))
    work.tell("run_resumed", run=run.id, campaign=campaign_id)
    return ok(begun(run), "Campaign is running")


@router.post("/stop", summary="Stop a run", operation_id="stop_campaign", responses=refusals(409, 503))
async def stop(
    campaign_id: Id, account: CurrentAccount, parts: PartsDep, work: CurrentWork, clock: ClockDep
) -> Success[BegunData]:
    """No call starts, queued ones end `terminated`, those in progress are hung up; a scheduled run is cancelled.

    Without a call in progress, and with at most 20,000 that wait, the run is over when this answers.
    """
    await campaigns.find(work.session, account.id, campaign_id)
    run = await runs.stop(work.session, account.id, campaign_id, now=clock.now())
    if run.state is RunState.STOPPING:
        work.after_commit(lambda: parts.queue.ring_stop(run.id))
    work.tell("run_stopped", run=run.id, campaign=campaign_id)
    return ok(begun(run), "Campaign is stopped")


async def _sms_size(parts: Parts, work: Work, run: Run, campaign: Campaign) -> Size | None:
    """The segments of the run; a text of too many ends the begin, by the name under which it was sent."""
    settings = parts.settings
    try:
        return await sms_size(
            work.session, run, CentreAlphabet(settings.sms_alphabet), settings.sms_most_segments
        )
    except InvalidError as error:
        raise (error if campaign.sms_message else rules.as_field(error, "message")) from error


def _changed(order: BeginOrder, run: Run) -> list[ChangedField]:
    """What was taken otherwise than it was sent."""
    if order.queue_priority is None or order.queue_priority == run.queue_priority:
        return []
    given = run.queue_priority.name.lower()
    message = (
        f"The operator gave this account the priority {given}; the run has that one and not "
        f"{order.queue_priority.name.lower()}."
    )
    return [ChangedField(field="queue_priority", code="priority_lowered", message=message)]


def read_order(body: BeginRun, now: datetime) -> BeginOrder:
    """The order in `body` less its audio; one InvalidError for all that is wrong with it."""
    faults: list[Item] = []

    def parsed(parse: Callable[[Any], T], value: Any) -> T | None:
        try:
            return parse(value)
        except InvalidError as error:
            faults.extend(error.items)
            return None

    order = BeginOrder(
        message=parsed(rules.check_message, body.message or ""),
        priority=parsed(parse_priority, body.priority),
        voice_input=parsed(_voice, body.voice_input),
        schedule_date=parsed(lambda value: parse_schedule(value, now), body.schedule_date),
        statuses=parsed(parse_statuses, body.status),
        individual=parsed(parse_individual, body.individual),
        sms_message=parsed(rules.check_sms_message, body.sms_message or ""),
        failover_target=parsed(parse_failover, body.failover_target),
        queue_priority=parsed(parse_queue_priority, body.queue_priority),
    )
    named = {(fault.field or "").partition(".")[0] for fault in faults}
    faults += [blank for blank in _blanks(body, order) if blank.field not in named]
    if faults:
        raise all_invalid(faults)
    return order


def _blanks(body: BeginRun, order: BeginOrder) -> list[Item]:
    """Fields that were sent and say nothing.

    Such a blank is a mistake of the client's, and one that would have everybody called, or at once.
    """
    instead = {
        "message": "the campaign's own message",
        "schedule_date": "a begin at once",
        "status": "a run of all recipients",
        "individual": "a run of all recipients",
        "sms_message": "the campaign's own text",
        "failover_target": "the campaign's own",
    }
    read = {"status": order.statuses, "individual": order.individual}
    return [
        Item(field, "empty", f"{field} is empty; leave the field out for {meant}.")
        for field, meant in instead.items()
        if getattr(body, field) is not None and read.get(field, getattr(order, field, None)) is None
    ]


async def _read_texts(parts: Parts, account_id: int, campaign_id: int, order: BeginOrder) -> list[Concern]:
    """What may go wrong with the texts of the first recipients. No connection is held while they are read.

    Raises:
        NotFoundError: there is no such campaign; said before an audio is decoded for it.
        InvalidError: ``message_too_long_when_read``.
    """
    async with parts.sessions() as session:
        campaign = await campaigns.find(session, account_id, campaign_id)
        message = order.message or campaign.message
        if campaign.services == rules.SMS:
            message = order.sms_message or campaign.sms_message or message
        if not message:
            return []
        ids = (order.individual or ())[:LOOKED_AT]
        first = await recipients_for(
            session, campaign_id, which="first", message=message, ids=ids, limit=LOOKED_AT
        )
        own = await table_of(session, account_id)
    if campaign.services == rules.SMS:
        return [concern for one in first for concern in preeti_in(rendered(message, one.tags))]
    return await concerns_of(parts.speech, message, own, first)


def _voice(value: str | None) -> str | None:
    return voice_named(value).name if value else None


def _with_audio(order: BeginOrder, audio: StoredAudio | None) -> BeginOrder:
    return replace(order, audio=audio)


def _announcement(scheduled_for: datetime, *, at_once: bool) -> str:
    if at_once:
        return "Campaign is running"
    return f"Campaign scheduled for {to_kathmandu(scheduled_for):%Y-%m-%d %H:%M} (Asia/Kathmandu)"
