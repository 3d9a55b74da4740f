import pytest
import redis.asyncio as redis

from app.accounts import throttle
from app.accounts.throttle import ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS, LoginThrottle
from app.core.errors import ThrottledError

ASHA = "asha@example.com"
HOME, AWAY = "203.0.113.7", "198.51.100.9"


@pytest.fixture(params=["redis", "memory"])
async def limits(request, redis_url):
    url = redis_url if request.param == "redis" else "redis://127.0.0.1:1"
    client = redis.from_url(url)
    yield LoginThrottle(client)
    await client.aclose()


@pytest.fixture
async def in_redis(redis_url):
    client = redis.from_url(redis_url)
    yield LoginThrottle(client)
    await client.aclose()


async def _attempts(limits: LoginThrottle, email: str, address: str, most: int = 100) -> int:
    for made in range(most):
        try:
            await limits.attempt(email, address)
        except ThrottledError:
            return made
    return most


async def test_ten_attempts_on_an_account_then_one_waits(limits):
    assert await _attempts(limits, ASHA, HOME) == ATTEMPTS_PER_ACCOUNT

    with pytest.raises(ThrottledError) as caught:
        await limits.attempt(ASHA, HOME)
    assert 1 <= caught.value.retry_after <= throttle.WINDOW_S + 1


async def test_an_account_is_counted_over_all_strange_addresses(limits):
    made = 0
    for n in range(20):
        try:
            await limits.attempt(ASHA, f"203.0.113.{n}")
            made += 1
        except ThrottledError:
            break
    assert made == ATTEMPTS_PER_ACCOUNT


async def test_an_address_is_counted_over_all_accounts(limits):
    made = 0
    for n in range(100):
        try:
            await limits.attempt(f"n{n}@example.com", HOME)
            made += 1
        except ThrottledError:
            break
    assert made == ATTEMPTS_PER_ADDRESS


async def test_success_gives_the_attempts_back(limits):
    for _ in range(50):
        await limits.attempt(ASHA, HOME)
        await limits.succeeded(ASHA, HOME)

    assert await _attempts(limits, ASHA, HOME) == ATTEMPTS_PER_ACCOUNT


async def test_whoever_hammers_an_account_from_elsewhere_cannot_shut_out_its_owner(in_redis):
    await in_redis.attempt(ASHA, HOME)
    await in_redis.succeeded(ASHA, HOME)

    await _attempts(in_redis, ASHA, AWAY)

    await in_redis.attempt(ASHA, HOME)
    with pytest.raises(ThrottledError):
        await in_redis.attempt(ASHA, AWAY)


async def test_counts_are_shared_between_processes(redis_url):
    first, second = (redis.from_url(redis_url) for _ in range(2))
    await _attempts(LoginThrottle(first), ASHA, HOME)

    with pytest.raises(ThrottledError):
        await LoginThrottle(second).attempt(ASHA, HOME)
    await first.aclose()
    await second.aclose()


async def test_every_count_in_redis_ends_by_itself(in_redis, redis_url):
    await in_redis.attempt(ASHA, HOME)
    await in_redis.succeeded(ASHA, HOME)
    await in_redis.attempt(ASHA, AWAY)

    client = redis.from_url(redis_url)
    keys = await client.keys("tingting:login:*")
    assert keys
    assert all([await client.ttl(key) > 0 for key in keys])
    assert not any(b"asha" in key for key in keys)
    await client.aclose()


async def test_one_customers_ipv6_addresses_count_as_one(limits):
    made = 0
    for n in range(100):
        try:
            await limits.attempt(f"n{n}@example.com", f"2001:db8:1:2::{n:x}")
            made += 1
        except ThrottledError:
            break
    assert made == ATTEMPTS_PER_ADDRESS


async def test_an_address_that_is_none_is_counted_too(limits):
    assert await _attempts(limits, ASHA, "") == ATTEMPTS_PER_ACCOUNT


async def test_memory_does_not_grow_without_end():
    limits = LoginThrottle(redis.from_url("redis://127.0.0.1:1"))
    memory = limits._memory
    for n in range(throttle._MOST_REMEMBERED + 500):
        memory.add(str(n))

    assert len(memory.counts) <= throttle._MOST_REMEMBERED


async def test_a_window_in_memory_ends():
    now = 1000.0
    limits = LoginThrottle(redis.from_url("redis://127.0.0.1:1"), lambda: now)
    assert await _attempts(limits, ASHA, HOME) == ATTEMPTS_PER_ACCOUNT

    now += throttle.WINDOW_S + 1

    assert await _attempts(limits, ASHA, HOME) == ATTEMPTS_PER_ACCOUNT


async def test_a_redis_that_goes_away_between_attempt_and_success_harms_nothing(redis_url):
    client = redis.from_url(redis_url)
    limits = LoginThrottle(client)
    await limits.attempt(ASHA, HOME)
    limits._redis = redis.from_url("redis://127.0.0.1:1")

    await limits.succeeded(ASHA, HOME)

    await limits.attempt(ASHA, HOME)
    await client.aclose()
