"""What a run writes, and to whom: decided when it begins."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.models import LEASE, Line
from app.calls.state import LineState
from app.campaigns import tags
from app.campaigns.models import Campaign
from app.campaigns.rules import PHONE, SMS, as_field
from app.core.errors import ConflictError, InvalidError, Item, invalid
from app.messages.sms_preview import LOOKED_AT, Size, size_of
from app.messages.sms_text import CentreAlphabet
from app.recipients.models import Recipient
from app.runs.models import Run
from app.runs.repository import matching

_NO_GATEWAY = (
    "This server has no SMS gateway; change the campaign's services to PHONE and leave failover_target out, "
    "or ask its operator for a gateway."
)


@dataclass(frozen=True, slots=True)
class SmsPlan:
    """The written part of a run.

    Attributes:
        message: template of the text; None: nothing is written.
        failover: ends of a call after which its recipient is sent the text; None: everybody is, at once.
    """

    message: str | None = None
    failover: list[int] | None = None


async def plan_of(session: AsyncSession, campaign: Campaign, *, configured: bool, now: datetime) -> SmsPlan:
    """The written part of a run of `campaign` that begins now.

    Args:
        session: reads only.
        campaign: with what the begin has brought.
        configured: whether this server's settings name a message centre.
        now: the server's clock, aware.

    Raises:
        ConflictError: ``sms_gateway_not_configured``: no setting, and no live line of messages either.
        InvalidError: ``message_required``, ``unknown_tag``, ….
    """
    failover = None if campaign.services == SMS else campaign.failover_target
    if campaign.services == PHONE and failover is None:
        return SmsPlan()
    if not configured and not await _has_line(session, now):
        raise ConflictError(Item("services", "sms_gateway_not_configured", _NO_GATEWAY))
    text = campaign.sms_message or campaign.message
    if not text:
        raise invalid(
            "message", "message_required", "Send a message or an sms_message: there is nothing to write."
        )
    try:
        tags.check(tags.parse(text), campaign.usable_tags)
    except InvalidError as error:
        raise (as_field(error, "sms_message") if campaign.sms_message else error) from error
    return SmsPlan(text, failover)


async def sms_size(session: AsyncSession, run: Run, centre: CentreAlphabet, most: int) -> Size | None:
    """How many segments the run sends, should everybody whom it reaches get its text; None when it has none.

    Args:
        session: reads only.
        run: that begins.
        centre: the default alphabet of the message centre.
        most: segments that a recipient may be sent.

    Raises:
        InvalidError: ``too_many_segments``, of any recipient looked at.
    """
    if run.sms_message is None:
        return None
    query = (
        select(Recipient.tags)
        .where(
            *matching(
                run.campaign_id, run.statuses, run.individual, channels=run.channels, besides_run=run.id
            )
        )
        .order_by(Recipient.id)
        .limit(LOOKED_AT)
    )
    values = (await session.scalars(query)).all()
    size = await asyncio.to_thread(size_of, run.sms_message, values, run.recipients, centre, most)
    if size.refused:
        raise invalid("sms_message", "too_many_segments", too_many(size.refused, most))
    return size


def too_many(segments: int, most: int) -> str:
    """Why a text of `segments` is not sent."""
    return (
        f"The text takes {segments} segments for a recipient, and at most {most} are sent. Shorten it, or look for a "
        "recipient with a value that is too long: POST …/sms_preview/ with which=longest shows them."
    )


async def _has_line(session: AsyncSession, now: datetime) -> bool:
    query = select(Line.id).where(
        Line.kind == "smpp", Line.state != LineState.GONE, Line.seen_at > now - LEASE
    )
    return await session.scalar(query.limit(1)) is not None
