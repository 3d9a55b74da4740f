"""Whether a line lives: counted from how long its heartbeat stands still, never computed from a clock."""

from dataclasses import dataclass

LEASE_S = 15.0
"""Seconds of silence after which a line counts as dead."""


@dataclass(slots=True)
class LineWatch:
    """What the leader remembers of a line.

    Attributes:
        alive: the heartbeat was seen to move, and has not paused for long since. A row alone says nothing: its line
            may have died before this leader came.
    """

    heartbeat: int
    silent_s: float = 0.0
    heard: bool = False

    @property
    def alive(self) -> bool:
        return self.heard and self.silent_s < LEASE_S / 3

    def look(self, heartbeat: int, step: float) -> None:
        """Take note of the heartbeat, `step` seconds after the last look."""
        if heartbeat != self.heartbeat:
            self.heartbeat, self.silent_s, self.heard = heartbeat, 0.0, True
        else:
            self.silent_s += step
