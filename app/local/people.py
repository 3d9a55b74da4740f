"""Accounts made by the demo and by the commands, through the function that does so."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.accounts.service import create_account
from app.core.settings import Settings
from app.local.errors import LocalError
from app.local.reach import is_trials
from app.local.transaction import within


async def make_account(
    session: AsyncSession,
    settings: Settings,
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    any_password: bool,
) -> Account:
    """A new account; LocalError when a trial's freedom of password is asked for on a service that is none."""
    if any_password and not await is_trials(session, settings):
        raise LocalError("--any-password is for trials alone, and this service rings real telephones.")
    return await create_account(
        session,
        email=email,
        password=password,
        first_name=first_name,
        last_name=last_name,
        shortest_password=1 if any_password else None,
    )


async def add_account(
    url: str,
    *,
    email: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    shortest_password: int | None = None,
) -> None:
    """Make an account in the database at `url`; ConflictError when the address has one."""
    await within(
        url,
        lambda session: create_account(
            session,
            email=email,
            password=password,
            first_name=first_name,
            last_name=last_name,
            shortest_password=shortest_password,
        ),
    )
