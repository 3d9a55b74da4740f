"""A data folder that nobody but its owner can read: recordings, numbers and secrets lie in it."""

import os
import stat
from pathlib import Path

UMASK = 0o077
"""Of every process of ours: what it makes is its owner's alone."""

_OPEN = 0o077
# What a stack makes, `demo` being a data folder of its own. The rest of a folder that was chosen keeps its rights.
# `postgres/data` belongs to the server, which starts on nothing but a closed one.
_OURS = (
    "blobs",
    "centre",
    "id",
    "lock",
    "logs",
    "phones",
    "ports.json",
    "postgres.json",
    "secrets",
    "test-voice.wav",
    "valkey",
)


def close(home: Path) -> None:
    """Take every right of others from `home` and from what a stack keeps in it.

    Quick when nothing stands open at its top, for a store may hold a million files: the top is closed last, so that a
    start that was cut short is made good by the next.
    """
    ours = (home / "secrets").is_dir()
    if ours:
        _close_folder(home)
        if (home / "demo").is_dir():
            _close_folder(home / "demo")
    if ours or not any(home.iterdir()):
        _narrow(home)


def _close_folder(home: Path) -> None:
    tops = [path for name in _OURS if os.path.lexists(path := home / name)]
    if not _is_open(home) and not any(_is_open(path) for path in tops):
        return
    for top in tops:
        for folder, folders, files in os.walk(top, topdown=False):
            for name in (*folders, *files):
                _narrow(Path(folder, name))
        _narrow(top)
    for name in ("postgres", "."):
        if (home / name).is_dir():
            _narrow(home / name)


def _is_open(path: Path) -> bool:
    found = path.lstat()
    return not stat.S_ISLNK(found.st_mode) and bool(found.st_mode & _OPEN)


def _narrow(path: Path) -> None:
    """The owner's rights stay; a link is left alone, for it may lead elsewhere."""
    if _is_open(path):
        path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~_OPEN)
