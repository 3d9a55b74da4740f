"""`tingting limits …`: how fast accounts, runs and trunks may go."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import Settings
from app.local.commandline import plainly

limits = typer.Typer(
    help="Calls a second, calls at once and turns; they hold at once, in runs under way too.",
    no_args_is_help=True,
)

_Cps = Annotated[str, typer.Option(help="Most new calls a second; none: no limit.")]
_Calls = Annotated[str, typer.Option(help="Most calls at once; none: no limit.")]
_Priority = Annotated[str, typer.Option(help="Turns beside others: high, normal or low. Empty: as it is.")]


def _change(work: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Do `work` in a transaction on the database that is set, or on the embedded one."""
    from app.db.engine import make_engine, make_sessions
    from app.local.database import database_of, require_database

    async def change(url: str) -> None:
        engine = make_engine(url, application="tingting limits", pool_size=1)
        try:
            async with make_sessions(engine).begin() as session:
                await work(session)
        finally:
            await engine.dispose()

    with database_of(Settings()) as url:
        require_database(url)
        asyncio.run(change(url))


@limits.command("account")
def limits_account(
    email: Annotated[str, typer.Option(help="Whose limits are set.")],
    cps: _Cps = "none",
    calls: _Calls = "none",
    queue_priority: _Priority = "",
) -> None:
    """Limit all runs of an account together; its priority is that of runs whose begin names none."""
    with plainly():
        from app.runs.limits import limit_account, parse_queue_priority, read_limits

        chosen, priority = read_limits(cps, calls), parse_queue_priority(queue_priority)
        _change(lambda session: limit_account(session, email, chosen, priority))
        typer.echo(f"Limits of {email} set.")


@limits.command("run")
def limits_run(
    run: Annotated[int, typer.Argument(help="Id of the run.")],
    cps: _Cps = "none",
    calls: _Calls = "none",
    queue_priority: _Priority = "",
) -> None:
    """Limit one run."""
    with plainly():
        from app.runs.limits import limit_run, parse_queue_priority, read_limits

        chosen, priority = read_limits(cps, calls), parse_queue_priority(queue_priority)
        _change(lambda session: limit_run(session, run, chosen, priority))
        typer.echo(f"Limits of run {run} set.")


@limits.command("trunk")
def limits_trunk(
    name: Annotated[str, typer.Argument(help="The trunk as TINGTING_SIP_TRUNK names it.")],
    cps: _Cps = "none",
    calls: _Calls = "none",
    weight: Annotated[int, typer.Option(help="Its share of the calls beside other trunks, 1 to 100.")] = 1,
) -> None:
    """Limit all lines of a trunk together."""
    with plainly():
        from app.runs.limits import limit_trunk, read_limits

        chosen = read_limits(cps, calls)
        _change(lambda session: limit_trunk(session, name, chosen, weight))
        typer.echo(f"Limits of {name} set.")
