"""What can be done with a campaign. Functions flush and never commit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.campaigns import rules
from app.campaigns.content import UNCHANGED, Content
from app.campaigns.models import Campaign
from app.campaigns.repository import CampaignRepository
from app.core.errors import ConflictError, InvalidError, Item, NotFoundError, all_invalid, invalid

MOST_USABLE_TAGS = 1_000
_LARGEST_ID = 2**63 - 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign as a client describes it, each field as sent."""

    name: str
    content: Content
    description: str = ""
    user_phone: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """The fields to change; None leaves one as it is, and the content is changed by `Content.with_changes`."""

    name: str | None = None
    content: Content = UNCHANGED
    description: str | None = None
    user_phone: Sequence[int] | None = None


async def find(session: AsyncSession, account_id: int, campaign_id: int, *, lock: bool = False) -> Campaign:
    """The account's campaign; NotFoundError when it is deleted, unknown or another account's."""
    campaign = await CampaignRepository(session).get(account_id, campaign_id, lock=lock)
    if campaign is None:
        raise NotFoundError(
            Item(None, "campaign_not_found", f"No campaign {campaign_id} exists in this account.")
        )
    return campaign


async def check_new(session: AsyncSession, account_id: int, new: NewCampaign) -> NewCampaign:
    """The same campaign, each field as it will be stored.

    Apart from `create`, so that a request is refused before its million rows are read.

    Raises:
        InvalidError: with an item for each field that is wrong.
    """
    given = Changes(new.name, new.content, new.description, new.user_phone)
    checked = await _check(session, account_id, given)
    return NewCampaign(
        checked.name or "", checked.content, checked.description or "", checked.user_phone or ()
    )


async def create(
    session: AsyncSession, account_id: int, new: NewCampaign, *, voice: str, now: datetime
) -> Campaign:
    """Store a campaign that `check_new` gave back; it has no recipients yet.

    Args:
        session: flushed, not committed.
        account_id: whose it will be.
        new: the checked fields.
        voice: the voice until a begin names another.
        now: becomes its times of creation and change.
    """
    campaign = Campaign(
        account_id=account_id,
        name=new.name,
        description=new.description,
        user_phone=list(new.user_phone),
        usable_tags=[],
        recipient_count=0,
        created_at=now,
        updated_at=now,
    )
    campaign.keep(Content(voice=voice).with_changes(new.content))
    session.add(campaign)
    await session.flush()
    return campaign


async def update(
    session: AsyncSession, campaign: Campaign, changes: Changes, *, active_run: int | None, now: datetime
) -> None:
    """Change the given fields of a campaign whose row the caller holds.

    Raises:
        InvalidError: with an item for each field that is wrong.
        ConflictError: ``run_active`` when `services` would change under a run.
    """
    checked = await _check(session, campaign.account_id, changes)
    if active_run is not None and checked.content.services not in {None, campaign.services}:
        raise _run_in_the_way("services", "services cannot change", active_run)
    campaign.keep(campaign.content.with_changes(checked.content))
    if checked.name is not None:
        campaign.name = checked.name
    if checked.description is not None:
        campaign.description = checked.description
    if checked.user_phone is not None:
        campaign.user_phone = list(checked.user_phone)
    campaign.updated_at = now
    await session.flush()


async def delete(session: AsyncSession, campaign: Campaign, *, active_run: int | None, now: datetime) -> None:
    """Hide a campaign whose row the caller holds; its calls stay in reports.

    Raises:
        ConflictError: ``run_active`` while it has a run that is not over.
    """
    if active_run is not None:
        raise _run_in_the_way(None, "The campaign cannot be deleted", active_run)
    campaign.deleted_at = campaign.updated_at = now
    await session.flush()


def add_usable_tags(campaign: Campaign, names: Sequence[str]) -> None:
    """Append the tag names that the campaign does not know yet, in their order; the caller holds its row.

    Raises:
        InvalidError: field ``available_tags``, code ``too_many_tags``; every list of campaigns answers all of them.
    """
    known = set(campaign.usable_tags)
    fresh = [name for name in dict.fromkeys(names) if name not in known]
    if len(known) + len(fresh) > MOST_USABLE_TAGS:
        message = f"A campaign has at most {MOST_USABLE_TAGS:,} different tags; use names that it has."
        raise invalid("available_tags", "too_many_tags", message)
    if fresh:
        campaign.usable_tags = [*campaign.usable_tags, *fresh]


async def _check(session: AsyncSession, account_id: int, changes: Changes) -> Changes:
    """`changes` as they will be stored, a blank text as ""; every fault in one InvalidError."""
    faults: list[Item] = []

    def checked(value: T, check: Callable[[T], T]) -> T:
        try:
            return check(value)
        except InvalidError as error:
            faults.extend(error.items)
            return value

    name = None if changes.name is None else checked(changes.name, rules.check_name)
    content = checked(changes.content, Content.checked)
    description = changes.description
    if description is not None:
        description = checked(description, rules.check_description)
    callers = changes.user_phone
    if callers is not None:
        callers = tuple(dict.fromkeys(callers))
        faults.extend(await _unknown_callers(session, account_id, callers))
    if faults:
        raise all_invalid(faults)
    return Changes(name, content, description, callers)


async def _unknown_callers(session: AsyncSession, account_id: int, ids: Sequence[int]) -> list[Item]:
    storable = [caller for caller in ids if 0 < caller <= _LARGEST_ID]
    known = await CampaignRepository(session).caller_ids_among(account_id, storable) if storable else set()
    return [
        Item(
            "user_phone",
            "unknown_caller_number",
            f"{caller} is not the id of a caller number of this account.",
        )
        for caller in ids
        if caller not in known
    ]


def _run_in_the_way(field: str | None, what: str, run_id: int) -> ConflictError:
    return ConflictError(
        Item(field, "run_active", f"{what} while run {run_id} is active; stop it first or wait for its end."),
        data={"run": {"id": run_id}},
    )
