"""What holds for every address: the envelope, the slash, unknown paths and methods, ids, outages."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import text

from app.api.envelope import DIALECT
from app.core.errors import Item, StorageFullError, UnavailableError
from app.db.engine import make_engine, make_sessions
from app.http.deps import CurrentWork, Id
from app.http.dialect import Dialects
from app.http.errors import add_error_handlers
from app.http.middleware import BodyLimit, CleanTarget, RequestIds, TrailingSlash
from app.wiring import Parts

ENVELOPE = {"status", "success", "message", "errors", "data"}


def _assert_failure(answer: httpx.Response, status: int, code: str) -> None:
    body = answer.json()
    assert answer.status_code == status, answer.text
    assert set(body) == ENVELOPE
    assert body["status"] == status
    assert body["success"] is False
    assert body["message"] == body["errors"][0]["message"]
    assert body["errors"][0]["code"] == code
    assert set(body["errors"][0]) == {"field", "code", "message"}


@pytest.mark.parametrize(
    "path", ["/api/accounts/user_details", "/api/system/files", "/api/system/campaigns", "/health/live"]
)
async def test_every_path_answers_with_and_without_its_last_slash(api, path):
    bare = await api.get(path)
    slashed = await api.get(f"{path}/")

    assert bare.status_code == slashed.status_code == 200
    assert bare.content == slashed.content


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/system/nothing/", "//", "/api/system/files//"])
async def test_an_unknown_path_is_404_in_the_envelope(api, path):
    _assert_failure(await api.get(path), 404, "not_found")


async def test_a_wrong_method_is_405_and_says_which_are_right(api):
    answer = await api.delete("/api/accounts/login/")

    _assert_failure(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"
    assert "POST" in answer.json()["message"]


@pytest.mark.parametrize("wrong", ["0", "-1", "abc", "1.5", str(2**63), "9" * 5000, "%E0%A5%A9", "1%00"])
async def test_an_id_that_cannot_be_one_is_not_found(api, wrong):
    answer = await api.delete(f"/api/system/files/{wrong}/")

    assert answer.status_code in {404, 422}
    assert answer.json()["success"] is False
    if "%00" not in wrong:
        _assert_failure(answer, 404, "not_found")


async def test_a_nul_in_the_query_is_refused_by_name(api):
    _assert_failure(await api.get("/api/system/campaigns?search=a%00b"), 422, "nul_character")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=-1", f"cursor={2**63}", "limit="]
)
async def test_paging_out_of_bounds_is_422_with_the_parameter(api, query):
    answer = await api.get(f"/api/system/files/?{query}")

    _assert_failure(answer, 422, "invalid_parameter")
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("host", ["[", "a b", "a/b", "exa<mple", "host:99999999"])
async def test_a_host_of_which_no_address_can_be_built_is_refused(api, host):
    _assert_failure(await api.get("/api/system/campaigns", headers={"Host": host}), 400, "invalid_host")


async def test_each_answer_has_an_id_that_the_client_may_choose(client):
    chosen = await client.get("/health/live", headers={"X-Request-ID": "my-id.1"})
    made = await client.get("/health/live", headers={"X-Request-ID": "not\tallowed"})

    assert chosen.headers["X-Request-ID"] == "my-id.1"
    assert len(made.headers["X-Request-ID"]) == 32


@pytest.fixture
async def trouble(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The foundation on the same parts, with routes that run into every kind of trouble."""
    small = FastAPI(redirect_slashes=False)
    small.state.parts = parts
    add_error_handlers(small, Dialects(DIALECT))
    errors: dict[str, Any] = {
        "full": StorageFullError(Item(None, "storage_full", "Full.")),
        "unavailable": UnavailableError(Item(None, "speech_failed", "Down."), retry_after=7),
        "redis": RedisConnectionError("refused by redis://:hunter2@host"),
        "connection": ConnectionRefusedError("secret host"),
        "timeout": TimeoutError(),
        "asyncpg": asyncpg.exceptions.CannotConnectNowError("starting up"),
        "pool": asyncpg.exceptions.TooManyConnectionsError("too many"),
        "bug": RuntimeError("password=hunter2"),
    }

    @small.get("/raise/{name}")
    async def raise_it(name: str) -> None:
        raise errors[name]

    @small.get("/sql/{name}")
    async def run_it(name: str, work: CurrentWork) -> None:
        await work.session.execute(text(STATEMENTS[name]))

    @small.post("/job/{outcome}")
    async def work_on(outcome: str, work: CurrentWork) -> None:
        async def note(what: str) -> None:
            seen.append((what, await _accounts(parts)))

        async def fail() -> None:
            raise RuntimeError

        await work.session.execute(text(STATEMENTS["one"]))
        work.after_commit(fail)
        work.after_commit(lambda: note("committed"))
        work.after_rollback(lambda: note("rolled back"))
        if outcome == "refuse":
            raise UnavailableError(Item(None, "refused", "No."))
        if outcome == "break":
            await work.session.execute(text("ALTER TABLE accounts ALTER CONSTRAINT nothing DEFERRABLE"))

    small.state.seen = seen = []

    @small.get("/thing/{thing_id}")
    async def thing(thing_id: Id) -> int:
        return thing_id

    for middleware in (BodyLimit, TrailingSlash, CleanTarget, RequestIds):
        small.add_middleware(middleware)
    transport = httpx.ASGITransport(app=small, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def _accounts(parts: Parts) -> int:
    async with parts.sessions() as session:
        return await session.scalar(text("SELECT count(*) FROM accounts"))


STATEMENTS = {
    "one": "INSERT INTO accounts (id, email, username, password_hash) VALUES (1, 'a', 'a', 'a')",
    "timeout": ["SET LOCAL statement_timeout = 10", "SELECT pg_sleep(5)"][1],
    "unique": "INSERT INTO accounts (id, email, username, password_hash) VALUES (1,'a','a','a'), (2,'a','a','a')",
    "foreign": "INSERT INTO caller_numbers (account_id, number) VALUES (999999, '1')",
    "value": "SELECT repeat('9', 30)::bigint",
    "killed": "SELECT pg_terminate_backend(pg_backend_pid())",
    "full": "DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$",
    "deadlock": "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$",
    "wrong": "SELECT nothing FROM nowhere",
}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/raise/full", 507, "storage_full"),
        ("/raise/unavailable", 503, "speech_failed"),
        ("/raise/redis", 503, "unavailable"),
        ("/raise/connection", 503, "unavailable"),
        ("/raise/timeout", 503, "unavailable"),
        ("/raise/asyncpg", 503, "database_unavailable"),
        ("/raise/pool", 503, "database_unavailable"),
        ("/sql/unique", 409, "changed_meanwhile"),
        ("/sql/foreign", 409, "changed_meanwhile"),
        ("/sql/value", 422, "invalid_value"),
        ("/sql/killed", 503, "database_unavailable"),
        ("/sql/full", 507, "storage_full"),
        ("/sql/deadlock", 503, "database_busy"),
        ("/sql/wrong", 500, "internal_error"),
        ("/raise/bug", 500, "internal_error"),
        ("/thing/x", 404, "not_found"),
    ],
)
async def test_every_foreseeable_trouble_has_its_answer_and_tells_nothing_of_the_inside(
    trouble, path, status, code
):
    answer = await trouble.get(path)

    _assert_failure(answer, status, code)
    assert "hunter2" not in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    if status == 503:
        assert int(answer.headers["Retry-After"]) >= 1
    if status == 500:
        assert answer.headers["X-Request-ID"] in answer.json()["message"]


async def test_what_follows_a_request_runs_once_its_work_stands_and_before_the_answer(trouble, parts: Parts):
    seen = trouble._transport.app.state.seen

    answer = await trouble.post("/job/finish")

    assert answer.status_code == 200, "a failure after the commit must not deny what was done"
    assert seen == [("committed", 1)]


@pytest.mark.parametrize(("outcome", "status"), [("refuse", 503), ("break", 500)])
async def test_a_request_that_fails_leaves_nothing_and_cleans_up(trouble, parts: Parts, outcome, status):
    seen = trouble._transport.app.state.seen

    answer = await trouble.post(f"/job/{outcome}")

    assert answer.status_code == status
    assert seen == [("rolled back", 0)]
    assert await _accounts(parts) == 0


async def test_a_database_that_cannot_be_reached_is_503(app: FastAPI, parts: Parts, api):
    away = make_engine("postgresql://nobody@127.0.0.1:1/none", application="tests")
    original = app.state.parts
    app.state.parts = replace(parts, sessions=make_sessions(away))
    try:
        answer = await api.get("/api/accounts/user_details/")
    finally:
        app.state.parts = original
        await away.dispose()

    assert answer.status_code == 503, answer.text
    assert answer.json()["success"] is False
