"""Runs and their calls as clients send and read them."""

from collections.abc import Mapping
from typing import Any

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from app.api.system.campaign_schemas import KathmanduTime, Text, status_names
from app.api.system.concern_schemas import ConcernOut
from app.api.system.sms_preview import SmsSize
from app.calls.models import Call
from app.calls.reasons import sentence
from app.calls.state import CallStatus, Channel
from app.dispatch.why_waiting import Wait
from app.runs.call_measures import measure, named_counts, service_name, summed
from app.runs.models import Run
from app.runs.progress import Progress
from app.runs.state import TITLES, RunState


class BeginRun(BaseModel):
    """Any of these; a field that is left out is taken from the campaign."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    message: Text | None = Field(None, description="Replaces the campaign's message for this and later runs.")
    aud_file: str | UploadFile | None = Field(
        None,
        description="mp3, wav, ogg/opus, flac, m4a or amr, at most 20 MB and 10 minutes; or the name of a file "
        "uploaded before. Replaces the campaign's audio.",
    )
    audio: str | UploadFile | None = Field(None, description="Another name of `aud_file`.")
    priority: str | None = Field(
        None, description="`message` or `audio`: what the call starts with when it has both."
    )
    voice_input: str | None = Field(None, description="np_rija, np_prasanna or np_binod.")
    schedule_date: str | None = Field(
        None, description="`2026-12-01T17:07` in Kathmandu time, or with an offset. Left out: at once."
    )
    status: list[Any] | None = Field(
        None,
        description="Only recipients whose latest call ended so: hungup, unanswered, failed, terminated, completed. "
        "A list, or one text with commas.",
    )
    individual: list[Any] | StrictInt | None = Field(None, description="Only these recipients, by id.")
    sms_message: Text | None = Field(
        None, description="Replaces the campaign's text of the SMS for this and later runs."
    )
    failover_target: list[Any] | None = Field(
        None,
        description="Replaces the campaign's: ends of a call after which its recipient is sent the SMS, once.",
    )
    queue_priority: str | None = Field(
        None,
        description="high, normal or low: how often the run gets a turn beside others. Left out, or above the "
        "account's own: the account's own.",
    )


class Begun(BaseModel):
    """The run that a begin made, or that a command moved."""

    id: int
    recipients: int
    status: str
    scheduled_for: KathmanduTime


class BegunData(BaseModel):
    """What begin, pause, resume and stop answer."""

    run: Begun


class ChangedField(BaseModel):
    """A field that was taken otherwise than it was sent."""

    field: str
    code: str
    message: str


class StartedData(BegunData):
    """What begin answers."""

    warnings: int = Field(
        description="What may go wrong with the texts of the first 20 recipients; `POST …/preview/` shows it."
    )
    concerns: list[ConcernOut] = Field(description="The first ten of these warnings that are not alike.")
    changed: list[ChangedField] = Field(
        description="A warning for each field that was taken otherwise than it was sent: a queue_priority above the "
        "account's own (`priority_lowered`)."
    )
    sms: SmsSize | None = Field(
        description="Segments of the SMS, should everybody whom the run reaches get one; null: the run writes none."
    )


class RunOut(BaseModel):
    """One begin of a campaign with all that it says, fixed at that moment."""

    id: int
    campaign: int
    status: str
    services: str
    recipients: int = Field(description="How many it set out to reach.")
    message: str | None
    sms_message: str | None = Field(description="What the SMS says; null: the run sends none.")
    failover_target: list[str] | None = Field(
        description="Ends of a call after which its recipient is sent the SMS; null: everybody is, at once."
    )
    audio: str | None = Field(description="What the audio file was called.")
    voice_input: str
    priority: str = Field(description="What the calls start with: message or audio.")
    queue_priority: str = Field(
        description="How often it gets a turn beside other runs: high, normal or low."
    )
    statuses: list[str] | None = Field(
        description="Only recipients whose latest call had ended so; null: all."
    )
    individual: list[int] | None = Field(description="Only these recipients; null: all.")
    scheduled_for: KathmanduTime
    created_at: KathmanduTime
    started_at: KathmanduTime | None
    finished_at: KathmanduTime | None
    stopping: bool = Field(
        description="It was stopped, and its last calls are being ended; the status turns Terminated when they are."
    )
    waiting_for: str | None = Field(
        description="Why it starts no call at present: number_busy, number_cap, retry or day_cap; null: it goes on or "
        "is over."
    )
    waiting_until: KathmanduTime | None = Field(description="When it goes on; null when that is not known.")
    waiting_why: str | None = Field(
        description="The same for a person; of a paused run, why the service itself paused it and what to do."
    )
    counts: dict[str, int] = Field(description="Calls and messages per status; zeros are left out.")
    service_counts: dict[str, dict[str, int]] = Field(description="The same for PHONE and SMS apart.")


class ProgressOut(BaseModel):
    """How far a run is."""

    ended: int = Field(description="Calls that are over.")
    total: int
    percent: float
    rate_per_minute: float = Field(description="Calls that ended a minute, on average since the start.")
    expected_end: KathmanduTime | None = Field(description="At that rate; null while nothing is known.")


class RunProgress(RunOut):
    """A run with its progress."""

    progress: ProgressOut


class RunData(BaseModel):
    """One run."""

    run: RunProgress


class RunList(BaseModel):
    """Runs of a campaign, newest first."""

    runs: list[RunOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for what follows; null at the end.")


class CallOut(BaseModel):
    """One attempt to reach one recipient."""

    id: int
    number_id: int
    number: str
    attempt: int
    status: str
    reason: str | None = Field(description="Stable code of why it ended so.")
    explanation: str | None = Field(description="The same for a person.")
    sip_status: int | None = Field(description="Final SIP status; null when none came.")
    dialed_at: KathmanduTime | None
    ringing_at: KathmanduTime | None
    answered_at: KathmanduTime | None
    ended_at: KathmanduTime | None
    duration: float = Field(description="Seconds between answer and end.")
    heard: float = Field(description="Seconds of audio that were played.")
    playback: int = Field(description="Share of the audio that was heard, percent, 0 to 100.")
    credit_consumed: int = Field(description="Billed minutes: answered time, each minute begun.")
    stand_in_voice: bool = Field(
        description="The voice's engine could not speak; eSpeak NG spoke in its place."
    )
    digits: str = Field(description="Keys that the callee pressed.")
    service: str = Field(description="PHONE for a call, SMS for a message.")
    segments: int | None = Field(description="Segments of an SMS; null for a call.")
    network_code: str | None = Field(description="The message centre's own code for a refusal or an end.")


class CallList(BaseModel):
    """Calls of a run in the order in which they were queued."""

    calls: list[CallOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for what follows; null at the end.")


def begun(run: Run, *, at_once: bool = False) -> BegunData:
    """The short form of a run; `at_once` for one that waits for nothing but its worker."""
    return BegunData(
        run=Begun(
            id=run.id,
            recipients=run.recipients,
            status="Running" if at_once else TITLES[run.state],
            scheduled_for=run.scheduled_for,
        )
    )


def run_fields(
    run: Run, by_channel: Mapping[Channel, Mapping[CallStatus, int]], wait: Wait | None
) -> dict[str, Any]:
    """The fields of `RunOut`."""
    content = run.content
    return {
        "id": run.id,
        "campaign": run.campaign_id,
        "status": TITLES[run.state],
        "stopping": run.state is RunState.STOPPING,
        "services": content.services,
        "recipients": run.recipients,
        "message": content.message,
        "sms_message": content.sms_message,
        "failover_target": status_names(content.failover),
        "audio": content.audio and content.audio.name,
        "voice_input": content.voice,
        "priority": content.first,
        "queue_priority": run.queue_priority.name.lower(),
        "statuses": status_names(run.statuses),
        "individual": run.individual,
        "scheduled_for": run.scheduled_for,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "waiting_for": wait and wait.what,
        "waiting_until": wait and wait.until,
        "waiting_why": run.held_why if run.state is RunState.PAUSED else wait and wait.why,
        "counts": named_counts(summed(by_channel)),
        "service_counts": {
            service_name(channel): named_counts(counts) for channel, counts in sorted(by_channel.items())
        },
    }


def progress_out(progress: Progress) -> ProgressOut:
    """The progress for an answer."""
    return ProgressOut.model_validate(progress, from_attributes=True)


def call_out(call: Call, national: str) -> CallOut:
    """A call for an answer."""
    figures = measure(call)
    return CallOut(
        id=call.id,
        number_id=call.recipient_id,
        number=national,
        attempt=call.attempt,
        status=figures.status,
        reason=call.reason,
        explanation=sentence(call.reason),
        sip_status=call.sip_status,
        dialed_at=call.dialed_at,
        ringing_at=call.ringing_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        duration=figures.duration,
        heard=round((call.played_ms or 0) / 1000, 1),
        playback=figures.playback,
        credit_consumed=figures.credit_consumed,
        stand_in_voice=bool(call.stand_in_voice),
        digits=call.digits or "",
        service=service_name(call.channel),
        segments=call.segments,
        network_code=call.network_code,
    )
