"""The connection to Redis or Valkey that arq stands on."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError  # noqa: A004

OUTAGES = (ConnectionError, TimeoutError, BusyLoadingError, OSError, asyncio.TimeoutError)
"""What a Redis that is down, restarting or unreachable raises."""


def to_json(job: dict[str, Any]) -> bytes:
    """Arq's serializer: JSON, since a pickle from a shared Redis would run as code."""
    return json.dumps(job, separators=(",", ":"), default=str).encode()


def from_json(raw: bytes) -> dict[str, Any]:
    """The inverse of `to_json`."""
    job: dict[str, Any] = json.loads(raw)
    return job


def redis_settings(url: str) -> RedisSettings:
    """Arq's settings for `url`; a short outage is ridden out by three tries within about a second."""
    return replace(
        RedisSettings.from_dsn(url),
        conn_timeout=2,
        conn_retries=5,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=3),
        retry_on_error=[ConnectionError, TimeoutError, OSError],
    )


async def open_redis(url: str) -> ArqRedis:
    """A pool of connections; raises one of `OUTAGES` when the server cannot be reached."""
    return await create_pool(redis_settings(url), job_serializer=to_json, job_deserializer=from_json)
