"""Remembers the first answer to a request that may be sent again (the `Idempotency-Key` header)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import IdempotencyKey
from app.core.errors import ConflictError, Item, invalid

KEPT = timedelta(hours=24)
STALE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry a request out; `at` tells it from the claim of one that took over."""

    account_id: int
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """The first answer, byte for byte."""

    status: int
    body: bytes


async def claim(
    session: AsyncSession, account_id: int, key: str, fingerprint: bytes, now: datetime
) -> Claim | Answered:
    """Claim `key`, or find what was answered to it. To be committed before the work begins, so that others see it.

    A claim that has no answer after 60 seconds belonged to a process that died; it is taken over.

    Raises:
        ConflictError: ``idempotency_in_progress``: the first one still runs.
        InvalidError: ``idempotency_key_reused``: the key came with another request before.
    """
    await _forget_old(session, account_id, now)
    fresh = {"fingerprint": fingerprint, "status": None, "body": None, "created_at": now}
    claimed = await session.scalar(
        insert(IdempotencyKey)
        .values(account_id=account_id, key=key, **fresh)
        .on_conflict_do_update(
            index_elements=[IdempotencyKey.account_id, IdempotencyKey.key],
            set_=fresh,
            where=or_(
                IdempotencyKey.created_at < now - KEPT,
                and_(IdempotencyKey.status.is_(None), IdempotencyKey.created_at < now - STALE),
            ),
        )
        .returning(IdempotencyKey.key)
    )
    if claimed is not None:
        return Claim(account_id, key, now)
    columns = (IdempotencyKey.fingerprint, IdempotencyKey.status, IdempotencyKey.body)
    query = select(*columns).where(IdempotencyKey.account_id == account_id, IdempotencyKey.key == key)
    known = (await session.execute(query)).one_or_none()
    if known is None or (known.status is None and known.fingerprint == fingerprint):
        raise _in_progress()
    if known.fingerprint != fingerprint:
        message = "This Idempotency-Key came with another request before. Use a new key for a new request."
        raise invalid("Idempotency-Key", "idempotency_key_reused", message)
    return Answered(known.status, known.body)


async def _forget_old(session: AsyncSession, account_id: int, now: datetime) -> None:
    old = (IdempotencyKey.account_id == account_id, IdempotencyKey.created_at < now - KEPT)
    await session.execute(delete(IdempotencyKey).where(*old))


async def keep(session: AsyncSession, claimed: Claim, status: int, body: bytes) -> None:
    """Keep the answer in the very transaction that did the work: both stand or neither does.

    Raises:
        ConflictError: ``idempotency_in_progress``: this one took so long that another took over; its work must go.
    """
    kept = await session.scalar(
        update(IdempotencyKey)
        .where(*_is(claimed))
        .values(status=status, body=body)
        .returning(IdempotencyKey.key)
        .execution_options(synchronize_session=False)
    )
    if kept is None:
        raise _in_progress()


async def release(session: AsyncSession, claimed: Claim) -> None:
    """Give the key back after a failure: nothing was done, so the client may try again at once."""
    await session.execute(
        delete(IdempotencyKey).where(*_is(claimed)).execution_options(synchronize_session=False)
    )


def _is(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        IdempotencyKey.account_id == claimed.account_id,
        IdempotencyKey.key == claimed.key,
        IdempotencyKey.created_at == claimed.at,
        IdempotencyKey.status.is_(None),
    )


def _in_progress() -> ConflictError:
    message = "The first request with this Idempotency-Key still runs. Ask again in a few seconds."
    return ConflictError(Item("Idempotency-Key", "idempotency_in_progress", message))
