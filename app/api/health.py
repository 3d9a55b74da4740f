"""Whether this process lives, and whether the whole can place calls."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import select

from app.api.deps import PartsDep
from app.api.docs import refusals
from app.api.envelope import Success, failure, ok
from app.calls.models import Line
from app.core.errors import Item
from app.core.logging import get_logger
from app.wiring import Parts

router = APIRouter(prefix="/health", tags=["Health"])
log = get_logger(__name__)

CHECK_TIMEOUT_S = 2
LINE_SILENCE = timedelta(seconds=15)
_OPEN = 0

_ADVICE = {
    "database": "The database does not answer. Check TINGTING_DATABASE_URL and the server behind it.",
    "redis": "Redis does not answer. Check TINGTING_REDIS_URL and the server behind it.",
    "line": "No line worker is alive, so no call can be placed. Start one with: tingting line",
}


class Alive(BaseModel):
    live: Literal[True] = True


class Ready(BaseModel):
    database: bool = Field(description="PostgreSQL answered.")
    redis: bool = Field(description="Redis or Valkey answered.")
    line: bool = Field(description="At least one line worker was heard of in the last 15 seconds.")


@router.get("/live", operation_id="live", summary="Is this process alive")
async def live() -> Success[Alive]:
    """Answers as long as the process does; asks nothing of anything else."""
    return ok(Alive())


@router.get(
    "/ready",
    operation_id="ready",
    summary="Can calls be placed",
    response_model=Success[Ready],
    responses=refusals(503),
)
async def ready(parts: PartsDep) -> Success[Ready] | JSONResponse:
    """Checks database, Redis and lines, two seconds each at most; 503 says which is missing."""
    (database, line), redis = await asyncio.gather(_database_and_line(parts), _answers(_ping(parts)))
    found = Ready(database=database, redis=redis, line=line)
    missing = [
        Item(name, f"{name}_missing", text) for name, text in _ADVICE.items() if not getattr(found, name)
    ]
    if missing:
        return failure(503, missing, data=found.model_dump(), headers={"Retry-After": "5"})
    return ok(found)


async def _database_and_line(parts: Parts) -> tuple[bool, bool]:
    seen: list[bool] = []

    async def look() -> None:
        async with parts.sessions() as session:
            since = parts.clock.now() - LINE_SILENCE
            query = select(Line.id).where(Line.state == _OPEN, Line.seen_at > since).limit(1)
            seen.append(await session.scalar(query) is not None)

    database = await _answers(look())
    return database, bool(seen and seen[0])


async def _ping(parts: Parts) -> None:
    await parts.redis.ping()


async def _answers(check: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check
    except Exception as error:  # noqa: BLE001 - whatever it is, the part is not ready
        log.warning("not_ready", error=repr(error))
        return False
    return True
