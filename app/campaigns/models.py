"""What is to be said, to whom, in which voice."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.campaigns.content import ContentColumns
from app.db.base import Base


class Campaign(ContentColumns, Base):
    """A campaign; `deleted_at` hides it while its calls stay in reports.

    Attributes:
        content: what is said and written; its columns are those of `ContentColumns`.
        user_phone: ids of the account's caller numbers.
        usable_tags: tag names in the order of the columns that they came from.
        recipient_count: kept by every change of recipients, so that begin need not count a million rows.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        Index("ix_campaigns_account_id_id", "account_id", "id", postgresql_where=text("deleted_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    user_phone: Mapped[list[int]] = mapped_column(server_default="{}")
    failover: Mapped[list[int] | None] = mapped_column("failover_target", ARRAY(SmallInteger))
    audio_ms: Mapped[int | None]
    usable_tags: Mapped[list[str]] = mapped_column(server_default="{}")
    recipient_count: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]


class CampaignImport(Base):
    """What came of the file or list that a campaign was made from.

    Attributes:
        summary: `app.campaigns.audience.Summary` as it was, for people to look at.
    """

    __tablename__ = "campaign_imports"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id"), primary_key=True, autoincrement=False
    )
    summary: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
