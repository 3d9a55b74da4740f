"""The life of a run: the states and the allowed steps between them."""

from enum import IntEnum


class RunState(IntEnum):
    """Where a run is. The numbers are stored; never reuse one."""

    SCHEDULED = 0
    RUNNING = 1
    PAUSED = 2
    STOPPING = 3
    COMPLETED = 4
    TERMINATED = 5


ACTIVE = (RunState.SCHEDULED, RunState.RUNNING, RunState.PAUSED, RunState.STOPPING)
"""A campaign has at most one run in one of these; a partial unique index holds it."""

GOING_ON = (RunState.RUNNING, RunState.PAUSED)
"""Its calls may start, now or after the pause, and what follows their end is queued."""

ALLOWED: dict[RunState, frozenset[RunState]] = {
    # A person pauses what runs; the service holds what is scheduled too (`app.runs.paused_after_restore`), and resume
    # undoes it.
    RunState.SCHEDULED: frozenset({RunState.RUNNING, RunState.PAUSED, RunState.STOPPING}),
    RunState.RUNNING: frozenset({RunState.PAUSED, RunState.STOPPING, RunState.COMPLETED}),
    RunState.PAUSED: frozenset({RunState.SCHEDULED, RunState.RUNNING, RunState.STOPPING}),
    RunState.STOPPING: frozenset({RunState.TERMINATED}),
    RunState.COMPLETED: frozenset(),
    RunState.TERMINATED: frozenset(),
}

TITLES: dict[RunState, str] = {
    RunState.SCHEDULED: "Scheduled",
    RunState.RUNNING: "Running",
    RunState.PAUSED: "Paused",
    # A client that waits for "Terminated" may trust the counts that it then reads; `stopping` says the rest.
    RunState.STOPPING: "Running",
    RunState.COMPLETED: "Completed",
    RunState.TERMINATED: "Terminated",
}
NOT_STARTED = "Not Started"


def sources_of(target: RunState) -> list[RunState]:
    """The states from which `target` may be entered, for a guarded UPDATE."""
    return [state for state, targets in ALLOWED.items() if target in targets]


class QueuePriority(IntEnum):
    """How often a run, and the account it makes weighty, gets a turn. The numbers are stored and are the weights."""

    LOW = 1
    NORMAL = 2
    HIGH = 4
