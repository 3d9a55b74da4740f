"""One transaction of a command, and its line in the trail."""

import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.accounts.operating import account_of
from app.core.logging import TRAIL, write_line
from app.core.settings import Settings
from app.db.engine import make_engine, make_sessions
from app.local.database import database_of, require_database

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]


async def within(url: str, work: Work[T]) -> T:
    """What `work` gives, done in a transaction on the database at `url`."""
    engine = make_engine(url, application="tingting command", pool_size=1)
    try:
        async with make_sessions(engine).begin() as session:
            return await work(session)
    finally:
        await engine.dispose()


def on_database(work: Work[T]) -> T:
    """The same on the database that is set, or on the embedded one of TINGTING_HOME."""
    with database_of(Settings()) as url:
        require_database(url)
        return asyncio.run(within(url, work))


def on_account(email: str, change: Callable[[AsyncSession, Account], Awaitable[T]]) -> tuple[Account, T]:
    """The account of `email`, locked, and what `change` gives for it; NotFoundError that names the known ones."""

    async def work(session: AsyncSession) -> tuple[Account, T]:
        account = await account_of(session, email, lock=True)
        return account, await change(session, account)

    return on_database(work)


def tell(event: str, **values: object) -> None:
    """Write what a command did into the trail: ``logs/commands.log`` of the home, else standard error."""
    settings = Settings()
    told = {"by": _operator(), **values}
    logs = settings.home / "logs"
    if not logs.is_dir():
        write_line(sys.stderr, settings.log_format, TRAIL, event, told)
        return
    descriptor = os.open(logs / "commands.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        write_line(file, settings.log_format, TRAIL, event, told)


def _operator() -> str:
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return str(os.getuid())
