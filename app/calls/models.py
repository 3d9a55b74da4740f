"""One attempt to reach one recipient, and the lines that make them."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, Integer, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.calls.state import CallStatus, Channel, LineState, WaitingFor
from app.db.base import Base
from app.db.types import IntEnumType

LEASE = timedelta(seconds=15)
"""How long a silent line is believed alive."""
REST = timedelta(seconds=5)
"""For how long no call is dealt to a line whose trunk takes none: a dead trunk must not bounce thousands."""


class Line(Base):
    """One life of one line worker: a new row at each start, so that its id is also the token of its claims.

    Attributes:
        kind: ``sip`` places calls, ``smpp`` sends messages.
        trunk: name of what it holds; receipts are matched to messages within it.
        heartbeat: grows while the worker lives; the leader watches the number, never the time beside it.
        state: whether it takes calls.
        trunk_says: the trunk's last answer when it was asked whether it is there; None: it was not asked yet.
        trunk_silent_since: since when it answers nothing, calls included; None: it answers.
        resting_until: no call is dealt to it before, for its trunk takes none at present; None: it never rested.
    """

    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str]
    trunk: Mapped[str]
    places: Mapped[int] = mapped_column(SmallInteger)
    cps: Mapped[float]
    heartbeat: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[LineState] = mapped_column(IntEnumType(LineState), server_default="0")
    trunk_says: Mapped[str | None]
    trunk_silent_since: Mapped[datetime | None]
    resting_until: Mapped[datetime | None]
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Trunk(Base):
    """What an operator allows on a trunk, by the name that its lines give; a trunk without a row has no limits.

    Attributes:
        max_cps, max_calls: calls a second and calls at once of all its lines together; None: as many as they can.
        weight: its share of the calls beside other trunks, 1 to 100.
    """

    __tablename__ = "trunks"

    name: Mapped[str] = mapped_column(primary_key=True)
    max_cps: Mapped[float | None]
    max_calls: Mapped[int | None]
    weight: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class Call(Base):
    """A call, or an SMS: an attempt to reach one recipient in one way.

    Attributes:
        channel: whether it is spoken or written.
        attempt: counts, from 1, the times that a telephone may have rung for a recipient, channel and run. A
            trunk that did not take the call rang none: `trunk_try` counts those.
        refused_by: the trunks that did not take it, each once; None: no trunk refused it.
        reason: stable code of why it ended so, or was put off; `app.calls.reasons` has the sentence for people.
        sip_status: final SIP status, None when none came.
        audio_ms, played_ms: length of what was to be heard and of what left on RTP.
        stand_in_voice: True when the engine of the run's voice could not speak and the built-in one did.
        digits: keys that the callee pressed.
        dialled: the national number that was called, kept when the recipient's is changed afterwards.
        segments: of an SMS, known once it was rendered.
        expires_at: when an SMS without a receipt counts as unanswered; None until the centre has taken it.
        network_code: the message centre's own code for a refusal or an end.
        number: digits of its E.164 number, kept when a call is claimed or deferred; None before, and for an SMS.
        claimed_on: the day in Kathmandu on which it was last claimed; None before, and for an SMS.
        waiting_for: why it is deferred; None: it is not.
        not_before: when it is queued again; None while deferred: when no call to its number is in progress.
        gives_up_at: a message that is still put off then fails; None: it was never put off.
        days_waited: days on which its number had been called as often as it may be; None: none.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("uq_calls_attempt", "run_id", "recipient_id", "channel", "attempt", unique=True),
        # `app.calls.conditions` says why these name no status, and how queries are to speak of them.
        Index(
            "ix_calls_queued",
            "run_id",
            "channel",
            "id",
            postgresql_where=text("line_id IS NULL AND ended_at IS NULL AND waiting_for IS NULL"),
        ),
        Index("ix_calls_held", "line_id", postgresql_where=text("line_id IS NOT NULL AND ended_at IS NULL")),
        Index(
            "ix_calls_expires_at",
            "expires_at",
            postgresql_where=text("expires_at IS NOT NULL AND ended_at IS NULL"),
        ),
        Index(
            "ix_calls_passed_on", "id", postgresql_where=text("refused_by IS NOT NULL AND ended_at IS NULL")
        ),
        Index("ix_calls_recipient_id_id", "recipient_id", "id"),
        # Whatever leaders and lines do, one call to a number is in progress at a time.
        Index(
            "uq_calls_number_in_progress",
            "number",
            unique=True,
            postgresql_where=text("number IS NOT NULL AND line_id IS NOT NULL AND ended_at IS NULL"),
        ),
        Index(
            "ix_calls_number_claimed_on", "number", "claimed_on", postgresql_where=text("number IS NOT NULL")
        ),
        # Those that are deferred: by run, until a time, until their number is free.
        Index(
            "ix_calls_deferred",
            "run_id",
            "waiting_for",
            "not_before",
            postgresql_where=text("waiting_for IS NOT NULL AND ended_at IS NULL"),
        ),
        Index(
            "ix_calls_due",
            "not_before",
            postgresql_where=text("waiting_for IS NOT NULL AND ended_at IS NULL AND not_before IS NOT NULL"),
        ),
        Index(
            "ix_calls_number_awaited",
            "number",
            "id",
            postgresql_where=text("waiting_for IS NOT NULL AND ended_at IS NULL AND not_before IS NULL"),
        ),
        # Up to five updates follow each insert; room on the page lets those between claim and end be HOT.
        {"postgresql_with": {"fillfactor": "60"}},
    )

    # The widest first, and what has no fixed width last: no byte of a row is padding between its columns.
    id: Mapped[int] = mapped_column(primary_key=True)
    # No foreign keys here: the fan-out selects from the very tables they would check, nothing deletes those rows
    # while calls stand, and a check a row is dear at a million.
    run_id: Mapped[int]
    recipient_id: Mapped[int]
    not_before: Mapped[datetime | None]
    dialed_at: Mapped[datetime | None]
    ringing_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    gives_up_at: Mapped[datetime | None]
    line_id: Mapped[int | None] = mapped_column(Integer)
    audio_ms: Mapped[int | None] = mapped_column(Integer)
    played_ms: Mapped[int | None] = mapped_column(Integer)
    channel: Mapped[Channel] = mapped_column(IntEnumType(Channel), server_default="0")
    attempt: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    status: Mapped[CallStatus] = mapped_column(IntEnumType(CallStatus), server_default="0")
    sip_status: Mapped[int | None] = mapped_column(SmallInteger)
    segments: Mapped[int | None] = mapped_column(SmallInteger)
    stand_in_voice: Mapped[bool | None]
    uuid: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    reason: Mapped[str | None]
    sip_call_id: Mapped[str | None]
    digits: Mapped[str | None]
    dialled: Mapped[str | None]
    network_code: Mapped[str | None]
    refused_by: Mapped[list[str] | None]
    number: Mapped[int | None]
    claimed_on: Mapped[date | None]
    waiting_for: Mapped[WaitingFor | None] = mapped_column(IntEnumType(WaitingFor))
    days_waited: Mapped[int | None] = mapped_column(SmallInteger)

    @property
    def trunk_try(self) -> int:
        """Which trunk of this attempt has the call or is to get it, from 1."""
        return len(self.refused_by or ()) + 1


class SmsPart(Base):
    """One segment of an SMS that the message centre has accepted.

    Attributes:
        nth: 1 is the first segment.
        trunk, message_id: what a receipt names it by; ids are unique within a trunk only, and come round again.
        status: how it ended by its receipt; None while none has come.
        reason: key of `app.calls.reasons.REASONS` for that end.
        error: the network's own code, as the receipt has it.
    """

    __tablename__ = "sms_parts"
    __table_args__ = (Index("ix_sms_parts_message_id_trunk", "message_id", "trunk"),)

    call_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    trunk: Mapped[str]
    message_id: Mapped[str]
    status: Mapped[CallStatus | None] = mapped_column(IntEnumType(CallStatus))
    reason: Mapped[str | None]
    error: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class SmsReceipt(Base):
    """A receipt whose message is not known (yet): it came before the response, or it is not ours, or it is garbled.

    Attributes:
        message_id, status: None when the receipt could not be read.
        text: what was received, for people.
    """

    __tablename__ = "sms_receipts"
    __table_args__ = (
        Index("ix_sms_receipts_message_id_trunk", "message_id", "trunk"),
        Index("ix_sms_receipts_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trunk: Mapped[str]
    message_id: Mapped[str | None]
    status: Mapped[CallStatus | None] = mapped_column(IntEnumType(CallStatus))
    reason: Mapped[str | None]
    error: Mapped[str | None]
    text: Mapped[str]
    received_at: Mapped[datetime]
