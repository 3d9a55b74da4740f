"""Data folders, and the command as a person runs it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app.local.home import Home
from tests import warm


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can pass; pytest's own are closed to the database's user."""
    folder = Path(tempfile.mkdtemp(prefix="tingting-local-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(open_folder: Path) -> Home:
    return Home.open(open_folder / "home")


@pytest.fixture
def tingting(open_folder: Path) -> Callable[..., CompletedProcess[str]]:
    """Run `tingting <arguments>` with settings of the test's own; its output as text."""

    def run(*arguments: str, patience_s: float = 60, **settings: str) -> CompletedProcess[str]:
        env = {**os.environ, "TINGTING_HOME": str(open_folder / "home"), **settings}
        return warm.tingting(arguments, env, patience_s)

    return run
