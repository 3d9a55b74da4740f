"""One begin of a campaign, with all that it says fixed at that moment."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.calls.state import CallStatus, Channel
from app.campaigns.content import ContentColumns
from app.db.base import Base
from app.db.types import IntEnumType
from app.runs.channels import channels_of
from app.runs.state import QueuePriority, RunState


class Run(ContentColumns, Base):
    """A run.

    Attributes:
        content: what `Content.for_run` made of the campaign's and the order's; its columns are those of
            `ContentColumns` and `first`.
        statuses: only recipients whose latest call ended in one of these; None: all.
        individual: only these recipient ids; None: all.
        caller: E.164 shown to the callee; None: the trunk's default.
        recipients: how many it will reach, counted at begin.
        queue_priority: how often it gets a turn beside other runs.
        max_cps, max_calls: its calls a second and calls at once; None: as many as there are.
        fanout_after: id of the last recipient that has its call; the fan-out goes on behind it after a crash.
        fanout_until: id of the last recipient that was there when the run started; who is added later is not called.
        fanout_done_at: set when every recipient has its call.
        held_why: of a paused run, why the service itself paused it, in a sentence; None: somebody paused it.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("uq_runs_active_campaign", "campaign_id", unique=True, postgresql_where=text("state < 4")),
        Index("ix_runs_campaign_id_id", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[RunState] = mapped_column(IntEnumType(RunState))
    statuses: Mapped[list[CallStatus] | None] = mapped_column(ARRAY(IntEnumType(CallStatus)))
    individual: Mapped[list[int] | None]
    first: Mapped[str]
    caller: Mapped[str | None]
    ring_timeout_s: Mapped[int] = mapped_column(SmallInteger)
    recipients: Mapped[int]
    scheduled_for: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    queue_priority: Mapped[QueuePriority] = mapped_column(IntEnumType(QueuePriority), server_default="2")
    max_cps: Mapped[float | None]
    max_calls: Mapped[int | None]
    fanout_after: Mapped[int] = mapped_column(server_default="0")
    fanout_until: Mapped[int | None]
    fanout_done_at: Mapped[datetime | None]
    held_why: Mapped[str | None]

    @property
    def channels(self) -> list[Channel]:
        """On which every recipient is reached."""
        return channels_of(self.content)


class RunCount(Base):
    """Calls of a run per channel and status; written by the trigger on `calls` alone."""

    __tablename__ = "run_counts"
    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(IntEnumType(Channel), primary_key=True)
    status: Mapped[CallStatus] = mapped_column(IntEnumType(CallStatus), primary_key=True)
    n: Mapped[int]
