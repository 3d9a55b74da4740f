"""What the rig knows of our processes."""

from dataclasses import dataclass, field

from app.local.process import Process


@dataclass(slots=True)
class Part:
    """One of our processes.

    Attributes:
        process: the present one.
        extra: variables of its next start alone, such as a fault.
        held_down: not started again until told so.
    """

    name: str
    process: Process
    extra: dict[str, str] = field(default_factory=dict)
    held_down: bool = False


@dataclass(frozen=True, slots=True)
class Grave:
    """A process of ours that ended: which part, its id, and its exit code (negative: the signal that ended it)."""

    name: str
    pid: int
    code: int
