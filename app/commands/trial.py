"""Commands that are the far end of the trial: `tingting phones` and `tingting centre`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app.local.commandline import EXIT_SETTINGS, complain, part_settings, plainly
from app.local.errors import LocalError
from app.local.ports import is_free


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
