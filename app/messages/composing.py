"""What one recipient hears: the message with their tags in it, spoken, and the uploaded audio, in the run's order."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.audio.pcm import duration_ms, join
from app.campaigns import tags
from app.campaigns.content import Content
from app.core.bytecache import ByteCache
from app.core.errors import InvalidError, ProblemError
from app.core.logging import get_logger
from app.files.blobs import BlobStore
from app.speech import limits
from app.speech.reading import Table
from app.speech.service import Speech, Spoken

_SHARED_BYTES = 64 * 1024**2
_OF_THE_TEXT = frozenset({"nothing_to_say", limits.CODE})

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Script:
    """What decides what a recipient of a run hears and reads.

    Attributes:
        content: the run's.
        abbreviations: the account's own, written form and what is said.
    """

    content: Content
    abbreviations: Table = ()


@dataclass(frozen=True, slots=True)
class Audio:
    """What is played: signed 16-bit mono PCM at 8 kHz, its length, and whether the built-in engine stood in."""

    pcm: bytes
    ms: int
    fallback: bool = False


class CannotComposeError(Exception):
    """Nothing can be played to this recipient; `reason` is a key of `app.calls.reasons.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@lru_cache(maxsize=256)
def _template(message: str) -> tags.Template:
    return tags.parse(message)


def rendered(message: str, values: Mapping[str, str]) -> tags.Rendered:
    """`message`, a template that `tags.parse` takes, for a recipient with these values."""
    return _template(message).render(values)


class Composer:
    """Makes the audio of one call; identical audio is one buffer for all calls of the process."""

    def __init__(self, speech: Speech, blobs: BlobStore) -> None:
        self._speech = speech
        self._blobs = blobs
        self._shared = ByteCache(_SHARED_BYTES)

    async def compose(self, script: Script, values: Mapping[str, str]) -> Audio:
        """The audio for a recipient with these tag values.

        Raises:
            CannotComposeError: ``missing_tag``, ``nothing_to_say``, ``message_too_long_when_read``,
                ``speech_failed`` or ``audio_missing``.
        """
        content, audio = script.content, script.content.audio
        said = await self._speak(script, values) if content.message else None
        if audio is None:
            return Audio(said.pcm, said.duration_ms, said.fallback) if said else Audio(b"", 0)
        recorded = await self._recorded(audio.key)
        if said is None:
            return Audio(recorded, duration_ms(recorded))
        key = (said.key, audio.key, content.first)
        both = self._shared.get(key)
        if both is None:
            both = join(said.pcm, recorded) if content.first == "message" else join(recorded, said.pcm)
            self._shared.put(key, both)
        return Audio(both, duration_ms(both), said.fallback)

    async def _speak(self, script: Script, values: Mapping[str, str]) -> Spoken:
        for_one = rendered(script.content.message or "", values)
        if for_one.missing:
            raise CannotComposeError("missing_tag")
        try:
            return await self._speech.say(for_one.parts, script.content.voice or "", script.abbreviations)
        except InvalidError as error:
            code = error.items[0].code
            raise CannotComposeError(code if code in _OF_THE_TEXT else "speech_failed") from error
        except Exception as error:
            log.exception("speech_failed")
            raise CannotComposeError("speech_failed") from error

    async def _recorded(self, key: str) -> bytes:
        pcm = self._shared.get(key)
        if pcm is None:
            try:
                pcm = await self._blobs.get(key)
            except ProblemError as error:
                raise CannotComposeError("audio_missing") from error
            if pcm is None:
                raise CannotComposeError("audio_missing")
            self._shared.put(key, pcm)
        return pcm
