"""One attempt to reach one recipient, and the lines that make them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.calls.state import CallStatus
from app.db.base import Base
from app.db.types import IntEnumType


class Line(Base):
    """One life of one line worker: a new row at each start, so that its id is also the token of its claims.

    Attributes:
        heartbeat: grows while the worker lives; the leader watches the number, never the time beside it.
        state: 0 open, 1 draining (takes no new call), 2 gone.
    """

    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    trunk: Mapped[str]
    places: Mapped[int] = mapped_column(SmallInteger)
    cps: Mapped[float]
    heartbeat: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Call(Base):
    """A call.

    Attributes:
        reason: stable code of why it ended so; `app.calls.reasons` has the sentence for people.
        sip_status: final SIP status, None when none came.
        audio_ms, played_ms: length of what was to be heard and of what left on RTP.
        digits: keys that the callee pressed.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("uq_calls_run_id_recipient_id_attempt", "run_id", "recipient_id", "attempt", unique=True),
        Index("ix_calls_queued", "run_id", "id", postgresql_where=text("status = 0")),
        Index("ix_calls_held", "line_id", postgresql_where=text("status BETWEEN 1 AND 4")),
        Index("ix_calls_recipient_id_id", "recipient_id", "id"),
        # Three updates follow each insert; room on the page keeps them HOT where no index changes.
        {"postgresql_with": {"fillfactor": "60"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    # No foreign keys here: the fan-out selects from the very tables they would check, nothing deletes those rows
    # while calls stand, and a check a row is dear at a million.
    run_id: Mapped[int]
    recipient_id: Mapped[int]
    attempt: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    status: Mapped[CallStatus] = mapped_column(IntEnumType(CallStatus), server_default="0")
    reason: Mapped[str | None]
    line_id: Mapped[int | None]
    not_before: Mapped[datetime | None]
    sip_status: Mapped[int | None] = mapped_column(SmallInteger)
    sip_call_id: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    dialed_at: Mapped[datetime | None]
    ringing_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    audio_ms: Mapped[int | None]
    played_ms: Mapped[int | None]
    digits: Mapped[str | None]
