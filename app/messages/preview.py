"""What recipients would hear, before anybody is called: the text, its reading, its length, and what may go wrong."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.campaigns import tags
from app.core.errors import InvalidError
from app.messages.composing import rendered_for_voice
from app.recipients.models import Recipient
from app.speech.abbreviations import Table
from app.speech.kinds.latin import guessed
from app.speech.normalise import is_speakable, spoken
from app.speech.service import Speech

Which = Literal["first", "longest", "missing"]

SHOWN: Final = 10
"""Recipients in one preview."""
LOOKED_AT: Final = 20
"""Recipients whose texts a begin looks at: it answers in a time that does not grow with the campaign."""
LONG_S: Final = 60

_CHARACTERS_A_SECOND: Final = 13
"""Of spoken text; measured on bills and notices, 12 to 15 by voice."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person should look at.

    Attributes:
        code: ``missing_tag``, ``nothing_to_say``, ``latin_guessed`` or ``too_long``.
        message: what it is about.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What one recipient would hear.

    Attributes:
        recipient: whom it is for.
        text: the message with the recipient's values in it.
        spoken_text: its reading; empty when nothing would be said.
        ms: length of the spoken message; 0 when there is none.
        key: `Speech.load` finds the sound by it; None when there is none.
        warnings: what may go wrong.
    """

    recipient: Recipient
    text: str
    spoken_text: str
    ms: int
    key: str | None
    warnings: tuple[Concern, ...]


async def recipients_for(
    session: AsyncSession,
    campaign_id: int,
    *,
    which: Which,
    message: str,
    ids: Sequence[int] = (),
    limit: int = SHOWN,
) -> Sequence[Recipient]:
    """The campaign's recipients `ids`, or else its first, those with the longest values, or those that lack one."""
    query = select(Recipient).where(Recipient.campaign_id == campaign_id, Recipient.deleted_at.is_(None))
    if ids:
        query = query.where(Recipient.id.in_(ids))
    elif which == "missing":
        query = query.where(_lacks(message))
    if which == "longest" and not ids:
        query = query.order_by(func.length(cast(Recipient.tags, Text)).desc())
    return (await session.scalars(query.order_by(Recipient.id).limit(limit))).all()


def _lacks(message: str) -> ColumnElement[bool]:
    """A tag of `message` that has no default has no value."""
    needed = {
        part.name
        for part in tags.parse(message).segments
        if isinstance(part, tags.Tag) and part.default is None
    }
    missing = [func.coalesce(func.btrim(Recipient.tags[name].astext), "") == "" for name in sorted(needed)]
    return or_(*missing) if missing else and_(Recipient.id.is_(None))


async def previewed(
    speech: Speech, message: str, voice: str, own: Table, recipients: Sequence[Recipient]
) -> list[Preview]:
    """A preview for each of `recipients`, spoken one after the other so that calls under way keep their turn.

    Raises:
        UnavailableError: ``speech_failed``.
    """
    return [await _preview(speech, message, voice, own, recipient) for recipient in recipients]


async def _preview(speech: Speech, message: str, voice: str, own: Table, recipient: Recipient) -> Preview:
    rendered = rendered_for_voice(message, recipient.tags)
    shown = tags.parse(message).render(recipient.tags).text
    warnings = _before(rendered, own)
    if rendered.missing:
        return Preview(recipient, shown, "", 0, None, warnings)
    try:
        said = await speech.say(rendered.text, voice, own)
    except InvalidError as error:
        item = error.items[0]
        return Preview(recipient, shown, "", 0, None, (*warnings, Concern(item.code, item.message)))
    if said.duration_ms > LONG_S * 1000:
        warnings += (_too_long(said.duration_ms / 1000),)
    return Preview(recipient, shown, said.spoken_text, said.duration_ms, said.key, warnings)


async def count_warnings(session: AsyncSession, campaign_id: int, message: str, own: Table) -> int:
    """How many warnings the texts of the campaign's first `LOOKED_AT` recipients give; nothing is spoken."""
    looked_at = await recipients_for(session, campaign_id, which="first", message=message, limit=LOOKED_AT)
    values = [dict(recipient.tags) for recipient in looked_at]
    return await asyncio.to_thread(_count, message, own, values)


def _count(message: str, own: Table, values: Sequence[Mapping[str, str]]) -> int:
    count = 0
    for one in values:
        rendered = rendered_for_voice(message, one)
        count += len(_before(rendered, own))
        if not rendered.missing:
            words = spoken(rendered.text, dict(own))
            count += (not is_speakable(words)) + (len(words) > LONG_S * _CHARACTERS_A_SECOND)
    return count


def _before(rendered: tags.Rendered, own: Table) -> tuple[Concern, ...]:
    """What can be told from the text alone."""
    warnings = [
        Concern(
            "missing_tag",
            f"This recipient has no {name} and the message no default; they would not be called.",
        )
        for name in rendered.missing
    ]
    known = {word for written, _ in own for word in written.split()}
    words = [word for word in guessed(rendered.text) if word not in known]
    if words:
        listed = ", ".join(words[:10])
        warnings.append(
            Concern(
                "latin_guessed",
                f"Read as Nepali by rules: {listed}. Write it in Devanagari, or add an abbreviation.",
            )
        )
    return tuple(warnings)


def _too_long(seconds: float) -> Concern:
    return Concern("too_long", f"The message takes {seconds:.0f} s; few people listen for over {LONG_S}.")
