"""Who may use the service, and the numbers that they call from."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Account(Base):
    """An account; `email` is kept in lower case.

    Attributes:
        dial_prefixes: see `app.accounts.dialling.DiallingPolicy`; None: every mobile and landline number of Nepal.
        calls_a_day: calls that it may start in a day of Kathmandu, `app.accounts.dialling.UNLIMITED` for any number;
            None: as TINGTING_CALLS_A_DAY says.
        queue_priority: of its runs whose begin names none; the numbers are those of `app.runs.state.QueuePriority`.
        rights: names of `app.accounts.rights.Right` that an operator granted.
        one_time_until: its password is an operator's, for one use: good until then, and of use only to set
            another. None: the password is the owner's own.
        max_cps, max_calls: calls a second and calls at once of all its runs together; None: as many as there are.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    username: Mapped[str]
    password_hash: Mapped[str]
    first_name: Mapped[str] = mapped_column(server_default="")
    last_name: Mapped[str] = mapped_column(server_default="")
    contact_number: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    is_verified_email: Mapped[bool] = mapped_column(server_default="false")
    is_verified_phone: Mapped[bool] = mapped_column(server_default="false")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    rights: Mapped[list[str]] = mapped_column(server_default="{}")
    one_time_until: Mapped[datetime | None]
    dial_prefixes: Mapped[list[str] | None]
    calls_a_day: Mapped[int | None]
    queue_priority: Mapped[int] = mapped_column(SmallInteger, server_default="2")
    max_cps: Mapped[float | None]
    max_calls: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DialledDay(Base):
    """Calls that an account started on one day of Kathmandu; written by the trigger on `calls` alone."""

    __tablename__ = "dialled_days"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]


class RefreshToken(Base):
    """One issued refresh token, by the hash of its `jti`; a family is all that descend from one login."""

    __tablename__ = "refresh_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    family: Mapped[UUID] = mapped_column(index=True)
    jti_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ConsoleSession(Base):
    """One sign-in at the console, by the hash of the token in its cookie; the row is deleted when it ends.

    Attributes:
        address, browser: where it began from, for the owner to know it by.
        seen_at: last use, to five minutes.
        expires_at: its end, however much it is used.
    """

    __tablename__ = "console_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    address: Mapped[str]
    browser: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class CallerNumber(Base):
    """A number that an account may show to those it calls."""

    __tablename__ = "caller_numbers"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    number: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IdempotencyKey(Base):
    """The first answer to a request that may be sent again; `status` is null while it still runs."""

    __tablename__ = "idempotency_keys"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
