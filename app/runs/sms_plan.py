"""Whether a run can write, and how many segments that takes: asked when it begins."""

import asyncio
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.models import LEASE, Line
from app.calls.state import LineState
from app.core.errors import ConflictError, Item, invalid
from app.messages.sms_preview import LOOKED_AT, Size, size_of
from app.messages.sms_text import CentreAlphabet
from app.recipients.models import Recipient
from app.runs.models import Run
from app.runs.repository import matching

_NO_GATEWAY = (
    "This server has no SMS gateway; change the campaign's services to PHONE and leave failover_target out, "
    "or ask its operator for a gateway."
)


async def refuse_without_gateway(session: AsyncSession, *, configured: bool, now: datetime) -> None:
    """Raise ConflictError ``sms_gateway_not_configured``: no setting names a message centre, no line of messages lives.

    Args:
        session: reads only.
        configured: whether this server's settings name a message centre.
        now: the server's clock, aware.
    """
    if not configured and not await _has_line(session, now):
        raise ConflictError(Item("services", "sms_gateway_not_configured", _NO_GATEWAY))


async def sms_size(
    session: AsyncSession, run: Run, field: str, centre: CentreAlphabet, most: int
) -> Size | None:
    """How many segments the run sends, should everybody whom it reaches get its text; None when it has none.

    Args:
        session: reads only.
        run: that begins.
        field: in which its text was sent.
        centre: the default alphabet of the message centre.
        most: segments that a recipient may be sent.

    Raises:
        InvalidError: ``too_many_segments``, of any recipient looked at.
    """
    text = run.content.text
    if not run.content.writes or text is None:
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
    size = await asyncio.to_thread(size_of, text, values, run.recipients, centre, most)
    if size.refused:
        raise invalid(field, "too_many_segments", too_many(size.refused, most))
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
