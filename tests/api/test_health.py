"""Whether this process lives, and whether the whole can place calls."""

from dataclasses import replace
from datetime import timedelta

import pytest
import redis.asyncio as redis

from app.calls.models import Line
from app.db.engine import make_engine, make_sessions
from app.wiring import Parts

READY = "/health/ready"


@pytest.fixture
def add_line(parts: Parts):
    async def add(*, state: int = 0, silent_s: float = 0) -> None:
        async with parts.sessions.begin() as session:
            seen_at = parts.clock.now() - timedelta(seconds=silent_s)
            session.add(
                Line(kind="sip", trunk="t", places=1, cps=1.0, host="h", pid=1, state=state, seen_at=seen_at)
            )

    return add


def _missing(answer) -> list[str]:
    return [item["field"] for item in answer.json()["errors"]]


async def test_live_answers_whatever_else_is_down(client):
    answer = await client.get("/health/live")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"live": True}


async def test_ready_needs_no_token_and_tells_all_three(client, add_line):
    await add_line()

    answer = await client.get(READY)

    assert answer.status_code == 200
    assert answer.json()["data"] == {"database": True, "redis": True, "line": True}


@pytest.mark.parametrize("line", [None, {"state": 1}, {"state": 2}, {"silent_s": 16}])
async def test_without_a_live_line_ready_is_503_and_says_so(client, add_line, line):
    if line is not None:
        await add_line(**line)

    answer = await client.get(READY)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert _missing(answer) == ["line"]
    assert answer.json()["data"] == {"database": True, "redis": True, "line": False}


async def test_a_line_heard_of_lately_is_live(client, add_line):
    await add_line(silent_s=14)

    assert (await client.get(READY)).status_code == 200


async def test_a_redis_that_is_away_is_named(app, client, parts: Parts, add_line):
    await add_line()
    app.state.parts = replace(parts, redis=redis.from_url("redis://127.0.0.1:1"))
    try:
        answer = await client.get(READY)
    finally:
        app.state.parts = parts

    assert answer.status_code == 503
    assert _missing(answer) == ["redis"]


async def test_a_database_that_is_away_is_named_and_with_it_the_lines(app, client, parts: Parts, add_line):
    await add_line()
    away = make_engine("postgresql://nobody@127.0.0.1:1/none", application="tests")
    app.state.parts = replace(parts, sessions=make_sessions(away))
    try:
        answer = await client.get(READY)
    finally:
        app.state.parts = parts
        await away.dispose()

    assert answer.status_code == 503
    assert _missing(answer) == ["database", "line"]
