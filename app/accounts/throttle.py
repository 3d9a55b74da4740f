"""Slows down guessing of passwords, without letting a stranger lock the owner out.

Three counts run in windows of five minutes: attempts on one account from one address, attempts on one account from
addresses that never logged in to it, and failures from one address on any account. An address from which the
account logged in lately is spared the second count: whoever hammers an account from elsewhere cannot shut out
its owner.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core.addresses import network_of
from app.core.errors import Item, ThrottledError
from app.core.logging import get_logger

ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 30
WINDOW_S = 300
_KNOWN_S = 30 * 86_400
_REDIS_PAUSE_S = 5
_MOST_REMEMBERED = 10_000

log = get_logger(__name__)


@dataclass(slots=True)
class _Memory:
    """Counts of this process alone, for while Redis is down."""

    seconds: Callable[[], float]
    counts: dict[str, tuple[int, float]] = field(default_factory=dict)

    def add(self, key: str) -> tuple[int, int]:
        now = self.seconds()
        if len(self.counts) >= _MOST_REMEMBERED:
            self.counts = {name: kept for name, kept in self.counts.items() if kept[1] > now}
            while len(self.counts) >= _MOST_REMEMBERED:
                self.counts.pop(next(iter(self.counts)))
        count, ends = self.counts.get(key, (0, now + WINDOW_S))
        if ends <= now:
            count, ends = 0, now + WINDOW_S
        self.counts[key] = (count + 1, ends)
        return count + 1, int(ends - now) + 1

    def forget(self, key: str) -> None:
        self.counts.pop(key, None)

    def take_back(self, key: str) -> None:
        count, ends = self.counts.get(key, (0, 0.0))
        if count:
            self.counts[key] = (count - 1, ends)


class LoginThrottle:
    """Counts attempts in Redis, so that all API processes count together; in memory while Redis is down.

    Args:
        redis: where the counts are shared.
        seconds: a clock that never goes back, for what is counted in memory.
    """

    def __init__(self, redis: Redis, seconds: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._seconds = seconds
        self._memory = _Memory(seconds)
        self._redis_down_until = 0.0

    async def attempt(self, email: str, address: str) -> None:
        """Count one attempt, before the password is looked at (so that parallel guesses count too).

        Raises:
            ThrottledError: ``too_many_attempts``; `retry_after` is what is left of the window, seconds.
        """
        limits = await self._limits(email, address)
        waits = [
            wait for key, most in limits.items() for count, wait in [await self._add(key)] if count > most
        ]
        if waits:
            minutes = -(-max(waits) // 60)
            message = f"Too many attempts to log in. Wait {minutes} minute{'s' if minutes > 1 else ''} and try again."
            raise ThrottledError(Item(None, "too_many_attempts", message), retry_after=max(1, *waits))

    async def succeeded(self, email: str, address: str) -> None:
        """Forget the attempts of this account from this address, and know the address from now on."""
        pair, account, everyone, known = _keys(email, address)
        for key in (pair, account):
            self._memory.forget(key)
        self._memory.take_back(everyone)
        if self._redis_is_down():
            return
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.delete(pair, account)
                pipe.decr(everyone)
                pipe.expire(everyone, WINDOW_S)
                pipe.set(known, 1, ex=_KNOWN_S)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._note_outage(error)

    async def _limits(self, email: str, address: str) -> dict[str, int]:
        pair, account, everyone, known = _keys(email, address)
        limits = {pair: ATTEMPTS_PER_ACCOUNT, everyone: ATTEMPTS_PER_ADDRESS}
        if not await self._is_known(known):
            limits[account] = ATTEMPTS_PER_ACCOUNT
        return limits

    async def _is_known(self, known: str) -> bool:
        if self._redis_is_down():
            return False
        try:
            return bool(await self._redis.exists(known))
        except (RedisError, OSError, TimeoutError) as error:
            self._note_outage(error)
            return False

    async def _add(self, key: str) -> tuple[int, int]:
        if self._redis_is_down():
            return self._memory.add(key)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=WINDOW_S, nx=True)
                pipe.incr(key)
                pipe.ttl(key)
                _, count, left = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._note_outage(error)
            return self._memory.add(key)
        return int(count), max(1, int(left))

    def _redis_is_down(self) -> bool:
        return self._seconds() < self._redis_down_until

    def _note_outage(self, error: BaseException) -> None:
        log.warning("login_throttle_without_redis", error=repr(error))
        self._redis_down_until = self._seconds() + _REDIS_PAUSE_S


def _keys(email: str, address: str) -> tuple[str, str, str, str]:
    place = network_of(address)
    account = sha256(email.encode()).hexdigest()[:24]
    base = "tingting:login"
    return (
        f"{base}:pair:{account}:{place}",
        f"{base}:account:{account}",
        f"{base}:address:{place}",
        f"{base}:known:{account}:{place}",
    )
