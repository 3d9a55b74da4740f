"""Alembic's environment: one connection, one transaction, the URL from the caller or TINGTING_DATABASE_URL."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

import app.accounts.models
import app.calls.models
import app.campaigns.models
import app.files.models
import app.installation.models
import app.recipients.models
import app.runs.models
import app.speech.models  # noqa: F401
from app.db.base import Base
from app.db.engine import make_engine


def _configure_and_run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=False)
    with context.begin_transaction():
        # Containers that start together migrate one after the other.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7264917)")
        context.run_migrations()


async def _run() -> None:
    url = context.config.attributes.get("url") or os.environ["TINGTING_DATABASE_URL"]
    engine = make_engine(url, application="tingting migrate", pool_size=1)
    async with engine.connect() as connection:
        await connection.run_sync(_configure_and_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_run())
