"""What can be done with a campaign. Functions flush and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.campaigns import rules
from app.campaigns.models import Campaign
from app.campaigns.repository import CampaignRepository
from app.core.errors import ConflictError, InvalidError, Item, NotFoundError, all_invalid, invalid

MOST_USABLE_TAGS = 1_000
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign as a client describes it, each field as sent."""

    name: str
    services: str
    description: str = ""
    message: str | None = None
    user_phone: Sequence[int] = ()
    sms_message: str | None = None
    failover_target: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The fields to change; None leaves one as it is, a blank text or an empty `failover_target` takes it away."""

    name: str | None = None
    services: str | None = None
    description: str | None = None
    message: str | None = None
    user_phone: Sequence[int] | None = None
    sms_message: str | None = None
    failover_target: Sequence[int] | None = None


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
    checked = await _check(
        session,
        account_id,
        Changes(new.name, new.services, new.description, new.message, new.user_phone, new.sms_message),
    )
    return NewCampaign(
        name=checked.name or "",
        services=checked.services or "",
        description=checked.description or "",
        message=checked.message or None,
        user_phone=checked.user_phone or (),
        sms_message=checked.sms_message or None,
        failover_target=new.failover_target,
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
        services=new.services,
        description=new.description,
        message=new.message,
        sms_message=new.sms_message,
        failover_target=list(new.failover_target) if new.failover_target else None,
        user_phone=list(new.user_phone),
        voice_input=voice,
        usable_tags=[],
        recipient_count=0,
        created_at=now,
        updated_at=now,
    )
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
    if active_run is not None and checked.services not in {None, campaign.services}:
        raise _run_in_the_way("services", "services cannot change", active_run)
    if checked.name is not None:
        campaign.name = checked.name
    if checked.services is not None:
        campaign.services = checked.services
    if checked.description is not None:
        campaign.description = checked.description
    if checked.message is not None:
        campaign.message = checked.message or None
    if checked.sms_message is not None:
        campaign.sms_message = checked.sms_message or None
    if changes.failover_target is not None:
        campaign.failover_target = list(changes.failover_target) or None
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
    """`changes` as they will be stored, a blank message as ""; every fault in one InvalidError."""
    faults: list[Item] = []
    values: dict[str, str | None] = {}
    checks = {
        "name": rules.check_name,
        "services": rules.parse_services,
        "description": rules.check_description,
        "message": rules.check_message,
        "sms_message": rules.check_sms_message,
    }
    for field, check in checks.items():
        given: str | None = getattr(changes, field)
        if given is None:
            continue
        try:
            values[field] = check(given) or ""
        except InvalidError as error:
            faults.extend(error.items)
    callers = changes.user_phone
    if callers is not None:
        callers = tuple(dict.fromkeys(callers))
        faults.extend(await _unknown_callers(session, account_id, callers))
    if faults:
        raise all_invalid(faults)
    return Changes(
        name=values.get("name"),
        services=values.get("services"),
        description=values.get("description"),
        message=values.get("message"),
        user_phone=callers,
        sms_message=values.get("sms_message"),
    )


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
