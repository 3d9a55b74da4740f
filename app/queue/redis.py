"""The connection to Redis or Valkey that arq stands on."""

import asyncio
import json
from typing import Any

from arq.connections import ArqRedis
from redis import exceptions
from redis.asyncio import Connection, ConnectionPool, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

OUTAGES = (exceptions.RedisError, OSError, TimeoutError)
"""What a Redis that is down, restarting, unreachable or full raises.

All of RedisError, for all of it passes: a server whose disk is full refuses writes with an error of its own
(MISCONF), one whose memory is full with another (OOM), and a replica that was just promoted with a third (READONLY).
"""

_SILENCE_S = 2.0
_START_TRIES = 5
_START_PAUSE_S = 1.0


def to_json(job: dict[str, Any]) -> bytes:
    """Arq's serializer: JSON, since a pickle from a shared Redis would run as code."""
    return json.dumps(job, separators=(",", ":"), default=str).encode()


def from_json(raw: bytes) -> dict[str, Any]:
    """The inverse of `to_json`."""
    job: dict[str, Any] = json.loads(raw)
    return job


class _SaysThatItIsClosed:
    """Tells of a connection that was reset a moment ago by the library's own error.

    Between the reset and its notice uvloop answers a write with a bare RuntimeError, which no caller counts among
    outages: one such moment ended a control worker.
    """

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Send; ConnectionError when the connection is closed already."""
        try:
            await super().send_packed_command(command, check_health)  # type: ignore[misc]
        except RuntimeError as error:
            raise exceptions.ConnectionError(str(error)) from error


class _Connection(_SaysThatItIsClosed, Connection):
    pass


class _SSLConnection(_SaysThatItIsClosed, SSLConnection):
    pass


_CLASSES: dict[Any, Any] = {Connection: _Connection, SSLConnection: _SSLConnection}


def make_redis(url: str) -> ArqRedis:
    """A client of its own pool; nothing is connected yet.

    A broken connection is tried again three times within about a second. A silent one is given up after two seconds
    and not tried again: arq's own pool would wait on it for ever.
    """
    # The library's type names its own errors alone; the system's come through as well.
    broken: Any = (exceptions.ConnectionError, ConnectionError)
    pool = ConnectionPool.from_url(
        url,
        encoding="utf8",
        socket_timeout=_SILENCE_S,
        socket_connect_timeout=_SILENCE_S,
        socket_keepalive=True,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=3, supported_errors=broken),
    )
    pool.connection_class = _CLASSES.get(pool.connection_class, pool.connection_class)
    redis = ArqRedis(pool, job_serializer=to_json, job_deserializer=from_json)
    redis.auto_close_connection_pool = True
    return redis


async def open_redis(url: str) -> ArqRedis:
    """A client whose server has answered; raises one of `OUTAGES` when it does not within some seconds."""
    redis = make_redis(url)
    for left in reversed(range(_START_TRIES)):
        try:
            await redis.ping()
            break
        except OUTAGES:
            if not left:
                await redis.aclose()
                raise
            await asyncio.sleep(_START_PAUSE_S)
    return redis
