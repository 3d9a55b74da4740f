"""Whether a line lives: counted from how long its heartbeat stands still, never computed from a clock."""

from dataclasses import dataclass

from app.calls.models import LEASE


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
        return self.heard and self.silent_s < LEASE.total_seconds() / 3

    @property
    def dead(self) -> bool:
        """Silent for longer than its lease."""
        return self.silent_s >= LEASE.total_seconds()

    def look(self, heartbeat: int, step: float) -> None:
        """Take note of the heartbeat, `step` seconds after the last look."""
        if heartbeat != self.heartbeat:
            self.heartbeat, self.silent_s, self.heard = heartbeat, 0.0, True
        else:
            self.silent_s += step
