"""Data folders, and the command as a person runs it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.local.home import Home


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
def tingting(open_folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `tingting <arguments>` with settings of the test's own; its output as text."""

    def run(*arguments: str, patience_s: float = 60, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            env={**os.environ, "TINGTING_HOME": str(open_folder / "home"), **settings},
            capture_output=True,
            text=True,
            timeout=patience_s,
            check=False,
        )

    return run
