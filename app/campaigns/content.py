"""What is said and written, and in which voice: one value for a campaign, for what a begin brings, and for a run.

What a begin brings overlays the campaign's, and `for_run` makes of both what the run keeps, or says what is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from sqlalchemy import SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from app.campaigns import tags
from app.campaigns.rules import PHONE, SMS, as_field, check_message, parse_services
from app.core.errors import InvalidError, Item, all_invalid, invalid


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """An audio that was decoded and stored.

    Attributes:
        key: blob key of the PCM (8 kHz).
        name: what the client called the file.
        ms: length in milliseconds; None where it is not kept.
    """

    key: str
    name: str
    ms: int | None = None


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "services": parse_services,
    "message": check_message,
    "sms_message": partial(check_message, field="sms_message"),
}


@dataclass(frozen=True, slots=True)
class Content:
    """What recipients hear and read; None: nothing was said of it.

    Attributes:
        services: ``PHONE``, ``SMS`` or ``SMS & PHONE``.
        message: template of what is said.
        sms_message: template of what is written; None: the message.
        failover: numbers of the call states after which a recipient is sent the text; None: everybody is, at once.
        voice: name of a voice.
        audio: a recording that is played.
        first: ``message`` or ``audio``: what the call starts with when it has both.
    """

    services: str | None = None
    message: str | None = None
    sms_message: str | None = None
    failover: tuple[int, ...] | None = None
    voice: str | None = None
    audio: StoredAudio | None = None
    first: str | None = None

    def with_changes(self, changes: "Content") -> "Content":
        """The same with what `changes` says; a blank text or an empty failover takes away what there is."""
        given = {field.name: getattr(changes, field.name) for field in fields(changes)}
        return replace(self, **{name: value or None for name, value in given.items() if value is not None})

    def checked(self) -> "Content":
        """Each field as it will be kept, a blank text as "".

        Raises:
            InvalidError: with an item for each field that is wrong.
        """
        faults: list[Item] = []
        kept: dict[str, Any] = {}
        for name, check in _CHECKS.items():
            value = getattr(self, name)
            if value is not None:
                try:
                    kept[name] = check(value) or ""
                except InvalidError as error:
                    faults.extend(error.items)
        if faults:
            raise all_invalid(faults)
        return replace(self, **kept)

    @property
    def speaks(self) -> bool:
        """Whether anybody is called."""
        return self.services != SMS

    @property
    def writes(self) -> bool:
        """Whether anybody is sent a text."""
        return self.services != PHONE or self.failover is not None

    @property
    def text(self) -> str | None:
        """Template of what is written."""
        return self.sms_message or self.message

    @property
    def text_field(self) -> str:
        """The field in which a client sends `text`."""
        return "sms_message" if self.sms_message else "message"

    def for_run(self, usable_tags: Sequence[str]) -> "Content":
        """What a run keeps of it: a text only if it writes, a failover only if it calls, and what comes first.

        Raises:
            InvalidError: ``message_required``, ``message_or_audio_required``, ``priority_required``, ``unknown_tag``.
        """
        text = self._text_to_write(usable_tags) if self.writes else None
        first = self._what_comes_first() if self.speaks else "message"
        if self.message:
            tags.check(tags.parse(self.message), usable_tags)
        failover = self.failover if self.speaks else None
        return replace(self, sms_message=text, failover=failover, first=first)

    def _text_to_write(self, usable_tags: Sequence[str]) -> str:
        if not self.text:
            message = "Send a message or an sms_message: there is nothing to write."
            raise invalid("message", "message_required", message)
        try:
            tags.check(tags.parse(self.text), usable_tags)
        except InvalidError as error:
            raise as_field(error, self.text_field) from error
        return self.text

    def _what_comes_first(self) -> str:
        if not self.message and self.audio is None:
            message = "Send a message or an aud_file: there is nothing to say."
            raise invalid("message", "message_or_audio_required", message)
        if not self.message:
            return "audio"
        if self.audio is None:
            return "message"
        if self.first is None:
            choice = "send priority 'message' or 'audio': which one it starts with."
            message = f"The call has a message and an audio; {choice}"
            raise invalid("priority", "priority_required", message)
        return self.first


UNCHANGED = Content()


class ContentColumns:
    """The columns of a content, in the table of campaigns and in that of runs.

    A campaign also has `audio_ms`, the length of its audio, and a run has `first`.
    """

    services: Mapped[str]
    message: Mapped[str | None]
    sms_message: Mapped[str | None]
    failover: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    voice_input: Mapped[str]
    audio_key: Mapped[str | None]
    audio_name: Mapped[str | None]

    @property
    def content(self) -> Content:
        """What the row keeps."""
        return content_of(self)

    def keep(self, content: Content) -> None:
        """Keep this content instead."""
        for name, value in _values(content).items():
            if hasattr(type(self), name):
                setattr(self, name, value)

    @classmethod
    def content_columns(cls) -> list[InstrumentedAttribute[Any]]:
        """What a query selects for `content_of`."""
        return [getattr(cls, name) for name in _values(Content()) if hasattr(cls, name)]


def content_of(row: Any) -> Content:
    """The content in a row of a campaign or a run: an object, or what a query of `content_columns` found."""
    audio = row.audio_key and StoredAudio(row.audio_key, row.audio_name or "", getattr(row, "audio_ms", None))
    return Content(
        services=row.services,
        message=row.message,
        sms_message=row.sms_message,
        failover=None if row.failover is None else tuple(row.failover),
        voice=row.voice_input,
        audio=audio or None,
        first=getattr(row, "first", None),
    )


def _values(content: Content) -> dict[str, Any]:
    audio = content.audio
    return {
        "services": content.services,
        "message": content.message,
        "sms_message": content.sms_message,
        "failover": None if content.failover is None else [int(status) for status in content.failover],
        "voice_input": content.voice,
        "audio_key": audio and audio.key,
        "audio_name": audio and audio.name,
        "audio_ms": audio and audio.ms,
        "first": content.first,
    }
