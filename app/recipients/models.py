"""Whom a campaign calls."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Recipient(Base):
    """One number of one campaign.

    Attributes:
        number: E.164 with plus.
        national: the national form that the client sent; answered as it came.
        tags: values by full tag name (``tags_name``).
    """

    __tablename__ = "recipients"
    __table_args__ = (
        Index(
            "uq_recipients_campaign_id_number",
            "campaign_id",
            "number",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_recipients_campaign_id_id", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # No foreign key: campaigns are hidden and never deleted, and a check a row is a third of an import.
    campaign_id: Mapped[int]
    number: Mapped[str]
    national: Mapped[str]
    tags: Mapped[dict[str, str]] = mapped_column(server_default="{}")
    deleted_at: Mapped[datetime | None]
