"""How often an account may ask for what is costly.

The count is that of a leaky bucket (the generic cell rate algorithm): a minute's worth may come at once, and what has
been used comes back evenly. One time in Redis holds it, so all API processes count together; while Redis is away, each
counts for itself.
"""

import math
import time
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core.errors import Item, ThrottledError
from app.core.seldom import Seldom

MINUTE_S = 60.0
_REDIS_PAUSE_S = 5.0
_MOST_REMEMBERED = 10_000

# KEYS[1]: until when the bucket is used; ARGV[1]: seconds that one request uses. Redis's own clock, for the API
# processes' clocks may differ. Answers the seconds to wait, 0 for none.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local until_ = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + ARGV[1]
local wait = until_ - now - 60
if wait > 0 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', until_), 'PX', math.ceil((until_ - now) * 1000))
return '0'
"""

_seldom = Seldom()


class Rates:
    """Counts by account and kind of request."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._clock = redis, clock
        self._take = redis.register_script(_TAKE)
        self._memory: dict[str, float] = {}
        self._redis_down_until = -math.inf

    async def take(self, account_id: int, kind: str, a_minute: int) -> None:
        """Count one request.

        Args:
            account_id: whose.
            kind: in the plural, for a person: ``uploads``.
            a_minute: how many of the kind are allowed.

        Raises:
            ThrottledError: ``too_many_requests``; `retry_after` seconds until the next is allowed.
        """
        key = f"tingting:rate:{kind.replace(' ', '_')}:{account_id}"
        wait = await self._wait(key, MINUTE_S / a_minute)
        if wait > 0:
            seconds = math.ceil(wait)
            message = (
                f"This account may make {a_minute} {kind} a minute, and has. "
                f"Wait {seconds} second{'s' if seconds > 1 else ''} and try again."
            )
            raise ThrottledError(Item(None, "too_many_requests", message), retry_after=seconds)

    async def _wait(self, key: str, each_s: float) -> float:
        if self._clock() >= self._redis_down_until:
            try:
                return float(await self._take(keys=[key], args=[each_s]))
            except (RedisError, OSError, TimeoutError) as error:
                _seldom.note("rates_without_redis", "redis", error=repr(error))
                self._redis_down_until = self._clock() + _REDIS_PAUSE_S
        return self._remembered(key, each_s)

    def _remembered(self, key: str, each_s: float) -> float:
        now = self._clock()
        if len(self._memory) >= _MOST_REMEMBERED:
            self._memory = {name: until for name, until in self._memory.items() if until > now}
        until = max(self._memory.get(key, 0.0), now) + each_s
        wait = until - now - MINUTE_S
        if wait <= 0:
            self._memory[key] = until
        return max(0.0, wait)
