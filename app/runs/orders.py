"""What a client orders with a begin, already parsed."""

from dataclasses import dataclass
from datetime import datetime

from app.calls.state import CallStatus
from app.campaigns.content import UNCHANGED, Content
from app.runs.state import QueuePriority


@dataclass(frozen=True, slots=True)
class BeginOrder:
    """One begin.

    Attributes:
        content: replaces what the campaign has, field by field.
        schedule_date: aware; None: at once.
        statuses: only recipients whose latest call ended so.
        individual: only these recipient ids.
        queue_priority: how often the run gets a turn; None: as the account has it.
    """

    content: Content = UNCHANGED
    schedule_date: datetime | None = None
    statuses: list[CallStatus] | None = None
    individual: list[int] | None = None
    queue_priority: QueuePriority | None = None
