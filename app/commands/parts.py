"""Commands that are one part of the stack each, for a container or a service manager: api, worker and line."""

import asyncio
from typing import Annotated, Literal, NoReturn

import typer

from app.core.settings import Settings
from app.local.commandline import EXIT_SETTINGS, complain, part_settings, plainly
from app.local.errors import LocalError
from app.local.ports import why_not


def api() -> None:
    """Serve the HTTP API."""
    with plainly():
        settings = part_settings("database_url", "redis_url", "jwt_secret")
        refusal = why_not(settings.http_port, settings.http_host)
        if refusal is not None:
            raise LocalError(refusal)
        from app.main import serve

        serve(settings)


def worker() -> None:
    """Run a control worker: starts runs, shares out calls, cleans up."""
    with plainly():
        settings = part_settings("database_url", "redis_url")
        from workers.control import run

        raise typer.Exit(run(settings))


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
        from workers.sip_line import run, sip_settings

        try:
            sip_settings(settings)
        except ValueError as error:
            complain(f"{error}; see the TINGTING_SIP_… settings.")
            raise typer.Exit(EXIT_SETTINGS) from error
        _hold_to_reach(settings)
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
    _hold_to_reach(settings)
    raise typer.Exit(run(settings))


def _hold_to_reach(settings: Settings) -> None:
    """A line is what makes telephones ring: it starts for trial phones or for real ones, as its database always did."""
    from app.local.reach import is_trial, refuse_trial_elsewhere, settle

    try:
        refuse_trial_elsewhere(settings)
        asyncio.run(settle(settings.required("database_url"), trial=is_trial(settings)))
    except LocalError as error:
        complain(str(error))
        raise typer.Exit(EXIT_SETTINGS) from error
