"""Questions about recipients, and their ways in: for one row, for some, and for a million."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.phone import Number
from app.recipients.models import Recipient

COPY_TIMEOUT_S = 600
"""Seconds for the database to take in one file."""

_CHUNK = 10_000
_CREATE_INCOMING = text("""
CREATE TEMPORARY TABLE incoming_recipients (
    n bigint GENERATED ALWAYS AS IDENTITY, number text NOT NULL, national text NOT NULL, tags jsonb NOT NULL
) ON COMMIT DROP
""")
_NOT_TWICE = "ON CONFLICT (campaign_id, number) WHERE deleted_at IS NULL DO NOTHING"
# In the order of the file: ids then follow it, and lists show the rows as the client knows them.
_TAKE_INCOMING = f"""
INSERT INTO recipients (campaign_id, number, national, tags)
SELECT $1, number, national, tags FROM incoming_recipients ORDER BY n {_NOT_TWICE}
"""  # noqa: S608 - made of constants
_ADD_NUMBERS = text(f"""
INSERT INTO recipients (campaign_id, number, national)
SELECT :campaign_id, number, national
FROM unnest(CAST(:numbers AS text[]), CAST(:nationals AS text[])) WITH ORDINALITY AS sent (number, national, n)
ORDER BY n {_NOT_TWICE}
""")  # noqa: S608 - made of constants


async def _with_campaign(blocks: AsyncIterator[bytes], campaign_id: int) -> AsyncIterator[bytes]:
    """Lines of COPY's text format with the campaign's id as their first column, by the block.

    A line break ends a line and stands nowhere else: within a value the format writes it as two characters.
    """
    mark = f"{campaign_id}\t".encode()
    held = mark
    async for block in blocks:
        marked = held + block.replace(b"\n", b"\n" + mark)
        # What follows the last line break so far may be the end of the file, where no line begins.
        end = len(marked) - len(mark)
        yield marked[:end]
        held = marked[end:]
    if held != mark:
        yield held


class RecipientRepository:
    """Reads and adds recipients through one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add_rows(self, campaign_id: int, blocks: AsyncIterator[bytes]) -> int:
        """How many rows of a file became recipients; numbers already there are skipped.

        Streamed by COPY inside the session's transaction: what fails half-way leaves nothing. No number comes twice,
        so a campaign without recipients takes the rows as they are; otherwise a table of its own stands in between.

        Args:
            campaign_id: whose recipients they become.
            blocks: what is to be copied, as `ImportUnderWay.blocks` gives it; what they raise is raised here.
        """
        # Through the session, since this opens its transaction; the driver's own calls below would not.
        some = await self.session.scalar(select(exists().where(Recipient.campaign_id == campaign_id)))
        driver: Any = (await (await self.session.connection()).get_raw_connection()).driver_connection
        if not some:
            done: str = await driver.copy_to_table(
                "recipients",
                source=_with_campaign(blocks, campaign_id),
                columns=["campaign_id", "number", "national", "tags"],
                format="text",
                encoding="utf-8",
                timeout=COPY_TIMEOUT_S,
            )
            return int(done.rpartition(" ")[2])
        await self.session.execute(_CREATE_INCOMING)
        await driver.copy_to_table(
            "incoming_recipients",
            source=blocks,
            columns=["number", "national", "tags"],
            format="text",
            encoding="utf-8",
            timeout=COPY_TIMEOUT_S,
        )
        done = await driver.execute(_TAKE_INCOMING, campaign_id, timeout=COPY_TIMEOUT_S)
        await self.session.execute(text("DROP TABLE incoming_recipients"))
        return int(done.rpartition(" ")[2])

    async def add_numbers(self, campaign_id: int, numbers: Sequence[Number]) -> int:
        """How many of `numbers` became recipients, without tags; those already there are skipped."""
        added = 0
        for start in range(0, len(numbers), _CHUNK):
            chunk = numbers[start : start + _CHUNK]
            result: Any = await self.session.execute(
                _ADD_NUMBERS,
                {
                    "campaign_id": campaign_id,
                    "numbers": [number.e164 for number in chunk],
                    "nationals": [number.national for number in chunk],
                },
            )
            added += result.rowcount
        return added

    async def at_number(self, campaign_id: int, e164: str) -> Recipient | None:
        """The campaign's recipient with this number, or None."""
        query = select(Recipient).where(
            Recipient.campaign_id == campaign_id, Recipient.number == e164, Recipient.deleted_at.is_(None)
        )
        return (await self.session.scalars(query)).one_or_none()

    async def page(self, campaign_id: int, *, after: int, limit: int) -> Sequence[Recipient]:
        """Recipients of a campaign behind id `after`, by id."""
        query = (
            select(Recipient)
            .where(Recipient.campaign_id == campaign_id, Recipient.id > after, Recipient.deleted_at.is_(None))
            .order_by(Recipient.id)
            .limit(limit)
        )
        return (await self.session.scalars(query)).all()

    async def mark_deleted(self, recipient_id: int, *, now: datetime) -> bool:
        """Whether this call deleted it: of two deletes at once, one counts."""
        statement = (
            update(Recipient)
            .where(Recipient.id == recipient_id, Recipient.deleted_at.is_(None))
            .values(deleted_at=now)
            .returning(Recipient.id)
            .execution_options(synchronize_session=False)
        )
        return (await self.session.execute(statement)).first() is not None
