"""Add, change and delete a campaign."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from app.accounts.models import Account
from app.actions.sent import Sent, audience_of
from app.actions.work import Work
from app.campaigns import audience as audiences
from app.campaigns import service as campaigns
from app.campaigns.audience import Summary
from app.campaigns.models import Campaign, CampaignImport
from app.runs.models import Run
from app.runs.repository import RunRepository
from app.wiring import Parts


async def add(
    parts: Parts,
    work: Work,
    account: Account,
    asked: campaigns.NewCampaign,
    numbers: Sequence[object] | None,
    file: Sent,
    *,
    include_hidden: bool,
    now: datetime,
) -> tuple[Campaign, Summary]:
    """Make a campaign and its recipients at once.

    Args:
        parts: the process's.
        work: committed by the caller.
        account: whose campaign it is.
        asked: its fields as sent.
        numbers: a list of numbers as sent; None: no list.
        file: a recipient file that came with it, the name of an upload, or neither.
        include_hidden: take rows that the spreadsheet hides.
        now: becomes its time of creation.

    Raises:
        InvalidError: fields, or every number, are wrong; nothing is stored.
        ProblemError: what is wrong with the file.
    """
    async with parts.sessions() as session:
        # In a session of its own: the file is read for seconds, and no connection is held meanwhile.
        new = await campaigns.check_new(session, account.id, asked)
    async with audience_of(parts, account, numbers, file, include_hidden=include_hidden) as audience:
        audiences.refuse_unusable(audience)
        campaign = await campaigns.create(
            work.session, account.id, new, voice=parts.settings.default_voice, now=now
        )
        summary = await audiences.take_in(work.session, campaign, audience, now=now)
    kept = CampaignImport(campaign_id=campaign.id, summary=asdict(summary), created_at=now)
    work.session.add(kept)
    await work.session.flush()
    return campaign, summary


async def change(
    work: Work, account: Account, campaign_id: int, changes: campaigns.Changes, *, now: datetime
) -> tuple[Campaign, Run | None]:
    """Change the fields given; the campaign with its latest run. A run under way keeps what it began with.

    Raises:
        NotFoundError: ``campaign_not_found``.
        InvalidError: with an item for each field that is wrong.
        ConflictError: ``run_active`` when `services` would change under a run.
    """
    campaign = await campaigns.find(work.session, account.id, campaign_id, lock=True)
    runs = RunRepository(work.session)
    active = await runs.active_run_of(campaign.id)
    await campaigns.update(work.session, campaign, changes, active_run=active.id if active else None, now=now)
    return campaign, (await runs.latest_runs([campaign.id])).get(campaign.id)


async def delete(work: Work, account: Account, campaign_id: int, *, now: datetime) -> None:
    """Delete a campaign; calls already made stay in reports.

    Raises:
        NotFoundError: ``campaign_not_found``.
        ConflictError: ``run_active`` while it has a run that is not over.
    """
    campaign = await campaigns.find(work.session, account.id, campaign_id, lock=True)
    active = await RunRepository(work.session).active_run_of(campaign.id)
    await campaigns.delete(work.session, campaign, active_run=active.id if active else None, now=now)
