"""What recipients would hear, before anybody is called: the text, its reading, its length, and what may go wrong."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.campaigns import tags
from app.core.errors import InvalidError, Item, UnavailableError, all_invalid
from app.core.logging import get_logger
from app.messages.composing import rendered
from app.messages.concerns import Concern, preeti_in
from app.recipients.models import Recipient
from app.speech.reading import Reading, Table
from app.speech.service import Speech

Which = Literal["first", "longest", "missing"]

SHOWN: Final = 10
"""Recipients in one preview."""
LOOKED_AT: Final = 20
"""Recipients whose texts a begin looks at: it answers in a time that does not grow with the campaign."""
LONG_S: Final = 60

_READING_S: Final = 3.0
"""Seconds in which a request reads texts; a hundred usual ones take a tenth of one."""
_CHARACTERS_A_SECOND: Final = 13
"""Of spoken text; measured on bills and notices, 12 to 15 by voice."""

_log = get_logger(__name__)


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
        InvalidError: ``message_too_long_when_read``, an item for each recipient whose text is.
        UnavailableError: ``speech_failed``.
    """
    await _readings(speech, message, own, recipients)
    return [await _preview(speech, message, voice, own, recipient) for recipient in recipients]


async def _preview(speech: Speech, message: str, voice: str, own: Table, recipient: Recipient) -> Preview:
    for_one = rendered(message, recipient.tags)
    reading = await speech.read(for_one.parts, own)
    warnings = _before(for_one, reading, own)
    if for_one.missing:
        return Preview(recipient, for_one.text, "", 0, None, warnings)
    try:
        said = await speech.say(for_one.parts, voice, own)
    except InvalidError as error:
        item = error.items[0]
        return Preview(recipient, for_one.text, "", 0, None, (*warnings, Concern(item.code, item.message)))
    if said.duration_ms > LONG_S * 1000:
        warnings += (_too_long(said.duration_ms / 1000),)
    return Preview(recipient, for_one.text, said.spoken_text, said.duration_ms, said.key, warnings)


async def concerns_of(
    speech: Speech, message: str, own: Table, recipients: Sequence[Recipient]
) -> list[Concern]:
    """What may go wrong with the texts of `recipients`, in their order; nothing is spoken.

    As many are read as time is for: a begin waits for `_READING_S` at most.

    Raises:
        InvalidError: ``message_too_long_when_read``, an item for each recipient whose text is.
    """
    found: list[Concern] = []
    for for_one, reading in await _readings(speech, message, own, recipients):
        found += _before(for_one, reading, own)
        if for_one.missing:
            continue
        if not reading.words:
            found.append(
                Concern("nothing_to_say", "Nothing in this message can be spoken; write some words.")
            )
        if len(reading.words) > LONG_S * _CHARACTERS_A_SECOND:
            found.append(_too_long(len(reading.words) / _CHARACTERS_A_SECOND))
    return found


async def _readings(
    speech: Speech, message: str, own: Table, recipients: Sequence[Recipient]
) -> list[tuple[tags.Rendered, Reading]]:
    """The texts of `recipients`, as many as can be read in `_READING_S`, one after the other."""
    found: list[tuple[tags.Rendered, Reading]] = []
    too_long: list[Item] = []
    try:
        async with asyncio.timeout(_READING_S):
            for recipient in recipients:
                for_one = rendered(message, recipient.tags)
                try:
                    found.append((for_one, await speech.read(for_one.parts, own)))
                except InvalidError as error:
                    too_long += [_of_recipient(recipient, item) for item in error.items]
    except (TimeoutError, UnavailableError):
        _log.warning("texts_not_read", read=len(found), of=len(recipients))
    if too_long:
        raise all_invalid(too_long)
    return found


def _of_recipient(recipient: Recipient, item: Item) -> Item:
    return Item(item.field, item.code, f"Recipient {recipient.national}: {item.message}")


def _before(for_one: tags.Rendered, reading: Reading, own: Table) -> tuple[Concern, ...]:
    """What can be told from the text alone."""
    warnings = [
        Concern(
            "missing_tag",
            f"This recipient has no {name} and the message no default; they would not be called.",
        )
        for name in for_one.missing
    ]
    typed = preeti_in(for_one)
    known = {word for written, _ in own for word in written.split()}
    words = [word for word in reading.guessed if word not in known]
    if words and not typed:
        listed = ", ".join(words[:10])
        warnings.append(
            Concern(
                "latin_guessed",
                f"Read as Nepali by rules: {listed}. Write it in Devanagari, or add an abbreviation.",
            )
        )
    return (*warnings, *typed)


def _too_long(seconds: float) -> Concern:
    return Concern("too_long", f"The message takes {seconds:.0f} s; few people listen for over {LONG_S}.")
