"""Recipients, which this API calls numbers, as clients send and read them."""

import json
from typing import Any

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from app.api.system.import_schemas import NoticeOut
from app.calls.models import Call
from app.recipients.models import Recipient
from app.runs.call_measures import measure

_TAGS_HELP = (
    "Values by tag name, with or without `tags_`; in a form, a field for each such as `available_tags[tags_name]`, or "
    "a JSON object as text. A null takes a value away."
)
_EXAMPLE = {"tags_name": "राम बहादुर", "tags_amount": "1250.50"}


def _as_object(value: Any) -> Any:
    """What a form sends as text, read as the JSON object that it holds; PHP writes an empty object as ``[]``."""
    if value == [] or (isinstance(value, str) and value.strip() in {"", "[]"}):
        return {}
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise PydanticCustomError("wrong_type", "This must be a JSON object of tag names and values.")
    return found


class AddNumber(BaseModel):
    """One more recipient."""

    number: Any = Field(description="A phone number in Nepal, integer or string.", examples=["9876543210"])
    available_tags: dict[str, Any] = Field(default_factory=dict, description=_TAGS_HELP, examples=[_EXAMPLE])

    _object = field_validator("available_tags", mode="before")(_as_object)


class ChangeNumber(BaseModel):
    """What to change about a recipient; what is left out stays, and so do tags that are not named."""

    number: Any = Field(None, description="The new number.", examples=["9876543210"])
    available_tags: dict[str, Any] | None = Field(None, description=_TAGS_HELP, examples=[_EXAMPLE])

    _object = field_validator("available_tags", mode="before")(_as_object)


class NumberOut(BaseModel):
    """A recipient with its latest call; `campaing` keeps the spelling that clients of this API read."""

    id: int
    number: str = Field(description="In the national form that was sent.")
    campaing: str = Field(description="Name of the campaign.")
    available_tags: dict[str, str] = Field(description="Values by tag name.")
    status: str = Field(
        description="Of the latest call: not started, queued, dialing, ringing, answered, completed, hungup, "
        "unanswered, failed or terminated."
    )
    duration: float = Field(description="Seconds between answer and end of the latest call.")
    playback: int = Field(
        description="Share of the audio that was heard in the latest call, percent, 0 to 100."
    )
    credit_consumed: int = Field(
        description="Billed minutes of the latest call: answered time, each minute begun."
    )


class NumberList(BaseModel):
    """Recipients in the order in which they were added."""

    numbers: list[NumberOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for what follows; null at the end.")


class OneNumber(BaseModel):
    """One recipient."""

    details: list[NumberOut]
    warnings: list[NoticeOut] = Field(
        default_factory=list, description="Of a number that was taken and may be wrong."
    )


class NumberDeleted(BaseModel):
    """A recipient that is gone."""

    number: str


def number_out(recipient: Recipient, campaign_name: str, latest: Call | None) -> NumberOut:
    """A recipient for an answer."""
    figures = measure(latest)
    return NumberOut(
        id=recipient.id,
        number=recipient.national,
        campaing=campaign_name,
        available_tags=recipient.tags,
        status=figures.status,
        duration=figures.duration,
        playback=figures.playback,
        credit_consumed=figures.credit_consumed,
    )
