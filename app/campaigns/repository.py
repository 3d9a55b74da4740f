"""Questions about campaigns. Every question names the account that asks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import CallerNumber
from app.campaigns.models import Campaign


class CampaignRepository:
    """Reads campaigns through one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, account_id: int, campaign_id: int, *, lock: bool = False) -> Campaign | None:
        """The account's campaign that is not deleted, or None.

        With `lock` its row is held until the transaction ends: a begin, an update and a delete of one campaign then
        follow each other, and none decides on what another is about to change.
        """
        query = select(Campaign).where(
            Campaign.id == campaign_id, Campaign.account_id == account_id, Campaign.deleted_at.is_(None)
        )
        if lock:
            # Not plain FOR UPDATE: a new run or recipient that refers to this row need not wait.
            query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        return (await self.session.scalars(query)).one_or_none()

    async def caller_ids_among(self, account_id: int, ids: Sequence[int]) -> set[int]:
        """Which of `ids` are caller numbers of the account."""
        query = select(CallerNumber.id).where(CallerNumber.account_id == account_id, CallerNumber.id.in_(ids))
        return set(await self.session.scalars(query))

    async def add_to_recipient_count(self, campaign_id: int, change: int, *, now: datetime) -> int:
        """The count after `change`, which may be negative, was added.

        The sum is made in the database, so that two changes at once both count.
        """
        statement = (
            update(Campaign)
            .where(Campaign.id == campaign_id)
            .values(recipient_count=Campaign.recipient_count + change, updated_at=now)
            .returning(Campaign.recipient_count)
            .execution_options(synchronize_session=False)
        )
        return (await self.session.execute(statement)).scalar_one()
