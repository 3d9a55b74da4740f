"""A database for a command that runs beside a stack, or without one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg
import redis
from redis.exceptions import RedisError

from app.core.settings import Settings
from app.core.spelling import command
from app.local import ports
from app.local.errors import LocalError
from app.local.home import Home
from app.local.migrate import upgrade
from app.local.postgres import Postgres

_CONNECT_S = 5.0


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The address of the database that `settings` means, reachable while the block runs.

    The one that is set; else the embedded server of the running stack; else that server, started for the block.

    Raises:
        LocalError: no stack was ever started on the data folder; most often another one was meant.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    if not Home(settings.home).has_service:
        msg = (
            f"There is no service in {Home(settings.home).path}. Go to the folder where it was started, or set "
            f"TINGTING_HOME or TINGTING_DATABASE_URL as it was set there. A new one is started by: {command('up')}"
        )
        raise LocalError(msg)
    home = Home.open(settings.home)
    postgres = Postgres(home)
    if home.is_held():
        if postgres.port is None or not ports.accepts(postgres.port):
            msg = (
                f"The stack on {home.path} uses a database of its own choice; "
                "set TINGTING_DATABASE_URL as it was set for that stack."
            )
            raise LocalError(msg)
        yield postgres.url()
        return
    home.hold("")
    try:
        postgres.start()
        upgrade(postgres.url())
        yield postgres.url()
    finally:
        postgres.stop()
        home.release()


def require_database(url: str) -> None:
    """LocalError that says what to check when the database at `url` cannot be used."""
    asyncio.run(_try_database(url))


def require_redis(url: str) -> None:
    """LocalError that says what to check when the queue server at `url` cannot be used."""
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=_CONNECT_S, socket_timeout=_CONNECT_S
        ) as client:
            client.ping()
    except (OSError, ValueError, RedisError) as error:
        msg = f"The queue server at {_place(url)} cannot be used ({_why(error)}); check TINGTING_REDIS_URL."
        raise LocalError(msg) from error


async def _try_database(url: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_S)
        await connection.close()
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        msg = f"The database at {_place(url)} cannot be used ({_why(error)}); check TINGTING_DATABASE_URL."
        raise LocalError(msg) from error


def _place(url: str) -> str:
    """Host and port alone: the address holds a password."""
    try:
        host, port = urlsplit(url).hostname, urlsplit(url).port
    except ValueError:
        return "an address that cannot be read"
    return f"{host}:{port}" if port else str(host)


def _why(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
