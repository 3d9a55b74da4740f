"""How the `tingting` command is typed here, so that what a screen or an error tells a person to type works."""

import shlex
import shutil
import sys
from pathlib import Path

_NAME = "tingting"


def command(words: str = "") -> str:
    """`tingting <words>` as a shell in the current folder understands it: by name, by path, or as a module."""
    return f"{_program()} {words}".rstrip()


def _program() -> str:
    script = Path(sys.executable).with_name(_NAME)
    if not script.exists():
        return f"{shlex.quote(sys.executable)} -m app.cli"
    found = shutil.which(_NAME)
    if found is not None and script.samefile(found):
        return _NAME
    here = Path.cwd()
    return shlex.quote(str(script.relative_to(here) if script.is_relative_to(here) else script))
