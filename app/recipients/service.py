"""What can be done with one recipient. Functions flush and never commit; the caller holds the campaign's row."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.dialling import CODE, MESSAGE, DiallingPolicy
from app.core.errors import ConflictError, Item, invalid
from app.core.phone import Number, NumberError, parse_number
from app.recipients.models import Recipient
from app.recipients.repository import RecipientRepository
from app.recipients.tags import refuse_too_much


def read_number(value: object, policy: DiallingPolicy) -> Number:
    """The number as one field of a request.

    Raises:
        InvalidError: on ``number`` with the code of what is wrong, or ``not_allowed``.
    """
    try:
        number = parse_number(value)
    except NumberError as error:
        raise invalid("number", error.code, error.message) from error
    if not policy.allows(number.e164):
        raise invalid("number", CODE, MESSAGE)
    return number


async def add(
    session: AsyncSession, campaign_id: int, number: Number, tags: Mapping[str, str | None]
) -> Recipient:
    """Store a recipient.

    Raises:
        InvalidError: ``too_long``; see `refuse_too_much`.
        ConflictError: ``duplicate_number`` when the campaign has the number already.
    """
    refuse_too_much(given := _given(tags))
    await _refuse_twice(session, campaign_id, number)
    recipient = Recipient(campaign_id=campaign_id, number=number.e164, national=number.national, tags=given)
    session.add(recipient)
    await session.flush()
    return recipient


async def change(
    session: AsyncSession, recipient: Recipient, number: Number | None, tags: Mapping[str, str | None] | None
) -> None:
    """Set the number and the tags given; tags that are not named stay, one named with None goes.

    Raises:
        InvalidError: ``too_long``; see `refuse_too_much`.
        ConflictError: ``duplicate_number`` when another recipient of the campaign has the number.
    """
    if number is not None:
        if number.e164 != recipient.number:
            await _refuse_twice(session, recipient.campaign_id, number)
        recipient.number, recipient.national = number.e164, number.national
    if tags is not None:
        kept = {name: value for name, value in recipient.tags.items() if name not in tags}
        refuse_too_much(merged := kept | _given(tags))
        recipient.tags = merged
    await session.flush()


async def delete(session: AsyncSession, recipient: Recipient, *, now: datetime) -> bool:
    """Hide a recipient, whose calls stay in reports; False when another request did so first."""
    return await RecipientRepository(session).mark_deleted(recipient.id, now=now)


async def _refuse_twice(session: AsyncSession, campaign_id: int, number: Number) -> None:
    other = await RecipientRepository(session).at_number(campaign_id, number.e164)
    if other is not None:
        raise ConflictError(
            Item(
                "number",
                "duplicate_number",
                f"The campaign has {number.national} already, as recipient {other.id}; change that one instead.",
            ),
            data={"number_id": other.id},
        )


def _given(tags: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in tags.items() if value}
