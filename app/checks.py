"""What the processes of this service stand on, as checks."""

import asyncio
import shutil
from pathlib import Path

from sqlalchemy import select, text

from app.calls.models import LEASE, Line
from app.calls.state import LineState
from app.core.checks import Check, CheckFailedError
from app.core.spelling import command
from app.wiring import Parts, blob_location

STORE_EVERY_S = 60.0
"""A write a minute at most: object stores bill each one."""
DISK_EVERY_S = 10.0
LEAST_FREE_BYTES = 256 * 1024**2
"""Room for some uploads and their working copies; PostgreSQL writes segments of 16 MiB."""


def database(parts: Parts) -> Check:
    """PostgreSQL answers."""

    async def ask() -> None:
        async with parts.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    return Check(
        "database", ask, "The database does not answer. Check TINGTING_DATABASE_URL and the server behind it."
    )


def queue(parts: Parts) -> Check:
    """Redis or Valkey answers."""

    async def ask() -> None:
        await parts.redis.ping()

    return Check("redis", ask, "Redis does not answer. Check TINGTING_REDIS_URL and the server behind it.")


def blobs(parts: Parts) -> Check:
    """The blob store takes a write; asked once a minute at most."""
    return Check(
        "blobs",
        parts.blobs.probe,
        "The file store takes no writes: uploads and calls with new audio fail. Give the service's user the right to "
        "write where TINGTING_BLOB_URL leads, or mend the store.",
        every_s=STORE_EVERY_S,
        timeout_s=5.0,
    )


def disk(parts: Parts) -> Check:
    """The disks of the data folder and of a blob folder have room."""
    found = parts.blobs.folder or Path(parts.settings.home)
    folder = found if found.exists() else Path(blob_location(parts.settings))

    async def ask() -> None:
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
        if free < LEAST_FREE_BYTES:
            raise CheckFailedError(f"{free // 1024**2} MiB are free on the disk that holds the files.")

    return Check("disk", ask, "Make room, or uploads are refused and calls fail.", every_s=DISK_EVERY_S)


def line(parts: Parts) -> Check:
    """At least one line worker was heard of lately."""

    async def ask() -> None:
        async with parts.sessions() as session:
            since = parts.clock.now() - LEASE
            query = select(Line.id).where(Line.state == LineState.OPEN, Line.seen_at > since).limit(1)
            if await session.scalar(query) is None:
                raise CheckFailedError("No line worker is alive.")

    return Check("line", ask, f"No call can be placed. Start one: {command('line', home='')}")
