"""`tingting accounts …`: who may use the service, and what each may do."""

import asyncio
from typing import Annotated

import typer

from app.core.errors import ConflictError
from app.core.settings import Settings
from app.local.commandline import plainly

accounts = typer.Typer(help="Accounts that may use the service.", no_args_is_help=True)


@accounts.command("create")
def accounts_create(
    email: Annotated[str, typer.Option(help="Address to log in with.")],
    password: Annotated[
        str,
        typer.Option(
            help="Asked for when absent. Other users of this machine can see command lines: prefer the variable.",
            envvar="TINGTING_ACCOUNT_PASSWORD",
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
        ),
    ],
    first_name: Annotated[str, typer.Option(help="First name.")] = "",
    last_name: Annotated[str, typer.Option(help="Last name.")] = "",
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Leave an account that exists as it is.")
    ] = False,
    any_password: Annotated[
        bool, typer.Option("--any-password", help="Take a password of any length; for trials alone.")
    ] = False,
) -> None:
    """Make an account, in the database that is set or in the embedded one of TINGTING_HOME."""
    with plainly():
        from app.accounts.service import SHORTEST_PASSWORD
        from app.local.database import database_of, require_database
        from app.local.people import add_account

        with database_of(Settings()) as url:
            require_database(url)
            try:
                asyncio.run(
                    add_account(
                        url,
                        email=email,
                        password=password,
                        first_name=first_name,
                        last_name=last_name,
                        shortest_password=1 if any_password else SHORTEST_PASSWORD,
                    )
                )
            except ConflictError:
                if not if_missing:
                    raise
                typer.echo(f"Account {email} exists already.")
            else:
                typer.echo(f"Account {email} created.")


@accounts.command("limit")
def accounts_limit(
    email: Annotated[str, typer.Option(help="Whose limits are set.")],
    prefixes: Annotated[
        str,
        typer.Option(
            help="Beginnings of numbers that it may call, such as +97798,+97797; one with a minus before it, "
            "-+977986, it may not: the longest that fits decides. default: mobiles and landlines of Nepal."
        ),
    ] = "default",
    calls_a_day: Annotated[
        str,
        typer.Option(help="Calls that it may start in a day of Kathmandu. default: TINGTING_CALLS_A_DAY."),
    ] = "default",
) -> None:
    """Set whom an account may call, and how often a day. It holds from the next call on, in runs under way too."""
    with plainly():
        from app.accounts.dialling import read_calls_a_day, read_prefixes
        from app.local.database import database_of, require_database
        from app.local.people import limit

        allowed, cap = read_prefixes(prefixes), read_calls_a_day(calls_a_day)
        with database_of(Settings()) as url:
            require_database(url)
            asyncio.run(limit(url, email=email, prefixes=allowed, calls_a_day=cap))
        typer.echo(f"Limits of {email} set.")


@accounts.command("caller")
def accounts_caller(
    email: Annotated[str, typer.Option(help="Whose caller number it is.")],
    number: Annotated[str, typer.Option(help="Number that those it calls see; the trunk must allow it.")],
) -> None:
    """Let an account show a number to those it calls; prints the id that a campaign names in user_phone."""
    with plainly():
        from app.local.database import database_of, require_database
        from app.local.people import add_caller

        with database_of(Settings()) as url:
            require_database(url)
            added = asyncio.run(add_caller(url, email=email, number=number))
        typer.echo(f"Caller number {added} of {email}.")
