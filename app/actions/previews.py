"""What recipients would hear and read, before anybody is called."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.campaigns import service as campaigns
from app.campaigns import tags
from app.campaigns.models import Campaign
from app.campaigns.rules import refuse_no_message
from app.core.errors import invalid
from app.messages.composing import rendered
from app.messages.concerns import Concern, different, preeti_in
from app.messages.preview import SHOWN, Preview, Which, previewed, recipients_for
from app.messages.sms_preview import LOOKED_AT, Size, Written, size_of, written
from app.messages.sms_text import CentreAlphabet
from app.recipients.models import Recipient
from app.speech import abbreviations
from app.speech.voices import voice_named
from app.wiring import Parts


@dataclass(frozen=True, slots=True)
class Choice:
    """Recipients of a preview: some of a kind, or these by id."""

    which: Which
    individual: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """What some recipients would hear, in the voice of that name."""

    previews: list[Preview]
    voice: str


@dataclass(frozen=True, slots=True)
class SmsPreviews:
    """What some recipients would read.

    Attributes:
        texts: of the recipients chosen.
        size: segments for all recipients.
        concerns: what may go wrong with the texts.
    """

    texts: list[tuple[Recipient, Written]]
    size: Size
    concerns: list[Concern]


async def speak(
    parts: Parts,
    account: Account,
    campaign_id: int,
    choice: Choice,
    *,
    message: str | None,
    voice: str | None,
) -> Spoken:
    """Speak a message for some recipients; nothing is stored.

    Args:
        parts: the process's.
        account: whose campaign it is.
        campaign_id: the campaign.
        choice: for whom.
        message: instead of the campaign's.
        voice: name of a voice instead of the campaign's.

    Raises:
        NotFoundError: ``campaign_not_found``.
        InvalidError: ``message_required``, ``unknown_tag``, ``unknown_voice``, ….
    """
    async with parts.sessions() as session:
        # A session of its own, given back before anything is spoken: speaking takes seconds.
        campaign = await campaigns.find(session, account.id, campaign_id)
        text = _usable("message", message or campaign.message, campaign)
        named = voice_named(voice or campaign.voice_input)
        chosen = await recipients_for(
            session, campaign_id, which=choice.which, message=text, ids=choice.individual
        )
        own = await abbreviations.table_of(session, account.id)
    return Spoken(await previewed(parts.speech, text, named.name, own, chosen), named.name)


async def write(
    parts: Parts,
    session: AsyncSession,
    account: Account,
    campaign_id: int,
    choice: Choice,
    *,
    message: str | None,
) -> SmsPreviews:
    """The SMS for some recipients with its segments, and the segments for all; nothing is sent.

    Raises:
        NotFoundError: ``campaign_not_found``.
        InvalidError: ``message_required``, ``unknown_tag``, ….
    """
    campaign = await campaigns.find(session, account.id, campaign_id)
    text = _usable("sms_message", message or campaign.content.text, campaign)
    chosen = await recipients_for(
        session, campaign_id, which=choice.which, message=text, ids=choice.individual, limit=SHOWN
    )
    measured = await recipients_for(session, campaign_id, which="first", message=text, limit=LOOKED_AT)
    centre, most = CentreAlphabet(parts.settings.sms_alphabet), parts.settings.sms_most_segments
    values = [one.tags for one in measured]
    size = await asyncio.to_thread(size_of, text, values, campaign.recipient_count, centre, most)
    texts = await asyncio.to_thread(lambda: [(one, written(text, one.tags, centre, most)) for one in chosen])
    typed = different([concern for one in chosen for concern in preeti_in(rendered(text, one.tags))])
    return SmsPreviews(texts, size, typed)


def _usable(field: str, message: str | None, campaign: Campaign) -> str:
    """The message; InvalidError when there is none, it says nothing, or it names a tag that the campaign lacks."""
    if not message:
        raise invalid(field, "message_required", "The campaign has no message yet; send one to preview.")
    refuse_no_message(message)
    tags.check(tags.parse(message), campaign.usable_tags)
    return message
