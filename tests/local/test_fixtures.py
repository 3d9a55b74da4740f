"""The ground that the other tests stand on."""

import redis.asyncio as redis
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account


async def _add_and_count(session: AsyncSession) -> int:
    session.add(Account(email="a@example.com", username="a", password_hash="x"))
    await session.commit()
    return await session.scalar(select(func.count()).select_from(Account)) or 0


async def test_a_committed_row_is_seen_by_its_own_test(session: AsyncSession) -> None:
    assert await _add_and_count(session) == 1


async def test_a_committed_row_of_another_test_is_gone(session: AsyncSession) -> None:
    assert await _add_and_count(session) == 1


async def test_the_database_is_migrated(session: AsyncSession) -> None:
    assert await session.scalar(text("SELECT count(*) FROM alembic_version")) == 1


async def test_the_queue_starts_empty(redis_url: str) -> None:
    client = redis.from_url(redis_url)
    assert await client.dbsize() == 0
    await client.set("left", "over")
    await client.aclose()


async def test_the_queue_starts_empty_again(redis_url: str) -> None:
    client = redis.from_url(redis_url)
    assert await client.dbsize() == 0
    await client.aclose()
