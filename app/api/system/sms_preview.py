"""What recipients would read, and what it takes."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from app.actions import previews
from app.actions.previews import Choice
from app.api.bodies import read
from app.api.costly import VoiceCounted, VoiceTurn
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount
from app.api.system.concern_schemas import ConcernOut, concern_out
from app.calls.reasons import sentence
from app.http.deps import Id, PartsDep, SessionDep
from app.http.fields import LongText
from app.messages.preview import Which
from app.messages.sms_preview import LOOKED_AT, MANY, Size, Written
from app.recipients.models import Recipient
from app.runs.sms_plan import too_many

router = APIRouter(prefix="/api/system", tags=["Test voice"])


class SmsPreviewOrder(BaseModel):
    sms_message: LongText | None = Field(
        None, description="Instead of the campaign's text; nothing is stored."
    )
    which: Which = Field(
        "first", description="Ten recipients: the first, those with the longest values, or those without one."
    )
    individual: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(
        [], max_length=50, description="These recipients instead, by id."
    )


class SmsOut(BaseModel):
    id: int = Field(description="The recipient's.")
    number: str
    text: str = Field(description="The message with the recipient's values; empty when none would be sent.")
    alphabet: str | None = Field(
        description="gsm7, or ucs2 as Devanagari needs; null when none would be sent."
    )
    segments: int
    units: int = Field(description="Septets (gsm7) or UTF-16 units (ucs2) of the text.")
    problem: str | None = Field(description="Code of why none would be sent; null: it would be.")
    explanation: str | None = Field(description="The same for a person.")


class SmsSize(BaseModel):
    """How many segments a message takes."""

    least: int = Field(description="Segments of the shortest text among the recipients looked at.")
    most: int = Field(description="Segments of the longest.")
    segments: int = Field(description="Segments for all recipients.")
    exact: bool = Field(
        description=f"False: reckoned from {LOOKED_AT} recipients, since there are more and their texts differ."
    )
    warnings: list[ConcernOut] = Field(
        description=f"`many_segments`: over {MANY} for one person. `too_many_segments`: more than are sent; begin "
        "refuses the text."
    )


class SmsPreviews(BaseModel):
    previews: list[SmsOut]
    total: SmsSize


@router.post(
    "/campaigns/{campaign_id}/sms_preview",
    operation_id="preview_sms",
    summary="Read what recipients would read",
    openapi_extra=body_of(
        SmsPreviewOrder, {"which": "longest"}, {"sms_message": "नमस्ते {tags_name}"}, required=False
    ),
    responses=refusals(429, 503),
)
async def sms_preview(
    campaign_id: Id,
    account: CurrentAccount,
    _counted: VoiceCounted,
    body: Annotated[SmsPreviewOrder, Depends(read(SmsPreviewOrder))],
    _turn: VoiceTurn,
    parts: PartsDep,
    session: SessionDep,
) -> Success[SmsPreviews]:
    """The SMS for some recipients with its segments, and the segments for all. Nothing is sent."""
    choice = Choice(body.which, body.individual)
    made = await previews.write(parts, session, account, campaign_id, choice, message=body.sms_message)
    total = size_out(made.size, parts.settings.sms_most_segments)
    total.warnings += [concern_out(concern) for concern in made.concerns]
    return ok(SmsPreviews(previews=[_shown(recipient, sms) for recipient, sms in made.texts], total=total))


def size_out(size: Size, most: int) -> SmsSize:
    """The size for an answer, with what it costs where that is much.

    Args:
        size: as measured.
        most: segments that a recipient may be sent.
    """
    warnings: list[ConcernOut] = []
    if size.most > MANY:
        message = (
            f"Up to {size.most} segments a person, {size.segments:,} in all: operators bill each segment as a message. "
            "A segment holds 67 letters of Devanagari or 153 Latin ones."
        )
        warnings.append(ConcernOut(code="many_segments", message=message, suggestion=None))
    if size.refused:
        warnings.append(
            ConcernOut(code="too_many_segments", message=too_many(size.refused, most), suggestion=None)
        )
    return SmsSize(
        least=size.least, most=size.most, segments=size.segments, exact=size.exact, warnings=warnings
    )


def _shown(recipient: Recipient, sms: Written) -> SmsOut:
    return SmsOut(
        id=recipient.id,
        number=recipient.national,
        text=sms.text,
        alphabet=sms.alphabet,
        segments=sms.segments,
        units=sms.units,
        problem=sms.problem,
        explanation=sentence(sms.problem),
    )
