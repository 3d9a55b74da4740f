"""What is to be said, to whom, in which voice."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Campaign(Base):
    """A campaign; `deleted_at` hides it while its calls stay in reports.

    Attributes:
        services: ``PHONE``, ``SMS`` or ``SMS & PHONE``.
        user_phone: ids of the account's caller numbers.
        sms_message: text of the SMS; None: the message.
        failover_target: numbers of the call states after which a recipient is sent the SMS; None: no failover.
        audio_key: blob key of the decoded audio (8 kHz PCM); `audio_name` is what the client called it.
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
    services: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    user_phone: Mapped[list[int]] = mapped_column(server_default="{}")
    message: Mapped[str | None]
    sms_message: Mapped[str | None]
    failover_target: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    audio_key: Mapped[str | None]
    audio_name: Mapped[str | None]
    audio_ms: Mapped[int | None]
    voice_input: Mapped[str]
    usable_tags: Mapped[list[str]] = mapped_column(server_default="{}")
    recipient_count: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
