"""What a client orders with a begin, already parsed."""

from dataclasses import dataclass
from datetime import datetime

from app.calls.state import CallStatus
from app.runs.state import QueuePriority


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """An audio that was decoded and stored.

    Attributes:
        key: blob key of the PCM.
        name: what the client called the file.
        ms: length in milliseconds.
    """

    key: str
    name: str
    ms: int


@dataclass(frozen=True, slots=True)
class BeginOrder:
    """One begin. Everything absent is None and taken from the campaign.

    Attributes:
        message: replaces the campaign's message.
        audio: replaces the campaign's audio.
        priority: ``message`` or ``audio``: which comes first.
        voice_input: a known voice name.
        schedule_date: aware; None: at once.
        statuses: only recipients whose latest call ended so.
        individual: only these recipient ids.
        sms_message: replaces the campaign's text of the SMS.
        failover_target: replaces the campaign's: ends of a call after which the text is sent.
        queue_priority: how often the run gets a turn; None: as the account has it.
    """

    message: str | None = None
    audio: StoredAudio | None = None
    priority: str | None = None
    voice_input: str | None = None
    schedule_date: datetime | None = None
    statuses: list[CallStatus] | None = None
    individual: list[int] | None = None
    sms_message: str | None = None
    failover_target: list[CallStatus] | None = None
    queue_priority: QueuePriority | None = None
