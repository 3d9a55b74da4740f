"""Begin a campaign."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.accounts.dialling import refuse_over_cap
from app.accounts.models import Account
from app.actions.sent import Sent, audio_of
from app.actions.work import Work
from app.campaigns import service as campaigns
from app.campaigns.content import Content
from app.campaigns.models import Campaign
from app.dispatch.daily_caps import cap_of
from app.messages.composing import rendered
from app.messages.concerns import Concern, preeti_in
from app.messages.preview import LOOKED_AT, concerns_of, recipients_for
from app.messages.sms_preview import Size
from app.messages.sms_text import CentreAlphabet
from app.runs import service as runs
from app.runs.models import Run
from app.runs.orders import BeginOrder
from app.runs.sms_plan import sms_size
from app.runs.state import QueuePriority
from app.speech.abbreviations import table_of
from app.wiring import Parts


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that was made.

    Attributes:
        run: scheduled; the control worker starts it.
        at_once: whether that is now.
        concerns: what may go wrong with the texts of its first recipients.
        size: segments of its messages; None for calls alone.
        lowered: the priority that was asked for, when the account may not have it.
    """

    run: Run
    at_once: bool
    concerns: list[Concern]
    size: Size | None
    lowered: QueuePriority | None


async def begin(
    parts: Parts,
    work: Work,
    account: Account,
    campaign_id: int,
    order: BeginOrder,
    audio: Sent,
    *,
    now: datetime,
) -> Begun:
    """Make a run of the campaign, and wake the control worker for it once it stands.

    The texts and the audio are read first, while no row is locked.

    Args:
        parts: the process's.
        work: committed by the caller.
        account: who asks.
        campaign_id: of that account.
        order: what was asked, less its audio.
        audio: a file that came with it, the name of an upload, or neither.
        now: the server's clock.

    Raises:
        NotFoundError: ``campaign_not_found``.
        ConflictError, InvalidError: as `app.runs.service.begin`; ``over_daily_cap``; what is wrong with the audio.
    """
    concerns = await _read_texts(parts, account.id, campaign_id, order)
    stored = await audio_of(parts, account.id, audio)
    order = replace(order, content=order.content.with_changes(Content(audio=stored)))
    campaign = await campaigns.find(work.session, account.id, campaign_id, lock=True)
    run = await _make_run(parts, work, campaign, order, now)
    refuse_over_cap(run.recipients, cap_of(account.calls_a_day, parts.settings.default_cap))
    size = await _sms_size(parts, work, run, campaign)
    _announce(parts, work, run)
    at_once = order.schedule_date is None or order.schedule_date <= now
    lowered = None if order.queue_priority == run.queue_priority else order.queue_priority
    return Begun(run, at_once, concerns, size, lowered)


async def _make_run(parts: Parts, work: Work, campaign: Campaign, order: BeginOrder, now: datetime) -> Run:
    return await runs.begin(
        work.session,
        campaign,
        order,
        now=now,
        ring_timeout_s=parts.settings.ring_timeout_s,
        sms_configured=bool(parts.settings.sms_centre),
        most_scheduled=parts.settings.scheduled_runs,
    )


def _announce(parts: Parts, work: Work, run: Run) -> None:
    work.after_commit(lambda: parts.queue.ring_start(run.id, run.scheduled_for))
    work.tell(
        "run_begun",
        run=run.id,
        campaign=run.campaign_id,
        recipients=run.recipients,
        scheduled_for=run.scheduled_for.isoformat(),
    )


async def _sms_size(parts: Parts, work: Work, run: Run, campaign: Campaign) -> Size | None:
    """The segments of the run; a text of too many ends the begin, by the name under which it was sent."""
    centre, most = CentreAlphabet(parts.settings.sms_alphabet), parts.settings.sms_most_segments
    return await sms_size(work.session, run, campaign.content.text_field, centre, most)


async def _read_texts(parts: Parts, account_id: int, campaign_id: int, order: BeginOrder) -> list[Concern]:
    """What may go wrong with the texts of the first recipients. No connection is held while they are read.

    Raises:
        NotFoundError: there is no such campaign; said before an audio is decoded for it.
        InvalidError: ``message_too_long_when_read``.
    """
    async with parts.sessions() as session:
        campaign = await campaigns.find(session, account_id, campaign_id)
        content = campaign.content.with_changes(order.content)
        message = content.message if content.speaks else content.text
        if not message:
            return []
        ids = (order.individual or ())[:LOOKED_AT]
        first = await recipients_for(
            session, campaign_id, which="first", message=message, ids=ids, limit=LOOKED_AT
        )
        own = await table_of(session, account_id)
    if not content.speaks:
        return [concern for one in first for concern in preeti_in(rendered(message, one.tags))]
    return await concerns_of(parts.speech, message, own, first)
