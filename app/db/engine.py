"""The engine and its sessions, made so that a database that is away, slow or silent costs seconds and never a hang."""

from typing import Any

import asyncpg
from sqlalchemy import event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.core.clock import steady_now

Sessions = async_sessionmaker[AsyncSession]

STATEMENT_TIMEOUT_S = 10.0
_CONNECT_TIMEOUT_S = 5
# A server that fell silent holds each connection until its statement is given up. Who has waited for one so long is
# told to come back, rather than waiting for another connection to be tried as well.
_LOAN_TIMEOUT_S = 4
_PING_TIMEOUT_S = 2.0
_FRESH_S = 0.25
"""A connection that came back from a loan so shortly ago is lent again without asking the server: a line that is at
work would make two trips of each one."""
_USED_AT = "tingting_used_at"

# For the server's end of each connection. A client that vanished without a word (its machine died, a firewall forgot
# it) would otherwise keep its row and advisory locks for the two hours of TCP's own keepalive.
_SERVER_SETTINGS = {
    "jit": "off",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "idle_in_transaction_session_timeout": "20000",
}


def make_engine(
    url: str, *, application: str, pool_size: int = 10, statement_timeout_s: float = STATEMENT_TIMEOUT_S
) -> AsyncEngine:
    """An engine on asyncpg.

    Args:
        url: ``postgresql://…``; the driver part may be absent.
        application: shown in ``pg_stat_activity``, so that a person sees which process holds a lock.
        pool_size: connections kept; as many again may be opened under load.
        statement_timeout_s: seconds after which a statement without an answer fails with TimeoutError, and its
            connection is given up. Longer work (COPY) brings its own.
    """
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=_LOAN_TIMEOUT_S,
        connect_args={
            "timeout": _CONNECT_TIMEOUT_S,
            "command_timeout": statement_timeout_s,
            "server_settings": {"application_name": application, **_SERVER_SETTINGS},
        },
    )
    event.listen(engine.sync_engine, "checkin", _note_use)
    event.listen(engine.sync_engine, "checkout", _require_alive)
    event.listen(engine.sync_engine, "handle_error", _give_up_silent)
    return engine


def make_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after the commit (the answer is built from them)."""
    return async_sessionmaker(engine, expire_on_commit=False)


def _note_use(dbapi_connection: Any, record: Any) -> None:
    del dbapi_connection
    record.info[_USED_AT] = steady_now()


def _require_alive(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    """On loan, no connection that the server has closed, and one round trip when it was not used for a moment.

    A server that restarted or fell silent leaves dead connections in the pool. SQLAlchemy's own ping takes three round
    trips and waits as long as any statement may take.
    """
    del proxy
    driver = dbapi_connection.driver_connection
    used_at = record.info.get(_USED_AT)
    if used_at is None:
        # Fresh: it has answered a moment ago, and a second refusal here would surface as a wrong use of the pool.
        return
    if steady_now() - used_at < _FRESH_S and not driver.is_closed():
        return
    try:
        dbapi_connection.run_async(_ping)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        driver.terminate()
        raise InvalidatePoolError from error


async def _ping(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.fetchrow(";", timeout=_PING_TIMEOUT_S)


def _give_up_silent(context: ExceptionContext) -> None:
    """A connection whose statement timed out is not used again.

    Asked to roll back or to close it would wait once more, and the answer to the old statement may still come.
    """
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True
        if context.connection is not None:
            driver: Any = context.connection.connection.driver_connection
            driver.terminate()
