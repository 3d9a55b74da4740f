"""`tingting limits …`: how fast accounts, runs and trunks may go. A command changes what it names and nothing else."""

from typing import Annotated

import typer

from app.core.settings import Settings
from app.local.commandline import plainly

limits = typer.Typer(
    help="Calls a second, calls at once and turns; they hold at once, in runs under way too.",
    no_args_is_help=True,
)

_AS_IT_IS = "as it is"
_Cps = Annotated[
    str | None, typer.Option(help="Most new calls a second; unlimited: no limit.", show_default=_AS_IT_IS)
]
_Calls = Annotated[
    str | None, typer.Option(help="Most calls at once; unlimited: no limit.", show_default=_AS_IT_IS)
]
_Priority = Annotated[
    str | None,
    typer.Option(help="Turns beside others: high, normal or low.", show_default=_AS_IT_IS),
]


@limits.command("show")
def limits_show() -> None:
    """Show every limit that holds, and where it comes from."""
    with plainly():
        from app.local.shown import limit_tables, print_table
        from app.local.transaction import on_database

        settings = Settings()
        for table in on_database(lambda session: limit_tables(session, settings)):
            print_table(table)


@limits.command("account")
def limits_account(
    email: Annotated[str, typer.Option(help="Whose limits are set.")],
    cps: _Cps = None,
    calls: _Calls = None,
    queue_priority: _Priority = None,
) -> None:
    """Limit all runs of an account together; its priority is that of runs whose begin names none."""
    with plainly():
        from app.dispatch.limits import limit_account, read_changes
        from app.local.shown import pace_sentence
        from app.local.transaction import on_account, tell

        changes = read_changes(cps, calls, queue_priority=queue_priority)
        account, _ = on_account(email, lambda session, account: limit_account(session, account, changes))
        if changes:
            tell("account_limited", account=account.id, **changes)
        typer.echo(pace_sentence(account.email, account))


@limits.command("run")
def limits_run(
    run: Annotated[int, typer.Argument(help="Id of a run that is not over.")],
    cps: _Cps = None,
    calls: _Calls = None,
    queue_priority: _Priority = None,
) -> None:
    """Limit one run."""
    with plainly():
        from app.dispatch.limits import limit_run, read_changes
        from app.local.shown import pace_sentence
        from app.local.transaction import on_database, tell

        changes = read_changes(cps, calls, queue_priority=queue_priority)
        limited = on_database(lambda session: limit_run(session, run, changes))
        if changes:
            tell("run_limited", run=run, **changes)
        typer.echo(pace_sentence(f"run {run}", limited))


@limits.command("trunk")
def limits_trunk(
    name: Annotated[str, typer.Argument(help="The trunk as TINGTING_SIP_TRUNK names it.")],
    cps: _Cps = None,
    calls: _Calls = None,
    weight: Annotated[
        int | None,
        typer.Option(help="Its share of the calls beside other trunks, 1 to 100.", show_default=_AS_IT_IS),
    ] = None,
) -> None:
    """Limit all lines of a trunk together."""
    with plainly():
        from app.dispatch.limits import limit_trunk, read_changes
        from app.local.shown import pace_sentence
        from app.local.transaction import on_database, tell

        changes = read_changes(cps, calls, weight=weight)
        settings = Settings()
        configured = (settings.sip_trunk, settings.sms_centre)
        trunk = on_database(lambda session: limit_trunk(session, name, changes, configured))
        if changes:
            tell("trunk_limited", trunk=name, **changes)
        typer.echo(pace_sentence(name, trunk))
