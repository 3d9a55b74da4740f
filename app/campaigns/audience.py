"""Whom a campaign calls: recipients come in and go, and its count and usable tags follow in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.campaigns import service as campaigns
from app.campaigns.models import Campaign
from app.campaigns.repository import CampaignRepository
from app.core.errors import InvalidError, Item, all_invalid
from app.core.phone import Number
from app.recipients import service as recipients
from app.recipients.files.importing import ImportUnderWay
from app.recipients.models import Recipient
from app.recipients.report import REPORTED_ROWS, Collected, ExtraNumbers, ImportResult, Notice, RejectedRow
from app.recipients.repository import RecipientRepository

_NAMED_FAULTS = 20
"""Refused numbers that an error lists; past these a client wants the rule, not the list."""


@dataclass(frozen=True, slots=True)
class Audience:
    """What one request brought.

    Attributes:
        numbers: given one by one in `individual_number`; None when the field was absent.
        file: being read from `send_to_number_file`; None when there was none.
    """

    numbers: Collected | None = None
    file: ImportUnderWay | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of it.

    Attributes:
        accepted: recipients that the campaign now has of these.
        duplicates: numbers that stood there already, in the file, in the list or in both.
        rejected: values that are no numbers; the first 100 of them in `rejected_rows`, the file's before the list's.
        number_column, header_row, sheet, hidden, extra_numbers, extra_number_rows: of the file, as `ImportResult` has
            them.
        warnings: of the file and of the list.
    """

    accepted: int
    duplicates: int
    rejected: int
    rejected_rows: list[RejectedRow]
    number_column: str | None = None
    header_row: int | None = None
    sheet: str | None = None
    hidden: int = 0
    extra_numbers: int = 0
    extra_number_rows: list[ExtraNumbers] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)


def refuse_unusable(audience: Audience) -> None:
    """Raise InvalidError when there is nobody to call: nothing was sent, or none of it is a number."""
    numbers, file = audience.numbers, None if audience.file is None else audience.file.result
    if numbers is None and audience.file is None:
        message = "Send individual_number (a list of numbers), send_to_number_file (such as .csv or .xlsx), or both."
        raise InvalidError(Item("individual_number", "no_recipients", message))
    # A file that is not read to its end by now has rows ready.
    if (numbers and numbers.rows) or (audience.file and (file is None or file.accepted)):
        return
    faults = []
    if numbers is not None:
        faults += [
            Item(f"individual_number.{row.row - 1}", row.code, row.message)
            for row in numbers.rejected_rows[:_NAMED_FAULTS]
        ] or [Item("individual_number", "empty", "individual_number holds no number; send at least one.")]
    if file is not None:
        message = "No row of the file has a usable number; the errors below name the first of them."
        faults.append(Item("send_to_number_file", "no_usable_number", message))
        faults += [
            Item(f"send_to_number_file.{row.row}", row.code, row.message)
            for row in file.rejected_rows[:_NAMED_FAULTS]
        ]
    raise all_invalid(faults)


async def take_in(session: AsyncSession, campaign: Campaign, audience: Audience, *, now: datetime) -> Summary:
    """Make recipients of what a request brought, in the session's transaction.

    The file comes first: of a number that is in both, its row has the tags. Its rows are stored while it is read.

    Raises:
        ProblemError: what is wrong with the file, when that shows late.
    """
    repository = RecipientRepository(session)
    added = sent = duplicates = rejected = 0
    rows: list[RejectedRow] = []
    warnings: list[Notice] = []
    file = None
    if audience.file is not None:
        added += await repository.add_rows(campaign.id, audience.file.blocks())
        file = await audience.file.ended()
        campaigns.add_usable_tags(campaign, file.columns)
        sent += file.accepted
    if audience.numbers is not None:
        added += await repository.add_numbers(campaign.id, audience.numbers.rows)
        sent += len(audience.numbers.rows)
    for part in (file, audience.numbers):
        if part is not None:
            duplicates += part.duplicates
            rejected += part.rejected
            rows += part.rejected_rows
            warnings += part.warnings
    await _count(session, campaign, added, now=now)
    summary = Summary(added, duplicates + sent - added, rejected, rows[:REPORTED_ROWS], warnings=warnings)
    return summary if file is None else replace(summary, **_of_file(file))


def _of_file(file: ImportResult) -> dict[str, Any]:
    """What only a file has."""
    names = ("number_column", "header_row", "sheet", "hidden", "extra_numbers", "extra_number_rows")
    return {name: getattr(file, name) for name in names}


async def add_one(
    session: AsyncSession,
    campaign: Campaign,
    number: Number,
    tags: Mapping[str, str | None],
    *,
    now: datetime,
) -> Recipient:
    """Add one recipient to a campaign whose row the caller holds; ConflictError ``duplicate_number``."""
    recipient = await recipients.add(session, campaign.id, number, tags)
    campaigns.add_usable_tags(campaign, list(recipient.tags))
    await _count(session, campaign, 1, now=now)
    return recipient


async def change_one(
    session: AsyncSession,
    campaign: Campaign,
    recipient: Recipient,
    number: Number | None,
    tags: Mapping[str, str | None] | None,
) -> None:
    """Change one recipient of a campaign whose row the caller holds; ConflictError ``duplicate_number``."""
    await recipients.change(session, recipient, number, tags)
    campaigns.add_usable_tags(campaign, list(recipient.tags))
    await session.flush()


async def remove_one(
    session: AsyncSession, campaign: Campaign, recipient: Recipient, *, now: datetime
) -> None:
    """Take one recipient out; its calls stay in reports."""
    if await recipients.delete(session, recipient, now=now):
        await _count(session, campaign, -1, now=now)


async def _count(session: AsyncSession, campaign: Campaign, change: int, *, now: datetime) -> None:
    await session.flush()
    count = await CampaignRepository(session).add_to_recipient_count(campaign.id, change, now=now)
    set_committed_value(campaign, "recipient_count", count)
    set_committed_value(campaign, "updated_at", now)
