"""Campaigns and recipients as their runs left them: each campaign with its latest run, each recipient with its
latest call. Here and not beside the campaigns, since those know nothing of runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.models import Call
from app.calls.state import CallStatus, public_name
from app.campaigns.models import Campaign
from app.core.errors import Item, NotFoundError, invalid
from app.recipients.models import Recipient
from app.runs.call_measures import named_counts
from app.runs.models import Run
from app.runs.repository import RunRepository
from app.runs.state import NOT_STARTED, TITLES, RunState


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One page of an account's campaigns, newest first.

    Attributes:
        total: campaigns on all pages.
        items: each campaign with its latest run, None when it has none.
    """

    total: int
    items: list[tuple[Campaign, Run | None]]


def states_named(status: str) -> tuple[RunState, ...] | None:
    """The run states that clients know as `status`, in any case; None for ``Not Started``.

    Raises:
        InvalidError: field ``status``, code ``unknown_status``, naming those that exist.
    """
    wanted = " ".join(status.replace("_", " ").split()).lower()
    if wanted == NOT_STARTED.lower():
        return None
    states = tuple(state for state, title in TITLES.items() if title.lower() == wanted)
    if not states:
        names = ", ".join([NOT_STARTED, *dict.fromkeys(TITLES.values())])
        raise invalid("status", "unknown_status", f"'{status[:40]}' is no status; use one of: {names}.")
    return states


class Overview:
    """Reads campaigns with their runs, and recipients with their calls, through one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def campaigns(
        self, account_id: int, *, search: str, status: str, offset: int, limit: int
    ) -> CampaignPage:
        """A page of the account's campaigns.

        Args:
            account_id: whose.
            search: part of a name or description, in any case; empty: all.
            status: of the latest run, as clients read it; empty: any.
            offset: campaigns to pass over.
            limit: at most so many.
        """
        conditions = [Campaign.account_id == account_id, Campaign.deleted_at.is_(None)]
        if search:
            conditions.append(
                or_(
                    Campaign.name.icontains(search, autoescape=True),
                    Campaign.description.icontains(search, autoescape=True),
                )
            )
        if status:
            conditions.append(_in_state(states_named(status)))
        total = await self.session.scalar(select(func.count()).select_from(Campaign).where(*conditions)) or 0
        page = select(Campaign).where(*conditions).order_by(Campaign.id.desc()).offset(offset).limit(limit)
        campaigns = (await self.session.scalars(page)).all()
        runs = await RunRepository(self.session).latest_runs([campaign.id for campaign in campaigns])
        return CampaignPage(total, [(campaign, runs.get(campaign.id)) for campaign in campaigns])

    async def recipient(
        self, account_id: int, recipient_id: int, *, lock: bool = False
    ) -> tuple[Recipient, Campaign]:
        """A recipient and its campaign, both the account's and neither deleted; with `lock` both rows are held.

        Raises:
            NotFoundError: ``number_not_found``.
        """
        query = (
            select(Recipient, Campaign)
            .join(Campaign, Campaign.id == Recipient.campaign_id)
            .where(
                Recipient.id == recipient_id,
                Recipient.deleted_at.is_(None),
                Campaign.account_id == account_id,
                Campaign.deleted_at.is_(None),
            )
        )
        if lock:
            query = query.with_for_update(key_share=True, of=(Recipient, Campaign)).execution_options(
                populate_existing=True
            )
        row = (await self.session.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(
                Item(None, "number_not_found", f"No number {recipient_id} exists in this account.")
            )
        return row[0], row[1]

    async def recipient_counts(self, campaign: Campaign, latest: Run | None) -> dict[str, int]:
        """Recipients per status of their latest call, by the names that clients read; zeros are left out.

        A run of everybody on one channel has counts of its own, kept by the database. After a re-run of some, or
        one that both calls and texts, the latest call of each recipient is looked up, which takes seconds for a
        million.
        """
        reached: dict[CallStatus, int] = {}
        if latest is not None and _counts_recipients(latest):
            reached = (await RunRepository(self.session).counts([latest.id]))[latest.id]
        elif latest is not None:
            reached = await self._count_latest_calls(campaign.id)
        named = named_counts(reached)
        waiting = campaign.recipient_count - sum(reached.values())
        return {public_name(None): waiting, **named} if waiting > 0 else named

    async def _count_latest_calls(self, campaign_id: int) -> dict[CallStatus, int]:
        newest = (
            select(func.max(Call.id).label("id"))
            .join(Run, Run.id == Call.run_id)
            .join(Recipient, Recipient.id == Call.recipient_id)
            .where(Run.campaign_id == campaign_id, Recipient.deleted_at.is_(None))
            .group_by(Call.recipient_id)
            .subquery()
        )
        query = select(Call.status, func.count()).join(newest, newest.c.id == Call.id).group_by(Call.status)
        return {row[0]: row[1] for row in await self.session.execute(query)}


async def dialing_run(session: AsyncSession, campaign_id: int) -> Run | None:
    """The campaign's run that has begun to make its calls, or None: a scheduled one has made none."""
    run = await RunRepository(session).active_run_of(campaign_id)
    return None if run is None or run.state is RunState.SCHEDULED else run


def _counts_recipients(run: Run) -> bool:
    """Whether the run has one call for each recipient."""
    everybody = run.statuses is None and run.individual is None
    return everybody and run.failover is None and len(run.channels) == 1


def _in_state(states: Sequence[RunState] | None) -> ColumnElement[bool]:
    latest = (
        select(Run.state)
        .where(Run.campaign_id == Campaign.id)
        .order_by(Run.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return latest.is_(None) if states is None else latest.in_(states)
