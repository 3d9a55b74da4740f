"""`tingting accounts …`: who may use the service, and what each may do."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from app.core.errors import ConflictError
from app.core.settings import Settings
from app.local.commandline import plainly

accounts = typer.Typer(help="Accounts that may use the service.", no_args_is_help=True)

_Password = Annotated[
    str,
    typer.Option(
        help="At least 10 characters and hard to guess. Asked for when absent. Other users of this machine can "
        "see command lines: prefer the variable.",
        envvar="TINGTING_ACCOUNT_PASSWORD",
        prompt=True,
        hide_input=True,
        confirmation_prompt=True,
    ),
]
_Email = Annotated[str, typer.Option(help="Address that the account logs in with.")]


@accounts.command("create")
def create(
    email: _Email,
    password: _Password,
    first_name: Annotated[str, typer.Option(help="First name.")] = "",
    last_name: Annotated[str, typer.Option(help="Last name.")] = "",
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Leave an account that exists as it is.")
    ] = False,
    any_password: Annotated[
        bool, typer.Option("--any-password", help="Take any password; for trials alone.")
    ] = False,
) -> None:
    """Make an account, in the database that is set or in the embedded one of TINGTING_HOME."""
    with plainly():
        from app.local.people import make_account
        from app.local.transaction import on_database, tell

        settings = Settings()
        try:
            made = on_database(
                lambda session: make_account(
                    session,
                    settings,
                    email=email,
                    password=password,
                    first_name=first_name,
                    last_name=last_name,
                    any_password=any_password,
                )
            )
        except ConflictError:
            if not if_missing:
                raise
            typer.echo(f"Account {email} exists already.")
        else:
            tell("account_created", account=made.id)
            typer.echo(f"Account {email} created.")


@accounts.command("list")
def list_() -> None:
    """List every account: whether it is on, its rights, its sign-ins and its runs under way."""
    with plainly():
        from app.local.shown import account_table, print_table
        from app.local.transaction import on_database

        print_table(on_database(account_table))


@accounts.command("show")
def show(email: _Email) -> None:
    """Show all that holds for an account, and where each figure comes from."""
    with plainly():
        from app.local.shown import account_facts, print_table
        from app.local.transaction import on_database

        settings = Settings()
        print_table(on_database(lambda session: account_facts(session, email, settings, datetime.now(UTC))))


@accounts.command("disable")
def disable(email: _Email) -> None:
    """Switch an account off: its sign-ins end at once and its runs are stopped, scheduled ones too."""
    with plainly():
        from app.local.transaction import on_account, tell
        from app.runs.switched_off_accounts import close_account

        now = datetime.now(UTC)
        account, closed = on_account(email, lambda session, account: close_account(session, account, now))
        tell("account_disabled", account=account.id, ended_sign_ins=closed.sign_ins, stopped_runs=closed.runs)
        runs = f"stopped runs: {', '.join(map(str, closed.runs))}" if closed.runs else "no run was under way"
        typer.echo(f"Account {account.email} is off. Ended sign-ins: {closed.sign_ins}; {runs}.")


@accounts.command("enable")
def enable(email: _Email) -> None:
    """Switch an account on again; sign-ins and runs that were ended do not come back."""
    with plainly():
        from app.accounts.operating import switch_on
        from app.local.transaction import on_account, tell

        account, _ = on_account(email, switch_on)
        tell("account_enabled", account=account.id)
        typer.echo(f"Account {account.email} is on.")


@accounts.command("password")
def password(email: _Email) -> None:
    """Give an account a one-time password, which its owner has to replace after logging in; ends its sign-ins."""
    with plainly():
        from app.accounts.operating import give_one_time_password
        from app.core.clock import to_kathmandu
        from app.core.spelling import command
        from app.local.transaction import on_account, tell

        now = datetime.now(UTC)
        account, given = on_account(
            email, lambda session, account: give_one_time_password(session, account, now)
        )
        tell("password_reset", account=account.id)
        if account.one_time_until is not None:
            until = to_kathmandu(account.one_time_until)
            typer.echo(
                f"One-time password of {account.email}, good until {until:%Y-%m-%d %H:%M} (Asia/Kathmandu):"
            )
        typer.echo(given)
        typer.echo("It opens POST /api/accounts/password/ and nothing else.")
        if not account.is_active:
            typer.echo(
                f"The account is off. To switch it on: {command(f'accounts enable --email {account.email}')}"
            )


@accounts.command("grant")
def grant(
    email: _Email, right: Annotated[str, typer.Argument(help="Name of the right, such as admin.")]
) -> None:
    """Give an account a right."""
    with plainly():
        from app.accounts import operating
        from app.accounts.rights import read_right
        from app.local.transaction import on_account, tell

        named = read_right(right)
        account, changed = on_account(
            email, lambda session, account: operating.grant(session, account, named)
        )
        tell("right_granted", account=account.id, right=named.value)
        typer.echo(f"{account.email} {'now has' if changed else 'had already'} the right {named.value}.")


@accounts.command("revoke")
def revoke(
    email: _Email, right: Annotated[str, typer.Argument(help="Name of the right, such as admin.")]
) -> None:
    """Take a right from an account; it holds from the next request on."""
    with plainly():
        from app.accounts import operating
        from app.accounts.rights import read_right
        from app.local.transaction import on_account, tell

        named = read_right(right)
        account, changed = on_account(
            email, lambda session, account: operating.revoke(session, account, named)
        )
        tell("right_revoked", account=account.id, right=named.value)
        typer.echo(
            f"{account.email} {'no longer has' if changed else 'did not have'} the right {named.value}."
        )


@accounts.command("limit")
def limit(
    email: _Email,
    prefixes: Annotated[
        str | None,
        typer.Option(
            help="Beginnings of numbers that it may call, such as +97798,+97797; one with a minus before it, "
            "-+977986, it may not: the longest that fits decides. default: mobiles and landlines of Nepal.",
            show_default="as it is",
        ),
    ] = None,
    calls_a_day: Annotated[
        str | None,
        typer.Option(
            help="Calls that it may start in a day of Kathmandu. 0: none at all; unlimited: any number; "
            "default: as TINGTING_CALLS_A_DAY says.",
            show_default="as it is",
        ),
    ] = None,
) -> None:
    """Set whom an account may call, and how often a day. It holds from the next call on, in runs under way too."""
    with plainly():
        from app.accounts.dialling import read_calls_a_day, read_prefixes
        from app.accounts.operating import set_dialling_policy
        from app.local.shown import dialling_sentence
        from app.local.transaction import on_account, on_database, tell

        changes: dict[str, object] = {}
        if prefixes is not None:
            changes["dial_prefixes"] = read_prefixes(prefixes)
        if calls_a_day is not None:
            changes["calls_a_day"] = read_calls_a_day(calls_a_day)
        account, _ = on_account(
            email, lambda session, account: set_dialling_policy(session, account, changes)
        )
        if changes:
            tell("account_limited", account=account.id, **changes)
        typer.echo(on_database(lambda session: dialling_sentence(session, account, Settings())))


@accounts.command("caller")
def caller(
    email: _Email,
    number: Annotated[str, typer.Option(help="Number that those it calls see; the trunk must allow it.")],
) -> None:
    """Let an account show a number to those it calls; prints the id that a campaign names in user_phone."""
    with plainly():
        from app.accounts.operating import add_caller_number
        from app.local.transaction import on_account, tell

        account, added = on_account(
            email, lambda session, account: add_caller_number(session, account, number)
        )
        tell("caller_number_added", account=account.id, caller=added)
        typer.echo(f"Caller number {added} of {account.email}.")
