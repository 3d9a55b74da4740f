"""The engine and its sessions."""

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]

_CONNECT_TIMEOUT_S = 5
_STATEMENT_TIMEOUT_S = 60


def make_engine(url: str, *, application: str, pool_size: int = 10) -> AsyncEngine:
    """An engine on asyncpg.

    Args:
        url: ``postgresql://…``; the driver part may be absent.
        application: shown in ``pg_stat_activity``, so that a person sees which process holds a lock.
        pool_size: connections kept; as many again may be opened under load.
    """
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        # A server that restarted leaves dead connections in the pool; the ping costs one round trip on loan.
        pool_pre_ping=True,
        connect_args={
            "timeout": _CONNECT_TIMEOUT_S,
            "command_timeout": _STATEMENT_TIMEOUT_S,
            "server_settings": {"application_name": application, "jit": "off"},
        },
    )


def make_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after the commit (the answer is built from them)."""
    return async_sessionmaker(engine, expire_on_commit=False)
