"""The `tingting` command: the whole stack, one part of it for a container, or a job beside it.

Parts are imported inside their commands: the phones need no database driver, and a message about a missing
setting should not wait two seconds for a speech engine to load.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from rich.console import Console

from app.core.errors import ConflictError
from app.core.settings import Settings
from app.local.commandline import EXIT_SETTINGS, complain, part_settings, plainly, refuse_weak_secrets
from app.local.errors import LocalError
from app.local.operate import limits, status
from app.local.ports import is_free

app = typer.Typer(
    name="tingting",
    help="Places programmed voice calls in Nepali. Settings come from TINGTING_* variables; the README lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
accounts = typer.Typer(help="Accounts that may use the service.", no_args_is_help=True)
app.add_typer(accounts, name="accounts")
app.add_typer(limits, name="limits")
app.command()(status)


@app.command()
def up() -> None:
    """Start the whole stack and stay in the foreground until Ctrl-C."""
    from app.local.run import run_stack
    from app.local.stack import Stack

    with plainly():
        console = Console(highlight=False, soft_wrap=True)
        settings = Settings()
        if settings.sip_trunk:  # without one it is the trial, which reaches nobody
            refuse_weak_secrets(settings)
        stack = Stack(settings, lambda part, news: console.print(f"{part}: {news}", markup=False))
        asyncio.run(run_stack(stack, lambda line: console.print(line, markup=False)))


@app.command()
def demo() -> None:
    """Start a stack and run a whole campaign on it as a client would, over HTTP. DEMO_EXIT=1: end afterwards."""
    from app.local.demo import run_demo

    with plainly():
        raise typer.Exit(run_demo(Settings()))


@app.command()
def api() -> None:
    """Serve the HTTP API."""
    with plainly():
        settings = part_settings("database_url", "redis_url", "jwt_secret")
        if not is_free(settings.http_port, host=settings.http_host):
            msg = (
                f"Port {settings.http_port} of {settings.http_host} cannot be listened on; "
                "stop the program that does, or set TINGTING_HTTP_PORT and TINGTING_HTTP_HOST."
            )
            raise LocalError(msg)
        from app.main import serve

        serve(settings)


@app.command()
def worker() -> None:
    """Run a control worker: starts runs, shares out calls, cleans up."""
    with plainly():
        settings = part_settings("database_url", "redis_url")
        from workers.control import run

        raise typer.Exit(run(settings))


@app.command()
def line(
    kind: Annotated[
        Literal["sip", "smpp"], typer.Option(help="sip places calls, smpp sends messages.")
    ] = "sip",
) -> None:
    """Run a line worker: holds the SIP trunk and places the calls, or the SMPP session and sends the messages."""
    with plainly():
        settings = part_settings("database_url", "redis_url")
        if kind == "smpp":
            _sms_line(settings)
        if not settings.sip_trunk:
            complain(
                "TINGTING_SIP_TRUNK is not set; give the trunk's address, such as sip:sbc.example.net:5060."
            )
            raise typer.Exit(EXIT_SETTINGS)
        from workers.line import run, sip_settings

        try:
            sip_settings(settings)
        except ValueError as error:
            complain(f"{error}; see the TINGTING_SIP_… settings.")
            raise typer.Exit(EXIT_SETTINGS) from error
        raise typer.Exit(run(settings))


def _sms_line(settings: Settings) -> NoReturn:
    if not settings.sms_centre:
        complain(
            "TINGTING_SMS_CENTRE is not set; give the message centre's address, such as smpp://smsc.example.net:2775."
        )
        raise typer.Exit(EXIT_SETTINGS)
    from workers.sms_line import run, smpp_settings

    try:
        smpp_settings(settings)
    except ValueError as error:
        complain(f"{error}; see the TINGTING_SMS_… settings.")
        raise typer.Exit(EXIT_SETTINGS) from error
    raise typer.Exit(run(settings))


@app.command()
def phones(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="UDP port; 0: any free one.")] = 5080,
    log: Annotated[Path | None, typer.Option(help="File that gets a JSON line for all that happens.")] = None,
    heard: Annotated[
        Path | None, typer.Option(help="Folder that gets what the phones heard, as WAV.")
    ] = None,
    keep: Annotated[str, typer.Option(help="What is kept: none, all, first:20, or numbers.")] = "none",
) -> None:
    """Be the trial phones: a trunk's far end whose numbers' last two digits say how each phone behaves."""
    with plainly():
        part_settings()
        import uvloop

        from app.trial.journal import Keep
        from app.trial.phones import run

        try:
            wanted = Keep.parse(keep)
        except ValueError as error:
            complain(f"--keep: {error}.")
            raise typer.Exit(EXIT_SETTINGS) from error
        if port and not is_free(port, "udp", host):
            msg = f"UDP port {port} of {host} cannot be listened on; choose another by --port."
            raise LocalError(msg)
        # Two hundred calls are 20,000 packets a second, and asyncio's own loop takes one a turn from each socket.
        uvloop.run(run(host, port, log, heard, wanted))


@app.command()
def centre(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port.")] = 2775,
    log: Annotated[Path | None, typer.Option(help="File that gets a JSON line for all that happens.")] = None,
) -> None:
    """Be the trial's message centre: the last two digits of a number say what becomes of a message to it."""
    with plainly():
        part_settings()
        from app.trial.message_centre import run

        if not is_free(port, "tcp", host):
            msg = f"TCP port {port} of {host} cannot be listened on; choose another by --port."
            raise LocalError(msg)
        asyncio.run(run(host, port, log))


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
def migrate() -> None:
    """Bring the database to the newest revision; harmless when it is there already."""
    with plainly():
        from app.local.database import database_of, require_database
        from app.local.migrate import upgrade

        with database_of(Settings()) as url:
            require_database(url)
            upgrade(url)
        typer.echo("The database is up to date.")


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


if __name__ == "__main__":
    app()
