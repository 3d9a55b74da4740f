"""Receipts that decided nothing, for an operator to see: unreadable, or naming no message of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.calls.models import SmsReceipt

EARLY = timedelta(minutes=5)
"""A receipt that is younger may have come before its response."""
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class KeptReceipts:
    """What is kept of one trunk.

    Attributes:
        unreadable: receipts without an id or a state that is known.
        unmatched: receipts that name no message of ours, and are not merely early.
        latest: what the latest of them said, a hundred characters at most; the message's own text is left out.
    """

    trunk: str
    unreadable: int
    unmatched: int
    latest: str


async def receipts_kept(connection: AsyncConnection) -> Sequence[KeptReceipts]:
    """The trunks that some are kept of, by name."""
    unreadable = SmsReceipt.message_id.is_(None)
    unmatched = SmsReceipt.message_id.is_not(None) & (SmsReceipt.received_at < func.now() - EARLY)
    found = (
        select(
            SmsReceipt.trunk,
            func.count().filter(unreadable).label("unreadable"),
            func.count().filter(unmatched).label("unmatched"),
            func.max(SmsReceipt.id).label("latest"),
        )
        .where(unreadable | unmatched)
        .group_by(SmsReceipt.trunk)
        .subquery()
    )
    said = func.left(func.regexp_replace(SmsReceipt.text, r"\mtext\s*[:=].*$", "", "i"), _SHOWN)
    query = (
        select(found.c.trunk, found.c.unreadable, found.c.unmatched, said)
        .join(SmsReceipt, SmsReceipt.id == found.c.latest)
        .order_by(found.c.trunk)
    )
    return [KeptReceipts(*row) for row in await connection.execute(query)]
