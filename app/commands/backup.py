"""`tingting backup` and `tingting restore`."""

from pathlib import Path
from typing import Annotated

import typer

from app.core.settings import Settings
from app.core.spelling import command
from app.local.commandline import plainly


def backup(file: Annotated[Path, typer.Argument(help="New file; it will hold secrets and numbers.")]) -> None:
    """Write database, files and secrets to one file, while the service runs or while it does not."""
    with plainly():
        from app.local.backup import backup as write

        manifest = write(Settings(), file)
        typer.echo(
            f"Backup of version {manifest.service} in {file}, {file.stat().st_size:,} bytes. "
            "It holds secrets and telephone numbers: keep it where nobody else can read it."
        )


def restore(file: Annotated[Path, typer.Argument(help="A file that `backup` made.")]) -> None:
    """Bring a backup to a new data folder or an empty database; runs that were under way wait for a person."""
    with plainly():
        from app.local.restore import restore as read

        settings = Settings()
        manifest, held = read(settings, file)
        typer.echo(f"Restored the backup of {manifest.made_at}, made by version {manifest.service}.")
        if held:
            typer.echo(
                f"Runs that were under way, or scheduled, and are paused: {held}. Calls made since the backup are not "
                "known here. Resume or stop each of them; `waiting_why` of a run says the same."
            )
        if settings.database_url is None:
            typer.echo(f"Start it: {command('up')}")
        else:
            typer.echo("Set TINGTING_JWT_SECRET as it was; with another one everybody has to log in again.")
