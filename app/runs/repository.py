"""Questions about runs and their calls. Every question names the account that asks."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.calls.models import Call
from app.calls.state import CallStatus, Channel
from app.recipients.models import Recipient
from app.runs.call_measures import summed
from app.runs.models import Run, RunCount
from app.runs.state import ACTIVE

CallRow = Row[Call, str, dict[str, str]]


class RunRepository:
    """Reads runs and calls through one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def active_run_of(self, campaign_id: int) -> Run | None:
        """The one scheduled, running, paused or stopping run of a campaign."""
        query = select(Run).where(Run.campaign_id == campaign_id, Run.state.in_(ACTIVE))
        return await self.session.scalar(query)

    async def latest_runs(self, campaign_ids: Sequence[int]) -> dict[int, Run]:
        """The newest run of each campaign that has one, by campaign id."""
        query = (
            select(Run)
            .where(Run.campaign_id.in_(campaign_ids))
            .ext(distinct_on(Run.campaign_id))
            .order_by(Run.campaign_id, Run.id.desc())
        )
        return {run.campaign_id: run for run in await self.session.scalars(query)}

    async def get(self, account_id: int, run_id: int) -> Run | None:
        """A run of this account."""
        return await self.session.scalar(select(Run).where(Run.id == run_id, Run.account_id == account_id))

    async def get_for_update(self, account_id: int, campaign_id: int) -> Run | None:
        """The active run of a campaign of this account, locked until the end of the transaction.

        Not so firmly that counts of its calls could not be written: who writes them may hold calls that are waited for.
        """
        query = (
            select(Run)
            .where(Run.campaign_id == campaign_id, Run.account_id == account_id, Run.state.in_(ACTIVE))
            .with_for_update(key_share=True)
        )
        return await self.session.scalar(query)

    async def list_of_campaign(self, campaign_id: int, *, before: int | None, limit: int) -> Sequence[Run]:
        """Runs of a campaign, newest first, older than run id `before`."""
        query = select(Run).where(Run.campaign_id == campaign_id).order_by(Run.id.desc()).limit(limit)
        if before is not None:
            query = query.where(Run.id < before)
        return (await self.session.scalars(query)).all()

    async def counts(self, run_ids: Sequence[int]) -> dict[int, dict[CallStatus, int]]:
        """Calls and messages per status of each run, zeros left out."""
        return {
            run_id: summed(channels) for run_id, channels in (await self.counts_by_channel(run_ids)).items()
        }

    async def counts_by_channel(
        self, run_ids: Sequence[int]
    ) -> dict[int, dict[Channel, dict[CallStatus, int]]]:
        """Calls per status of each run and channel, zeros and channels without calls left out."""
        found: dict[int, dict[Channel, dict[CallStatus, int]]] = {run_id: {} for run_id in run_ids}
        query = select(RunCount).where(RunCount.run_id.in_(run_ids), RunCount.n > 0)
        for count in await self.session.scalars(query):
            found[count.run_id].setdefault(count.channel, {})[count.status] = count.n
        return found

    async def calls_page(
        self, run_id: int, *, after: int, limit: int, statuses: Sequence[CallStatus] | None = None
    ) -> Sequence[CallRow]:
        """Calls of a run behind call `after` (0: from the first), with the national number and tags of whom they reach.

        In the order of the recipients, which is that of the unique index. By id alone, a last page would walk through
        the calls of all later runs, in vain.
        """
        place = (Call.recipient_id, Call.channel, Call.attempt)
        page = select(Call).where(Call.run_id == run_id).order_by(*place).limit(limit)
        if after:
            # A query of its own: compared with a subquery, the row is not looked up in the index.
            last = select(*place).where(Call.id == after, Call.run_id == run_id)
            found = (await self.session.execute(last)).one_or_none()
            if found is None:
                return ()
            page = page.where(tuple_(*place) > tuple_(found[0], int(found[1]), found[2]))
        if statuses:
            page = page.where(Call.status.in_(statuses))
        # The page before the join: joined first, PostgreSQL may go along both indexes from the first of all recipients.
        calls = aliased(Call, page.subquery())
        query = (
            select(calls, func.coalesce(calls.dialled, Recipient.national), Recipient.tags)
            .join(Recipient, Recipient.id == calls.recipient_id)
            .order_by(calls.recipient_id, calls.channel, calls.attempt)
        )
        return (await self.session.execute(query)).all()

    async def latest_calls(self, recipient_ids: Sequence[int]) -> dict[int, Call]:
        """The newest call of each recipient that has one, by recipient id."""
        query = (
            select(Call)
            .where(Call.recipient_id.in_(recipient_ids))
            .ext(distinct_on(Call.recipient_id))
            .order_by(Call.recipient_id, Call.id.desc())
        )
        return {call.recipient_id: call for call in await self.session.scalars(query)}

    async def count_matching(
        self,
        campaign_id: int,
        statuses: Sequence[CallStatus] | None,
        individual: Sequence[int] | None,
        channels: Sequence[Channel] = (Channel.VOICE,),
    ) -> int:
        """How many recipients of a campaign a begin with these filters reaches."""
        if statuses is not None and individual is None:
            return await self._count_ended_so(campaign_id, statuses, channels)
        query = select(func.count()).select_from(Recipient)
        query = query.where(*matching(campaign_id, statuses, individual, channels=channels))
        return await self.session.scalar(query) or 0

    async def _count_ended_so(
        self, campaign_id: int, statuses: Sequence[CallStatus], channels: Sequence[Channel]
    ) -> int:
        """From the calls that ended so, of which there are few: the begin waits for this count.

        Asking each recipient for its latest call takes a look-up for everybody (100,000: 0.2 s), and this one for
        those who match.
        """
        newer = aliased(Call)
        later = (
            select(literal(1))
            .where(newer.recipient_id == Call.recipient_id, newer.channel == Call.channel, newer.id > Call.id)
            .exists()
        )
        query = (
            select(func.count(Call.recipient_id.distinct()))
            .join(Recipient, Recipient.id == Call.recipient_id)
            .where(
                Call.run_id.in_(select(Run.id).where(Run.campaign_id == campaign_id)),
                Call.channel.in_(channels),
                Call.status.in_(statuses),
                Recipient.deleted_at.is_(None),
                ~later,
            )
        )
        return await self.session.scalar(query) or 0


def matching(
    campaign_id: int,
    statuses: Sequence[int] | None,
    individual: Sequence[int] | None,
    *,
    channels: Sequence[Channel] = (Channel.VOICE,),
    besides_run: int | None = None,
) -> list[ColumnElement[bool]]:
    """Conditions on `Recipient` for the filters of a begin; calls of `besides_run` do not count as the latest."""
    conditions: list[ColumnElement[bool]] = [
        Recipient.campaign_id == campaign_id,
        Recipient.deleted_at.is_(None),
    ]
    if individual is not None:
        conditions.append(Recipient.id.in_(individual))
    if statuses is not None:
        conditions.append(ended_so(statuses, channels, besides_run=besides_run))
    return conditions


def ended_so(
    statuses: Sequence[int], channels: Sequence[Channel], *, besides_run: int | None = None
) -> ColumnElement[bool]:
    """Whether the latest call of a `Recipient` on one of these channels stands in one of `statuses`."""
    found = []
    for channel in channels:
        latest = (
            select(Call.status)
            .where(Call.recipient_id == Recipient.id, Call.channel == channel)
            .order_by(Call.id.desc())
            .limit(1)
        )
        if besides_run is not None:
            latest = latest.where(Call.run_id != besides_run)
        found.append(latest.scalar_subquery().in_(list(statuses)))
    return or_(*found)
