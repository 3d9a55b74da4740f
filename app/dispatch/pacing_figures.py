"""The figures that pacing decides by, and the shares that it decides on."""

from dataclasses import dataclass, field

from app.runs.state import QueuePriority

NEVER_MET = float("inf")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a trunk, an account or a run may take; None: no limit of its own.

    Attributes:
        cps: new calls a second.
        calls: calls at once.
    """

    cps: float | None = None
    calls: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class FreeLine:
    """A line that takes calls.

    Attributes:
        room: free places.
        cps: new calls a second of the line itself.
        trunk: what it holds; lines of one trunk share that trunk's limits.
    """

    id: int
    room: int
    cps: float = NEVER_MET
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class TrunkView:
    """A trunk with its limits, its share of the calls beside other trunks, and the calls it holds now."""

    limits: Limits = NO_LIMITS
    weight: int = 1
    held: int = 0


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run with calls to start.

    Attributes:
        queued: calls that wait.
        held, account_held: calls of the run and of its account that lines have in hand.
    """

    id: int
    account_id: int
    queued: int
    priority: QueuePriority = QueuePriority.NORMAL
    limits: Limits = NO_LIMITS
    held: int = 0
    account_limits: Limits = NO_LIMITS
    account_held: int = 0


@dataclass(slots=True)
class Share:
    """Start calls of run `run_id` on line `line_id`, each so many seconds from now."""

    line_id: int
    run_id: int
    delays: list[float] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many."""
        return len(self.delays)
