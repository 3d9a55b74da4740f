"""Campaigns as clients send and read them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import UploadFile
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from app.api.system.import_schemas import ImportOut
from app.calls.state import CallStatus, public_name
from app.campaigns import rules
from app.campaigns.content import Content
from app.campaigns.models import Campaign
from app.core.clock import to_kathmandu
from app.core.errors import InvalidError
from app.http.fields import Name
from app.http.paging import Pagination
from app.runs.begin_fields import parse_failover
from app.runs.models import Run
from app.runs.state import NOT_STARTED, TITLES

KathmanduTime = Annotated[datetime, AfterValidator(to_kathmandu)]
"""A moment as answers show it: ISO 8601, whole seconds, +05:45."""


def _by_rule(rule: Callable[[str], str]) -> Callable[[str], str]:
    """A domain's rule as a field's check, so that its faults are listed with the others."""

    def check(value: str) -> str:
        try:
            return rule(value)
        except InvalidError as error:
            fault = error.items[0]
            raise PydanticCustomError(fault.code, fault.message) from error

    return check


def _no_truth_value(value: Any) -> Any:
    """Python counts true as the integer 1; a caller number's id it is not."""
    if isinstance(value, bool):
        raise PydanticCustomError("wrong_type", "This must be a whole number.")
    return value


def _joined(value: Any) -> Any:
    """Of several boxes ticked in a form, or a list in JSON, one text; of one service none is left out."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " & ".join(value)
    return value


CallerId = Annotated[int, BeforeValidator(_no_truth_value)]
Services = Annotated[
    list[str] | str, BeforeValidator(_joined), AfterValidator(_by_rule(rules.parse_services))
]
"""A text once it is checked; sent, it may be a list."""
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=rules.DESCRIPTION_LIMIT)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=rules.MESSAGE_LIMIT)]

Failover = list[Any]
"""Names of call states for `app.runs.begin_fields.parse_failover`; a text with commas is split as other lists are."""

_SERVICES_HELP = "PHONE, SMS or SMS & PHONE, in any case; or a list of the two."
_MESSAGE_HELP = (
    "What is said. `{tags_name}` is replaced by the recipient's value, `{tags_name|default}` by the default when there "
    "is none; `{{` and `}}` are braces."
)
_SMS_HELP = "What the SMS says, with tags as in `message`. Left out: the message."
_FAILOVER_HELP = (
    "Ends of a call after which its recipient is sent the SMS, once: hungup, unanswered, failed, completed. A list, or "
    "one text with commas. Left out, SMS & PHONE writes to everybody at once."
)
_CALLERS_HELP = "Ids of the account's caller numbers; the first is shown to the callee."


class AddCampaign(BaseModel):
    """A new campaign; `individual_number`, `send_to_number_file` or both say whom it calls."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: Name
    services: Services = Field(description=_SERVICES_HELP)
    individual_number: list[Any] | StrictInt | None = Field(
        None,
        description="Phone numbers, as integers or strings; a form may repeat the field or separate by commas.",
    )
    send_to_number_file: str | UploadFile | None = Field(
        None,
        description="A .csv, .tsv, .txt, .xlsx, .xlsm or .ods file, or the name of one uploaded before to "
        "`/api/system/files/`.",
    )
    include_hidden: bool | None = Field(
        None, description="Take rows too that the sheet does not show, hidden or filtered out."
    )
    description: Description | None = None
    message: Text | None = Field(None, description=_MESSAGE_HELP)
    user_phone: list[CallerId] | StrictInt | None = Field(None, description=_CALLERS_HELP)
    sms_message: Text | None = Field(None, description=_SMS_HELP)
    failover_target: Failover | None = Field(None, description=_FAILOVER_HELP)

    def numbers(self) -> list[Any] | None:
        """The numbers given one by one; None when the field is absent."""
        given = self.individual_number
        return [given] if isinstance(given, int) else given


class UpdateCampaign(BaseModel):
    """The fields to change; those left out stay as they are."""

    name: Name | None = None
    services: Services | None = Field(None, description=_SERVICES_HELP)
    description: Description | None = None
    message: Text | None = Field(None, description=f"{_MESSAGE_HELP} An empty text takes the message away.")
    user_phone: list[CallerId] | StrictInt | None = Field(None, description=_CALLERS_HELP)
    sms_message: Text | None = Field(None, description=f"{_SMS_HELP} An empty text takes it away.")
    failover_target: Failover | None = Field(
        None, description=f"{_FAILOVER_HELP} An empty one takes the failover away."
    )


def sent_content(body: AddCampaign | UpdateCampaign) -> Content:
    """What is said and written, of a body.

    Raises:
        InvalidError: field ``failover_target``, code ``unknown_status``.
    """
    given = body.failover_target
    return Content(
        services=None if body.services is None else str(body.services),
        message=body.message,
        sms_message=body.sms_message,
        failover=None if given is None else parse_failover(given) or (),
    )


class AudioOut(BaseModel):
    """The recording that a campaign plays."""

    name: str = Field(description="What the file was called.")
    duration: float = Field(description="Seconds.")


class LatestRun(BaseModel):
    """The run that a campaign's status is taken from."""

    id: int
    status: str
    recipients: int
    scheduled_for: KathmanduTime
    started_at: KathmanduTime | None
    finished_at: KathmanduTime | None


class CampaignOut(BaseModel):
    """A campaign."""

    id: int
    name: str
    user_phone: list[int] = Field(description="Ids of the account's caller numbers.")
    services: str
    description: str
    usable_tags: list[str] = Field(
        description="Tags that a message may use, in the order of the file's columns."
    )
    status: str = Field(
        description="Of the latest run: Not Started, Scheduled, Running, Paused, Completed or Terminated."
    )
    recipients: int
    message: str | None
    sms_message: str | None = Field(description="What the SMS says; null: the message.")
    failover_target: list[str] | None = Field(
        description="Ends of a call after which its recipient is sent the SMS; null: no failover."
    )
    audio: AudioOut | None
    voice_input: str
    latest_run: LatestRun | None
    created_at: KathmanduTime
    updated_at: KathmanduTime


class CampaignDetails(CampaignOut):
    """A campaign with what became of its recipients."""

    status_counts: dict[str, int] = Field(
        description="Recipients per status of their latest call; `not started` are those that no run has reached."
    )


class Added(BaseModel):
    """A campaign just added."""

    model_config = ConfigDict(populate_by_name=True)

    details: list[CampaignOut]
    imported: ImportOut = Field(alias="import")


class Updated(BaseModel):
    """A campaign as it now is."""

    details: list[CampaignOut]


class Deleted(BaseModel):
    """The key keeps the spelling that clients of this API read."""

    camaign: str


class Details(BaseModel):
    """One campaign."""

    messages: str
    details: list[CampaignDetails]


class CampaignList(BaseModel):
    """Campaigns of one page."""

    model_config = ConfigDict(populate_by_name=True)

    messages: str
    campaigns: list[CampaignOut] = Field(alias="campaign-lists")


class CampaignPageOut(BaseModel):
    """The list of campaigns, in the shape that clients of this API know; it has no envelope."""

    pagination: Pagination
    result: CampaignList


def campaign_out(campaign: Campaign, latest: Run | None) -> CampaignOut:
    """A campaign for an answer."""
    return CampaignOut(**campaign_fields(campaign, latest))


def campaign_fields(campaign: Campaign, latest: Run | None) -> dict[str, Any]:
    """The fields of `CampaignOut`."""
    content = campaign.content
    audio = content.audio and AudioOut(
        name=content.audio.name, duration=round((content.audio.ms or 0) / 1000, 1)
    )
    return {
        "id": campaign.id,
        "name": campaign.name,
        "user_phone": campaign.user_phone,
        "services": content.services,
        "description": campaign.description,
        "usable_tags": campaign.usable_tags,
        "status": NOT_STARTED if latest is None else TITLES[latest.state],
        "recipients": campaign.recipient_count,
        "message": content.message,
        "sms_message": content.sms_message,
        "failover_target": status_names(content.failover),
        "audio": audio,
        "voice_input": content.voice,
        "latest_run": None if latest is None else _latest_run(latest),
        "created_at": campaign.created_at,
        "updated_at": campaign.updated_at,
    }


def status_names(statuses: Sequence[int] | None) -> list[str] | None:
    """Stored statuses by the names that clients read."""
    return None if statuses is None else [public_name(CallStatus(status)) for status in statuses]


def _latest_run(run: Run) -> LatestRun:
    return LatestRun(
        id=run.id,
        status=TITLES[run.state],
        recipients=run.recipients,
        scheduled_for=run.scheduled_for,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )
