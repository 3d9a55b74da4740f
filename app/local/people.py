"""Accounts made and limited from the command line and by the demo, through the functions that do so."""

from app.accounts.service import SHORTEST_PASSWORD, add_caller_number, create_account, limit_account
from app.db.engine import make_engine, make_sessions


async def add_account(
    url: str,
    *,
    email: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    shortest_password: int = SHORTEST_PASSWORD,
) -> None:
    """Make an account in the database at `url`; ConflictError when the address has one."""
    engine = make_engine(url, application="tingting accounts", pool_size=1)
    try:
        async with make_sessions(engine).begin() as session:
            await create_account(
                session,
                email=email,
                password=password,
                first_name=first_name,
                last_name=last_name,
                shortest_password=shortest_password,
            )
    finally:
        await engine.dispose()


async def limit(url: str, *, email: str, prefixes: list[str] | None, calls_a_day: int | None) -> None:
    """Set whom an account in the database at `url` may call, and how often a day; NotFoundError for no account."""
    engine = make_engine(url, application="tingting accounts", pool_size=1)
    try:
        async with make_sessions(engine).begin() as session:
            await limit_account(session, email, prefixes=prefixes, calls_a_day=calls_a_day)
    finally:
        await engine.dispose()


async def add_caller(url: str, *, email: str, number: str) -> int:
    """Let an account in the database at `url` show a number to those it calls; the number's id."""
    engine = make_engine(url, application="tingting accounts", pool_size=1)
    try:
        async with make_sessions(engine).begin() as session:
            return await add_caller_number(session, email, number)
    finally:
        await engine.dispose()
