"""Logs of the parts: kept under a size, and their errors brought before a person's eyes."""

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

_LARGEST = 20 * 1024 * 1024
_OLD = 5
"""Full logs that are kept of each part: of lines for requests, 120 MiB are half a million."""
_PIECE = 1024 * 1024
_LOUD = frozenset({"error", "critical"})


class LogFollower:
    """Reads what was added to one log since the last look.

    Args:
        path: the log; the part appends to it by itself, so that it never waits for us.
        say: takes each line worth a person's attention.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self._offset = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def look(self) -> None:
        """Say the errors among the new lines; start the file again when it grew over 20 MiB."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                added = file.read()
        except FileNotFoundError:
            return
        self._offset += len(added)
        *lines, self._rest = (self._rest + added).split(b"\n")
        for line in lines:
            if text := loud(line.decode(errors="replace")):
                self._say(text)
        if self._offset > _LARGEST:
            self._start_again()

    def _start_again(self) -> None:
        """Copy to ``.1`` and truncate; the part's descriptor appends, so it goes on at the new end.

        Older ones move on to ``.5`` and are then dropped. What the part writes meanwhile is copied too: the truncation
        comes right behind the look that found nothing more.
        """
        old = [self._path.with_name(f"{self._path.name}.{nth}") for nth in range(_OLD, 0, -1)]
        for later, earlier in itertools.pairwise(old):
            if earlier.exists():
                earlier.replace(later)
        descriptor = os.open(old[-1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with self._path.open("r+b") as file, os.fdopen(descriptor, "wb") as copy:
            while piece := file.read(_PIECE):
                copy.write(piece)
            file.truncate(0)
        self._offset = 0


def loud(line: str) -> str:
    """What a person should see of a log line: the event of an error, the last line of a traceback; else empty."""
    if line.startswith("{"):
        try:
            event = json.loads(line)
        except ValueError:
            return ""
        if not isinstance(event, dict) or event.get("level") not in _LOUD:
            return ""
        rest = {
            key: value
            for key, value in event.items()
            if key not in {"event", "level", "timestamp", "logger", "exception"}
        }
        cause = str(event.get("exception", "")).strip().rpartition("\n")[2]
        values = " ".join(f"{key}={value}" for key, value in rest.items())
        return " ".join(part for part in (str(event.get("event", "")), values, cause) if part)
    if " FATAL: " in line or " PANIC: " in line:
        return line.strip()
    return ""
