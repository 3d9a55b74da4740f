"""What recipients would hear, and the account's own abbreviations."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from app.actions import previews
from app.actions.previews import Choice
from app.api.bodies import read
from app.api.costly import VoiceCounted, VoiceTurn
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount
from app.api.system.concern_schemas import ConcernOut, concern_out
from app.core.settings import Settings
from app.http.access import Access
from app.http.deps import AccessDep, CurrentWork, Id, PartsDep, SessionDep
from app.http.fields import LongText
from app.http.urls import public_url
from app.messages.preview import Preview, Which
from app.speech import abbreviations

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
    choice = Choice(body.which, body.individual)
    made = await previews.speak(
        parts, account, campaign_id, choice, message=body.message, voice=body.voice_input
    )
    shown = [_shown(request, parts.settings, access, one) for one in made.previews]
    warnings = sum(len(one.warnings) for one in made.previews)
    return ok(Previews(previews=shown, voice_input=made.voice, warnings=warnings))


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
