"""How the `tingting` command is typed here, so that what a screen or an error tells a person to type works."""

import os
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "tingting"
_HOME = "TINGTING_HOME"


def command(words: str = "", *, home: str | None = None) -> str:
    """`tingting <words>` as a shell in the current folder understands it: by name, by path, or as a module.

    The data folder stands before it where it is not the usual one, for another terminal does not know it.

    Args:
        words: behind the program.
        home: the data folder to name; None: that of the environment; empty: none, where strangers read it.
    """
    named = os.environ.get(_HOME) if home is None else home
    before = f"{_HOME}={shlex.quote(named)} " if named else ""
    return f"{before}{_program()} {words}".rstrip()


def _program() -> str:
    script = Path(sys.executable).with_name(_NAME)
    if not script.exists():
        return f"{shlex.quote(sys.executable)} -m app.cli"
    found = shutil.which(_NAME)
    if found is not None and script.samefile(found):
        return _NAME
    here = Path.cwd()
    return shlex.quote(str(script.relative_to(here) if script.is_relative_to(here) else script))
