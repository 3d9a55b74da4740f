"""Whether this process lives, and whether the whole can place calls."""

from dataclasses import replace
from datetime import timedelta

import pytest
import redis.asyncio as redis

from app.api.health import open_checks
from app.calls.models import Line
from app.db.engine import make_engine, make_sessions
from app.files.blobs import BlobStore
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


async def test_ready_needs_no_token_and_tells_all(client, add_line):
    await add_line()

    answer = await client.get(READY)

    assert answer.status_code == 200
    whole = dict.fromkeys(("database", "redis", "line", "blobs", "disk"), True)
    assert answer.json()["data"] == {**whole, "degraded": [], "advice": {}}


@pytest.mark.parametrize("line", [None, {"state": 1}, {"state": 2}, {"silent_s": 16}])
async def test_without_a_live_line_requests_are_served_and_ready_says_what_is_missing(client, add_line, line):
    if line is not None:
        await add_line(**line)

    answer = await client.get(READY)

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["line"], data["degraded"]) == (False, ["line"])
    assert "tingting line" in data["advice"]["line"]


async def test_a_line_heard_of_lately_is_live(client, add_line):
    await add_line(silent_s=14)

    assert (await client.get(READY)).json()["data"]["degraded"] == []


@pytest.fixture
def standing_on(app, parts: Parts):
    """Has readiness look at other parts than the service's own."""
    before = app.state.checks

    def change(**changed) -> None:
        app.state.checks = open_checks(replace(parts, **changed))

    yield change
    app.state.checks = before


async def test_a_blip_of_redis_does_not_take_the_api_away(client, standing_on, add_line):
    await add_line()
    standing_on(redis=redis.from_url("redis://127.0.0.1:1"))

    answer = await client.get(READY)

    assert answer.status_code == 200
    assert answer.json()["data"]["degraded"] == ["redis"]


async def test_a_database_that_is_away_takes_the_api_away(client, standing_on):
    away = make_engine("postgresql://nobody@127.0.0.1:1/none", application="tests")
    standing_on(engine=away, sessions=make_sessions(away))
    try:
        answer = await client.get(READY)
    finally:
        await away.dispose()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert _missing(answer) == ["database"]
    assert answer.json()["data"]["degraded"] == ["line"]


async def test_a_file_store_that_takes_no_writes_is_named(client, standing_on, add_line, tmp_path):
    await add_line()
    store = BlobStore.open(str(tmp_path / "blobs"))
    (tmp_path / "blobs").rmdir()
    (tmp_path / "blobs").write_text("a file where the folder was")
    standing_on(blobs=store)

    data = (await client.get(READY)).json()["data"]

    assert data["degraded"][0] == "blobs"
    assert "TINGTING_BLOB_URL" in data["advice"]["blobs"]


async def test_the_file_store_is_written_to_once_a_minute_at_most(client, standing_on, tmp_path):
    store = BlobStore.open(str(tmp_path / "blobs"))
    standing_on(blobs=store)
    await client.get(READY)
    [(probe,)] = [list((tmp_path / "blobs" / "probes").iterdir())]
    probe.unlink()

    answers = [(await client.get(READY)).json()["data"]["blobs"] for _ in range(3)]

    assert answers == [True] * 3
    assert not probe.exists()
