"""Accounts made by the demo and by the commands, through the function that does so."""

from app.accounts.service import create_account
from app.local.transaction import within


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
