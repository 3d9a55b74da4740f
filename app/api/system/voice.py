"""Hearing a message before anybody is called with it."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints

from app.api.bodies import read
from app.api.costly import VoiceCounted, VoiceTurn
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount
from app.api.system.concern_schemas import ConcernOut, concern_out
from app.audio.pcm import mp3_bytes, wav_bytes
from app.campaigns.rules import refuse_no_message
from app.core.errors import Item, NotFoundError
from app.http.deps import AccessDep, PartsDep
from app.http.urls import public_url
from app.messages.concerns import preeti_of
from app.speech import abbreviations
from app.speech.voices import voice_named

router = APIRouter(prefix="/api/system", tags=["Test voice"])

LONGEST_MESSAGE = 2000
Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_MESSAGE)]
MEDIA = {"wav": "audio/wav", "mp3": "audio/mpeg"}
Kind = Literal["wav", "mp3"]
_SOUNDS = {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()}


class VoiceTest(BaseModel):
    message: Message = Field(description="What is to be said; tags are not filled in.")
    voice_input: str | None = Field(
        None, max_length=100, description="`np_rija` (default), `np_prasanna` or `np_binod`."
    )


class Heard(BaseModel):
    voice_url: str = Field(description="A WAV, or with `.mp3` an MP3; opens without a token for an hour.")
    voice_input: str
    duration: float = Field(description="Seconds.")
    spoken_text: str = Field(
        description="What the speech engine was given: numbers, dates and amounts as words."
    )
    warnings: list[ConcernOut] = Field(description="A message typed for the Preeti font (`preeti_text`).")


@router.post(
    "/test/voice",
    operation_id="test_voice",
    summary="Hear a message",
    response_model=Success[Heard],
    openapi_extra=body_of(
        VoiceTest,
        {"message": "नमस्ते, तपाईंको रु १,२५,००० भुक्तानी बाँकी छ।", "voice_input": "np_rija"},
    ),
    responses={200: {"content": _SOUNDS}, **refusals(400, 401, 415, 422, 429, 503)},
)
async def test_voice(
    request: Request,
    account: CurrentAccount,
    _counted: VoiceCounted,  # noqa: PT019 - this is no test
    body: Annotated[VoiceTest, Depends(read(VoiceTest))],
    _turn: VoiceTurn,  # noqa: PT019
    parts: PartsDep,
    access: AccessDep,
) -> Success[Heard] | Response:
    """Speaks a message, exactly as a call would.

    With `Accept: audio/wav` or `audio/mpeg` the sound itself comes back. Otherwise `data.voice_url` is an address
    that plays in a browser for an hour.
    """
    refuse_no_message(body.message)
    async with parts.sessions() as session:
        own = await abbreviations.table_of(session, account.id)
    voice = voice_named(parts.settings.default_voice if body.voice_input is None else body.voice_input)
    spoken = await parts.speech.say(body.message, voice.name, own)
    wanted = _wanted(request.headers.get("accept", ""))
    if wanted is not None:
        return await _sound(spoken.pcm, wanted)
    path = access.links.sign(f"/api/system/voice/{spoken.key}.wav")
    heard = Heard(
        voice_url=public_url(request, parts.settings, path),
        voice_input=voice.name,
        duration=spoken.duration_ms / 1000,
        spoken_text=spoken.spoken_text,
        warnings=[concern_out(concern) for concern in preeti_of(body.message)],
    )
    return ok(heard)


@router.get(
    "/voice/{key}.{kind}",
    operation_id="voice_audio",
    summary="The sound behind a voice_url",
    response_class=Response,
    responses={200: {"content": _SOUNDS}, **refusals(401, 404)},
)
async def voice_audio(
    key: str,
    kind: Kind,
    parts: PartsDep,
    access: AccessDep,
    expires: Annotated[str, Query(description="Unix time, seconds.")] = "",
    signature: Annotated[str, Query(description="HMAC-SHA256 of path and expiry.")] = "",
) -> Response:
    """Needs no token: the address is signed, and expires. Write `.mp3` for `.wav` to have an MP3."""
    # Both endings share one signature: a client may ask for either without coming back.
    access.links.check(f"/api/system/voice/{key}.wav", expires, signature)
    pcm = await parts.speech.load(key)
    if pcm is None:
        message = "This sound is no longer kept. Ask for a new one: POST /api/system/test/voice/."
        raise NotFoundError(Item(None, "voice_gone", message))
    return await _sound(pcm, kind)


def _wanted(accept: str) -> Kind | None:
    """The kind of sound asked for by name, before any JSON; ``*/*`` asks for none."""
    asked = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    for name in asked:
        if name in {"audio/wav", "audio/x-wav", "audio/wave"}:
            return "wav"
        if name in {"audio/mpeg", "audio/mp3"}:
            return "mp3"
        if name == "application/json":
            return None
    return None


async def _sound(pcm: bytes, kind: Kind) -> Response:
    # Encoding MP3 takes about a millisecond for each second of sound.
    data = await asyncio.to_thread(mp3_bytes if kind == "mp3" else wav_bytes, pcm)
    headers = {"Content-Disposition": f'inline; filename="voice.{kind}"'}
    return Response(data, media_type=MEDIA[kind], headers=headers)
