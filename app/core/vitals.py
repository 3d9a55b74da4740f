"""Whether a worker process lives and can do its work, as its event loop said last.

Written by the loop, read by the thread that serves ``/metrics``: a loop that hangs cannot answer for itself.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

SILENT_S = 30.0
"""Seconds without a beat after which a process counts as hung; the longest statement waits 10 s."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing that the process stands on.

    Attributes:
        ok: whether it works.
        advice: what to do when it does not; empty when it does.
    """

    ok: bool
    advice: str = ""


class Vitals:
    """The state of one process. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._beat_at = time.monotonic()
        self._findings: dict[str, Finding] = {}

    def beat(self) -> None:
        """The event loop still turns."""
        with self._lock:
            self._beat_at = time.monotonic()

    def note(self, part: str, finding: Finding) -> None:
        """What was found of `part` just now; it replaces what was found before."""
        with self._lock:
            self._findings[part] = finding

    @property
    def live(self) -> bool:
        """Whether the loop turned within the last `SILENT_S` seconds."""
        with self._lock:
            return time.monotonic() - self._beat_at < SILENT_S

    @property
    def findings(self) -> Mapping[str, Finding]:
        """What was found last, by part; empty until the first look."""
        with self._lock:
            return dict(self._findings)

    @property
    def ready(self) -> bool:
        """Whether the process lives and everything that it stands on was found to work."""
        found = self.findings
        return self.live and bool(found) and all(finding.ok for finding in found.values())
