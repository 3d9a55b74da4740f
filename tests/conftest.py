"""Servers and sessions for every test: the real PostgreSQL and Valkey that `tingting up` starts."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import redis.asyncio as redis
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.settings import Settings
from app.db.engine import make_engine
from app.local.home import Home
from app.local.migrate import upgrade
from app.local.postgres import Postgres
from app.local.valkey import Valkey
from tests.live import Live, running
from tests.sharing import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

_TEMPLATE = "tingting_template"
# DELETE takes a tenth of TRUNCATE's time on tables of a few rows. The lock waits, as TRUNCATE's does, for transactions
# that are still open; the role leaves out triggers and foreign keys.
_EMPTYING = """
CREATE PROCEDURE pg_temp.empty_all() LANGUAGE plpgsql AS $$
DECLARE
    name text;
    names text[] := ARRAY(
        SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    );
BEGIN
    IF names = '{}' THEN
        RETURN;
    END IF;
    SET LOCAL session_replication_role = replica;
    EXECUTE 'LOCK TABLE ' || array_to_string(names, ', ') || ' IN ACCESS EXCLUSIVE MODE';
    FOREACH name IN ARRAY names LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
_FASTER = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> None:
    """What the developer's shell sets must not reach the tests, nor the processes that they start."""
    for name in [name for name in os.environ if name.startswith("TINGTING_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def servers_home() -> Iterator[Home]:
    """The data folder of the session's servers; outside pytest's own, which the database's user cannot enter."""
    base = Path(tempfile.mkdtemp(prefix="tingting-tests-"))
    base.chmod(0o711)
    yield Home.open(base / "home")
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(servers_home: Home) -> Iterator[Postgres]:
    """PostgreSQL 18 with the migrated template that every module's database is copied from."""
    server = Postgres(servers_home, _FASTER)
    server.start()
    _admin(server, f'CREATE DATABASE "{_TEMPLATE}"')
    _aside(upgrade, server.url(_TEMPLATE))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_server(servers_home: Home) -> Iterator[Valkey]:
    """Valkey 9."""
    server = Valkey(servers_home)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """A whole running service with trial phones, shared by all tests that speak to it over HTTP."""
    with running() as stack:
        yield stack


@pytest.fixture(scope="module")
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """A migrated database of this module's own."""
    name = f"test_{uuid4().hex}"
    _admin(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}"')
    yield postgres_server.url(name)
    _admin(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def redis_url(valkey_server: Valkey) -> AsyncIterator[str]:
    """An empty queue server; emptied again for the next test."""
    url = valkey_server.url()
    client = redis.from_url(url)
    await client.flushall()
    yield url
    await client.flushall()
    await client.aclose()


@pytest.fixture
def settings(postgres_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings of a whole service on the test servers, quick to ring out."""
    return Settings(
        home=tmp_path / "home",
        database_url=postgres_url,
        redis_url=redis_url,
        blob_url=str(tmp_path / "blobs"),
        jwt_secret="a signing key for tests, thirty-two characters or more",
        ring_timeout_s=3,
        trial=True,
    )


@pytest.fixture(scope="module")
async def engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the module's database."""
    engine = make_engine(postgres_url, application="tests")
    yield engine
    await engine.dispose()


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session whose commits are savepoints: all is rolled back at the test's end."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as opened:
            yield opened
        await outer.rollback()


@pytest.fixture(scope="module")
async def _broom(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The connection by which the module's tables are emptied."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(_EMPTYING)
    yield connection
    await connection.close()


@pytest.fixture
async def clean_database(_broom: asyncpg.Connection, postgres_url: str) -> AsyncIterator[str]:
    """The module's database, every table emptied before and after: for tests that commit through several sessions."""
    await _broom.execute("CALL pg_temp.empty_all()")
    yield postgres_url
    await _broom.execute("CALL pg_temp.empty_all()")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _aside(work: Callable[..., object], *arguments: object) -> None:
    """Run `work` in a thread: it makes a loop of its own, and the tests' loop is this thread's."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work, *arguments).result()


def _admin(server: Postgres, statement: str) -> None:
    _aside(lambda: asyncio.run(_execute(server.url("postgres"), statement)))
