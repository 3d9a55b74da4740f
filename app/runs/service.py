"""Begin, pause, resume and stop. Services flush and never commit; what is queued is queued after the commit."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account, CallerNumber
from app.calls import conditions
from app.calls.models import Call
from app.calls.state import CallStatus
from app.calls.steps import step
from app.campaigns.content import Content
from app.campaigns.models import Campaign
from app.core.errors import ConflictError, InvalidError, Item
from app.runs.channels import channels_of
from app.runs.models import Run
from app.runs.orders import BeginOrder
from app.runs.repository import RunRepository
from app.runs.scheduled_limit import refuse_too_many
from app.runs.sms_plan import refuse_without_gateway
from app.runs.state import TITLES, QueuePriority, RunState, sources_of
from app.runs.stopping import end_at_once


async def begin(
    session: AsyncSession,
    campaign: Campaign,
    order: BeginOrder,
    *,
    now: datetime,
    ring_timeout_s: int,
    sms_configured: bool = False,
    most_scheduled: int | None = None,
) -> Run:
    """Make a run of `campaign`; what the order brings replaces the campaign's own from here on.

    The campaign's row is locked first, so that of two begins at once one makes the run and the other sees it. A
    priority above the one that the operator gave the account becomes that one.

    Args:
        session: a transaction; flushed, not committed.
        campaign: of the asking account, not deleted.
        order: parsed fields of the request.
        now: the server's clock, aware.
        ring_timeout_s: seconds that each phone of this run rings.
        sms_configured: whether the settings name a message centre.
        most_scheduled: runs that an account may have scheduled for later; None: any number.

    Raises:
        ConflictError: ``run_active`` (with that run's id), ``none_match``, ``sms_gateway_not_configured``,
            ``too_many_scheduled_runs``.
        InvalidError: ``message_or_audio_required``, ``message_required``, ``priority_required``, ``unknown_tag``, ….
    """
    await _lock(session, campaign)
    content = await _content_of(session, campaign, order, sms_configured=sms_configured, now=now)
    run = _run_of(campaign, order, content, ring_timeout_s, now)
    if run.scheduled_for > now:
        await refuse_too_many(session, campaign.account_id, most_scheduled, now)
    run.caller = await _caller_of(session, campaign)
    run.queue_priority = await _priority_of(session, campaign, order)
    run.recipients = await _count(session, campaign, order)
    session.add(run)
    await session.flush()
    return run


def _run_of(
    campaign: Campaign, order: BeginOrder, content: Content, ring_timeout_s: int, now: datetime
) -> Run:
    run = Run(
        campaign_id=campaign.id,
        account_id=campaign.account_id,
        state=RunState.SCHEDULED,
        statuses=order.statuses,
        individual=order.individual,
        ring_timeout_s=ring_timeout_s,
        scheduled_for=max(order.schedule_date or now, now),
    )
    run.keep(content)
    return run


async def _lock(session: AsyncSession, campaign: Campaign) -> None:
    """Lock the campaign's row; ConflictError ``run_active`` when it has a run that is not over."""
    await session.refresh(campaign, with_for_update=True)
    active = await RunRepository(session).active_run_of(campaign.id)
    if active is not None:
        state = "stopping" if active.state is RunState.STOPPING else TITLES[active.state].lower()
        raise ConflictError(
            Item(
                None,
                "run_active",
                f"Run {active.id} of this campaign is {state}; wait for its end or stop it.",
            ),
            data={"run": {"id": active.id, "status": TITLES[active.state]}},
        )


async def _content_of(
    session: AsyncSession, campaign: Campaign, order: BeginOrder, *, sms_configured: bool, now: datetime
) -> Content:
    """What the run keeps; the campaign keeps what the order brings from here on."""
    asked = campaign.content.with_changes(order.content)
    if asked.writes:
        await refuse_without_gateway(session, configured=sms_configured, now=now)
    content = asked.for_run(campaign.usable_tags)
    campaign.keep(asked)
    campaign.updated_at = now
    return content


async def _priority_of(session: AsyncSession, campaign: Campaign, order: BeginOrder) -> QueuePriority:
    stored = await session.scalar(select(Account.queue_priority).where(Account.id == campaign.account_id))
    usual = QueuePriority.NORMAL if stored is None else QueuePriority(stored)
    return min(order.queue_priority or usual, usual)


async def _caller_of(session: AsyncSession, campaign: Campaign) -> str | None:
    if not campaign.user_phone:
        return None
    query = select(CallerNumber.number).where(
        CallerNumber.id == campaign.user_phone[0], CallerNumber.account_id == campaign.account_id
    )
    return await session.scalar(query)


async def _count(session: AsyncSession, campaign: Campaign, order: BeginOrder) -> int:
    if order.statuses is None and order.individual is None:
        count = campaign.recipient_count
        none = InvalidError(
            Item(None, "no_recipients", "The campaign has no recipients; add some before it begins.")
        )
        if count == 0:
            raise none
        return count
    channels = channels_of(campaign.content)
    count = await RunRepository(session).count_matching(
        campaign.id, order.statuses, order.individual, channels
    )
    if count == 0:
        field = "status" if order.statuses else "individual"
        raise ConflictError(
            Item(field, "none_match", "No recipient of this campaign matches; nothing was begun.")
        )
    return count


async def _active_run(session: AsyncSession, account_id: int, campaign_id: int) -> Run:
    run = await RunRepository(session).get_for_update(account_id, campaign_id)
    if run is None:
        raise ConflictError(
            Item(None, "no_active_run", "This campaign has no run under way; begin it first.")
        )
    return run


async def _move(
    session: AsyncSession, run: Run, target: RunState, verb: str, sources: Sequence[RunState] = ()
) -> None:
    """The one guarded step of a run's state; whoever takes it takes note of what the service held it for."""
    changed = await session.execute(
        update(Run)
        .where(Run.id == run.id, Run.state.in_(sources or sources_of(target)))
        .values(state=target, held_why=None)
        .returning(Run.id)
    )
    if changed.first() is None:
        title = "stopping" if run.state is RunState.STOPPING else TITLES[run.state].lower()
        raise ConflictError(Item(None, f"cannot_{verb}", f"Run {run.id} is {title}; it cannot {verb} now."))
    await session.refresh(run)


async def pause(session: AsyncSession, account_id: int, campaign_id: int) -> Run:
    """Start no further call; calls in progress go on, claims not yet dialled return to the queue.

    Raises:
        ConflictError: ``no_active_run`` or ``cannot_pause`` (not running).
    """
    run = await _active_run(session, account_id, campaign_id)
    await _move(session, run, RunState.PAUSED, "pause", [RunState.RUNNING])
    await session.execute(
        step(CallStatus.QUEUED, of={CallStatus.CLAIMED})
        .where(Call.run_id == run.id, *conditions.claimed())
        .values(line_id=None)
    )
    return run


async def resume(session: AsyncSession, account_id: int, campaign_id: int) -> Run:
    """Go on where `pause` stopped; a run that the service held before its time waits for its time again.

    Raises:
        ConflictError: ``no_active_run`` or ``cannot_resume`` (not paused).
    """
    run = await _active_run(session, account_id, campaign_id)
    if run.state is not RunState.PAUSED:
        raise ConflictError(
            Item(None, "cannot_resume", f"Run {run.id} is not paused; there is nothing to resume.")
        )
    before_its_start = run.held_why is not None and run.started_at is None
    target = RunState.SCHEDULED if before_its_start else RunState.RUNNING
    await _move(session, run, target, "resume", [RunState.PAUSED])
    return run


async def stop(session: AsyncSession, account_id: int, campaign_id: int, *, now: datetime) -> Run:
    """End the run: no call is claimed once this commits; the control worker ends what is queued, lines hang up.

    A run that has nothing to wait for, such as a scheduled one, is over with it.

    Raises:
        ConflictError: ``no_active_run`` or ``cannot_stop`` (already stopping).
    """
    run = await _active_run(session, account_id, campaign_id)
    await _move(session, run, RunState.STOPPING, "stop")
    if await end_at_once(session, run.id, now):
        await session.refresh(run)
    return run
