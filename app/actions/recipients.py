"""Add, change and remove one recipient of a campaign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.dialling import DiallingPolicy
from app.accounts.models import Account
from app.actions.work import Work
from app.calls.dialled_numbers import keep_number
from app.campaigns import audience as audiences
from app.campaigns import service as campaigns
from app.campaigns.models import Campaign
from app.core.errors import ConflictError, Item
from app.core.phone import Number
from app.recipients import service as recipients
from app.recipients.models import Recipient
from app.recipients.tags import read_tags
from app.runs.overview import Overview, dialing_run


@dataclass(frozen=True, slots=True)
class Taken:
    """A recipient as it is stored now.

    Attributes:
        recipient: the row.
        campaign: its campaign.
        number: what was read of the number; None: it was not sent.
        tags: what was read of the tags; None: they were not sent.
    """

    recipient: Recipient
    campaign: Campaign
    number: Number | None
    tags: Mapping[str, str | None] | None


async def add(
    work: Work,
    account: Account,
    campaign_id: int,
    number: object,
    tags: Mapping[str, object],
    *,
    now: datetime,
) -> Taken:
    """Add one recipient; tags that the campaign does not know yet become usable.

    Raises:
        NotFoundError: ``campaign_not_found``.
        InvalidError: what is wrong with the number or the tags.
        ConflictError: the campaign has the number.
    """
    read, values = recipients.read_number(number, DiallingPolicy.of(account.dial_prefixes)), read_tags(tags)
    campaign = await campaigns.find(work.session, account.id, campaign_id, lock=True)
    recipient = await audiences.add_one(work.session, campaign, read, values, now=now)
    return Taken(recipient, campaign, read, values)


async def change(
    work: Work, account: Account, recipient_id: int, number: object | None, tags: Mapping[str, object] | None
) -> Taken:
    """Change the number or tags of a recipient; None leaves one as it is.

    Raises:
        NotFoundError: ``number_not_found``.
        InvalidError: what is wrong with the number or the tags.
        ConflictError: ``run_active`` while a run makes its calls, or the number is taken.
    """
    policy = DiallingPolicy.of(account.dial_prefixes)
    read = None if number is None else recipients.read_number(number, policy)
    values = None if tags is None else read_tags(tags)
    recipient, campaign = await Overview(work.session).recipient(account.id, recipient_id, lock=True)
    await _refuse_while_dialing(work.session, campaign)
    if read is not None and read.e164 != recipient.number:
        await keep_number(work.session, recipient.id, recipient.national)
    await audiences.change_one(work.session, campaign, recipient, read, values)
    return Taken(recipient, campaign, read, values)


async def remove(work: Work, account: Account, recipient_id: int, *, now: datetime) -> None:
    """Take a recipient out of its campaign; its calls stay in reports.

    Raises:
        NotFoundError: ``number_not_found``.
        ConflictError: ``run_active`` while a run makes its calls.
    """
    recipient, campaign = await Overview(work.session).recipient(account.id, recipient_id, lock=True)
    await _refuse_while_dialing(work.session, campaign)
    await audiences.remove_one(work.session, campaign, recipient, now=now)


async def _refuse_while_dialing(session: AsyncSession, campaign: Campaign) -> None:
    """A call may be on its way to this number: what it says and whom it reaches would no longer be what is shown."""
    run = await dialing_run(session, campaign.id)
    if run is not None:
        message = f"Run {run.id} is calling this campaign's numbers; stop it first or wait for its end."
        raise ConflictError(Item(None, "run_active", message), data={"run": {"id": run.id}})
