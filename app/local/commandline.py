"""What every command does alike: read settings, ask for servers, say in one sentence what an operator can mend."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import typer
from pydantic import ValidationError

from app.core import variables
from app.core.descriptors import raise_descriptors
from app.core.errors import ProblemError
from app.core.logging import configure_logging, get_logger
from app.core.settings import Settings
from app.local import lifeline
from app.local.errors import LocalError

EXIT_FAILED = 1
EXIT_SETTINGS = 2

Needed = Literal["database_url", "redis_url", "jwt_secret"]


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what an operator can mend into one sentence and an exit code; a fault of ours keeps its traceback."""
    try:
        yield
    except ValidationError as error:
        for item in error.errors():
            name = ".".join(str(part) for part in item["loc"])
            complain(f"TINGTING_{name.upper()}: {item['msg'].removeprefix('Value error, ')}.")
        raise typer.Exit(EXIT_SETTINGS) from error
    except (LocalError, ProblemError) as error:
        complain(str(error))
        raise typer.Exit(EXIT_FAILED) from error


def complain(sentence: str) -> None:
    """Say it on standard error."""
    sys.stderr.write(f"tingting: {sentence}\n")


def check_variables() -> None:
    """End with `EXIT_SETTINGS` when a `TINGTING_*` variable is none that we know, and say which it may have been."""
    _dropped[:] = variables.drop_kubernetes(os.environ)
    strangers = variables.unknown(os.environ)
    for name, nearest in strangers.items():
        complain(f"{name} is no setting; did you mean {nearest}? The README lists them all.")
    if strangers:
        raise typer.Exit(EXIT_SETTINGS)


_dropped: list[str] = []
"""Variables that Kubernetes had set, for the log that is not set up yet when they are dropped."""


def part_settings(*needed: Needed) -> Settings:
    """Settings of one part, with logs set up and the servers it needs at hand; needing none, it speaks in no voice."""
    lifeline.hold()
    raise_descriptors()
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    if _dropped:
        get_logger(__name__).info("kubernetes_variables_ignored", variables=_dropped)
    for name in needed:
        try:
            settings.required(name)
        except ValueError as error:
            complain(str(error))
            raise typer.Exit(EXIT_SETTINGS) from error
    refuse_weak_secrets(settings)
    if not needed:
        return settings
    from app.local.database import require_database, require_redis
    from app.wiring import voices_of

    try:
        voices_of(settings)
    except ValueError as error:
        complain(str(error))
        raise typer.Exit(EXIT_SETTINGS) from error
    if "database_url" in needed:
        require_database(settings.required("database_url"))
    if "redis_url" in needed:
        require_redis(settings.required("redis_url"))
    return settings


def refuse_weak_secrets(settings: Settings) -> None:
    """End with `EXIT_SETTINGS` when a secret is one that others know."""
    try:
        settings.refuse_weak_secrets()
    except ValueError as error:
        complain(f"{error}.")
        raise typer.Exit(EXIT_SETTINGS) from error
