"""The `tingting` command: the whole stack, one part of it for a container, or a job beside it.

Parts are imported inside their commands: the phones need no database driver, and a message about a missing
setting should not wait two seconds for a speech engine to load.
"""

import asyncio
import os
from typing import Annotated

import typer
from rich.console import Console

from app.commands import backup, parts, trial
from app.commands.accounts import accounts
from app.commands.limits import limits
from app.commands.status import status
from app.core.settings import Settings
from app.local.closing import UMASK
from app.local.commandline import check_variables, plainly, refuse_weak_secrets
from app.local.errors import LocalError

app = typer.Typer(
    name="tingting",
    help="Places programmed voice calls in Nepali. Settings come from TINGTING_* variables; the README lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def beginning() -> None:
    """Do what comes before every command; the processes that it starts inherit it."""
    os.umask(UMASK)
    check_variables()


_Adopt = Annotated[
    bool,
    typer.Option(
        "--adopt",
        help="Make a trial's service one for real telephones; stops every run of it that is not over.",
    ),
]


@app.command()
def up(adopt: _Adopt = False) -> None:
    """Start the whole stack and stay in the foreground until Ctrl-C."""
    from app.local.reach import is_trial
    from app.local.run import run_stack
    from app.local.stack import Stack

    with plainly():
        console = Console(highlight=False, soft_wrap=True)
        settings = Settings()
        if not is_trial(settings):
            refuse_weak_secrets(settings)
        elif adopt:
            raise LocalError("--adopt is for real telephones: set TINGTING_SIP_TRUNK or TINGTING_SMS_CENTRE.")
        stack = Stack(
            settings, lambda part, news: console.print(f"{part}: {news}", markup=False), adopt=adopt
        )
        asyncio.run(run_stack(stack, lambda line: console.print(line, markup=False)))


@app.command()
def demo() -> None:
    """Start a stack and run a whole campaign on it as a client would, over HTTP. DEMO_EXIT=1: end afterwards."""
    from app.local.demo import run_demo

    with plainly():
        raise typer.Exit(run_demo(Settings()))


for part in (parts.api, parts.worker, parts.line, trial.phones, trial.centre):
    app.command()(part)


@app.command()
def pronounce(
    text: Annotated[str, typer.Argument(help="A message, as it would be spoken.")],
    everything: Annotated[bool, typer.Option("--all", help="Show unchanged words too.")] = False,
) -> None:
    """Show how a message is read, and which words are said otherwise than eSpeak alone would say them."""
    from app.speech.comparing import compare
    from app.speech.voices import VOICES

    with plainly():
        reading, changes = compare(text, next(iter(VOICES.values())))
        typer.echo(reading)
        for change in changes:
            if change.changed or everything:
                typer.echo(f"{change.word}\t{change.respelt}\t{change.alone} -> {change.ours}")


@app.command()
def migrate(adopt: _Adopt = False) -> None:
    """Bring the database to the newest revision; harmless when it is there already."""
    with plainly():
        from app.local.database import database_of, require_database
        from app.local.migrate import upgrade
        from app.local.reach import settle

        with database_of(Settings()) as url:
            require_database(url)
            upgrade(url)
            stopped = asyncio.run(settle(url, trial=False, adopt=True)) if adopt else 0
        typer.echo("The database is up to date.")
        if adopt:
            typer.echo(f"It is one for real telephones from now on; runs stopped: {stopped}.")


for beside in (status, backup.backup, backup.restore):
    app.command()(beside)
app.add_typer(accounts, name="accounts")
app.add_typer(limits, name="limits")


if __name__ == "__main__":
    app()
