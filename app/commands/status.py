"""`tingting status`: what the engine does now."""

import asyncio
from typing import Annotated

import typer

from app.core.settings import Settings
from app.local.commandline import plainly


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every second until Ctrl-C.")] = False,
) -> None:
    """Show lines, places, runs under way, their rates and the oldest waiting call."""
    with plainly():
        from app.local.database import database_of, require_database
        from app.local.status import show

        with database_of(Settings()) as url:
            require_database(url)
            asyncio.run(show(url, as_json=as_json, watch=watch))
