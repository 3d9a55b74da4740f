"""The `tingting` command forked from a process that has imported it: most of a short command's time is its imports."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

from chaos.warm import fork


def tingting(arguments: Sequence[str], env: Mapping[str, str], patience_s: float) -> CompletedProcess[str]:
    """Run it to its end, as `subprocess.run` does; TimeoutExpired when that takes longer than `patience_s` seconds."""
    with tempfile.TemporaryDirectory(prefix="tingting-command-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        child = fork(arguments, env, out, err)
        try:
            code = child.wait(patience_s)
        except TimeoutExpired:
            child.kill()
            raise
        return CompletedProcess(arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))
