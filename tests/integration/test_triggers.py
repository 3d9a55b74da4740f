"""The functions and triggers in the database are those of one file, however the database came to be."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from app.db.base import Base
from app.db.engine import make_engine
from app.local.migrate import MIGRATIONS, _config
from tests.conftest import _admin, _aside

_FIRST = "0001"
_FUNCTIONS = """
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname
"""
_TRIGGERS = """
SELECT tgrelid::regclass::text || ': ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1
"""


@pytest.fixture
def empty_url(postgres_server) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _admin(postgres_server, f'CREATE DATABASE "{name}"')
    yield postgres_server.url(name)
    _admin(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _newest() -> Path:
    return max((MIGRATIONS / "sql").glob("*.sql"))


async def _kept(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for query in (_FUNCTIONS, _TRIGGERS) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_a_new_database_has_the_functions_and_triggers_of_the_file(postgres_url, empty_url):
    engine = make_engine(empty_url, application="tests")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    connection = await asyncpg.connect(empty_url)
    await connection.execute(_newest().read_text())
    await connection.close()
    kept = await _kept(postgres_url)
    assert kept == await _kept(empty_url)
    assert sum("CREATE TRIGGER" in text for text in kept) == 4


async def test_a_database_of_the_first_revision_comes_to_the_same(postgres_url, empty_url):
    def one_by_one() -> None:
        config = _config(empty_url)
        found = ScriptDirectory.from_config(config).walk_revisions()
        for revision in reversed(list(found)):
            command.upgrade(config, revision.revision)

    _aside(one_by_one)
    assert await _kept(empty_url) == await _kept(postgres_url)


async def test_the_way_back_leaves_the_functions_of_the_first_revision(empty_url):
    config = _config(empty_url)
    _aside(command.upgrade, config, _FIRST)
    first = await _kept(empty_url)
    _aside(command.upgrade, config, "head")
    assert await _kept(empty_url) != first
    _aside(command.downgrade, config, _FIRST)
    assert await _kept(empty_url) == first


async def test_triggers_decide_nothing(postgres_url):
    written = [text for text in await _kept(postgres_url) if "INSERT INTO calls" in text]
    assert written == []
