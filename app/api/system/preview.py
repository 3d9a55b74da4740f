"""What recipients would hear, and the account's own abbreviations."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.bodies import read
from app.api.costly import VoiceCounted, VoiceTurn
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount
from app.api.system.concern_schemas import ConcernOut, concern_out
from app.campaigns import service as campaigns
from app.campaigns import tags
from app.campaigns.rules import refuse_no_message
from app.core.errors import invalid
from app.core.settings import Settings
from app.http.access import Access
from app.http.deps import AccessDep, CurrentWork, Id, PartsDep, SessionDep
from app.http.fields import LongText
from app.http.urls import public_url
from app.messages.preview import Preview, Which, previewed, recipients_for
from app.speech import abbreviations
from app.speech.voices import voice_named

router = APIRouter(prefix="/api/system", tags=["Test voice"])

_MOST_IDS = 50


class PreviewOrder(BaseModel):
    message: LongText | None = Field(
        None, description="Instead of the campaign's message; nothing is stored."
    )
    voice_input: str | None = Field(None, max_length=100, description="Instead of the campaign's voice.")
    which: Which = Field(
        "first", description="Ten recipients: the first, those with the longest values, or those without one."
    )
    individual: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(
        [], max_length=_MOST_IDS, description="These recipients instead, by id."
    )


class PreviewOut(BaseModel):
    id: int = Field(description="The recipient's.")
    number: str
    text: str = Field(description="The message with the recipient's values.")
    spoken_text: str = Field(description="What the speech engine is given; empty when nothing would be said.")
    duration: float = Field(description="Seconds of the spoken message.")
    voice_url: str | None = Field(
        description="A WAV, or with `.mp3` an MP3; opens without a token for an hour."
    )
    warnings: list[ConcernOut]


class Previews(BaseModel):
    previews: list[PreviewOut]
    voice_input: str
    warnings: int = Field(description="How many there are in these previews.")


class AbbreviationTable(BaseModel):
    model_config = ConfigDict(extra="ignore")

    abbreviations: dict[str, str] = Field(
        description="What is said, by what is written. Whole words, letter case as written; ahead of the built-in ones."
    )


@router.post(
    "/campaigns/{campaign_id}/preview",
    operation_id="preview_campaign",
    summary="Hear what recipients would hear",
    openapi_extra=body_of(
        PreviewOrder, {"which": "longest"}, {"message": "नमस्ते {tags_name}", "individual": [1]}, required=False
    ),
    responses=refusals(429, 503),
)
async def preview(
    request: Request,
    campaign_id: Id,
    account: CurrentAccount,
    _counted: VoiceCounted,
    body: Annotated[PreviewOrder, Depends(read(PreviewOrder))],
    _turn: VoiceTurn,
    parts: PartsDep,
    access: AccessDep,
) -> Success[Previews]:
    """Speaks the message for some recipients and says what may go wrong. Nobody is called."""
    async with parts.sessions() as session:
        # A session of its own, given back before anything is spoken: speaking takes seconds.
        campaign = await campaigns.find(session, account.id, campaign_id)
        message = body.message or campaign.message
        if not message:
            raise invalid(
                "message", "message_required", "The campaign has no message yet; send one to preview."
            )
        refuse_no_message(message)
        voice = voice_named(body.voice_input or campaign.voice_input)
        tags.check(tags.parse(message), campaign.usable_tags)
        chosen = await recipients_for(
            session, campaign_id, which=body.which, message=message, ids=body.individual
        )
        own = await abbreviations.table_of(session, account.id)
    found = await previewed(parts.speech, message, voice.name, own, chosen)
    shown = [_shown(request, parts.settings, access, one) for one in found]
    return ok(
        Previews(previews=shown, voice_input=voice.name, warnings=sum(len(one.warnings) for one in found))
    )


@router.get("/abbreviations", operation_id="list_abbreviations", summary="The account's own abbreviations")
async def list_abbreviations(account: CurrentAccount, session: SessionDep) -> Success[AbbreviationTable]:
    """What is said for what is written, beside what the service knows by itself."""
    return ok(AbbreviationTable(abbreviations=dict(await abbreviations.table_of(session, account.id))))


@router.put(
    "/abbreviations",
    operation_id="replace_abbreviations",
    summary="Teach the account's own abbreviations",
    openapi_extra=body_of(AbbreviationTable, {"abbreviations": {"NWSC": "नेपाल खानेपानी संस्थान"}}),
)
async def replace_abbreviations(
    account: CurrentAccount,
    work: CurrentWork,
    body: Annotated[AbbreviationTable, Depends(read(AbbreviationTable))],
) -> Success[AbbreviationTable]:
    """Replaces the whole table, at most 500 entries. Runs under way keep what they began with."""
    table = await abbreviations.replace(work.session, account.id, body.abbreviations)
    return ok(AbbreviationTable(abbreviations=dict(table)), "Abbreviations stored")


def _shown(request: Request, settings: Settings, access: Access, one: Preview) -> PreviewOut:
    url = None
    if one.key is not None:
        url = public_url(request, settings, access.links.sign(f"/api/system/voice/{one.key}.wav"))
    return PreviewOut(
        id=one.recipient.id,
        number=one.recipient.national,
        text=one.text,
        spoken_text=one.spoken_text,
        duration=one.ms / 1000,
        voice_url=url,
        warnings=[concern_out(concern) for concern in one.warnings],
    )
