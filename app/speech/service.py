"""Texts to sound, each said once: cached by content, shared by all who ask."""

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.audio.pcm import duration_ms
from app.core.errors import Item, UnavailableError, invalid
from app.core.logging import get_logger
from app.core.shared import SharedWork
from app.files.blobs import BlobStore
from app.speech.cache import SoundCache
from app.speech.child import END_SILENCE_MS
from app.speech.engines import BUILT_IN
from app.speech.normalise import NORMALISER_VERSION
from app.speech.pool import SpeechPool
from app.speech.reading import Parts, Reading, Table
from app.speech.voices import VOICES, Voice, voice_named

_AUDIO_VERSION: Final = 2  # goes up when levelling, resampling or the end silences change
_LEFT_ALONE_S: Final = 30.0
"""Seconds that an engine which could not speak is not asked again: no call is to wait for it in vain."""

_log = get_logger(__name__)
_KEY: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text as sound.

    Attributes:
        pcm: signed 16-bit mono little-endian at 8,000 Hz; the same object for all who asked for the same.
        spoken_text: what the engine was given.
        key: 64 hexadecimal digits; `Speech.load` finds the sound by it.
        duration_ms: length of `pcm`.
        fallback: the voice's own engine could not speak, and the built-in one did.
    """

    pcm: bytes
    spoken_text: str
    key: str
    duration_ms: int
    fallback: bool = False


class Speech:
    """The service that says texts."""

    def __init__(
        self,
        pool: SpeechPool,
        blobs: BlobStore,
        cache_bytes: int,
        *,
        voices: Mapping[str, Voice] = VOICES,
        elsewhere_at_once: int = 2,
    ) -> None:
        """Nothing is started yet.

        Args:
            pool: speaks; knows `voices`.
            blobs: where sounds are kept.
            cache_bytes: size in bytes that the stored sounds are kept under.
            voices: which engine speaks each of ours.
            elsewhere_at_once: texts that engines other than the built-in one speak at the same time.
        """
        self._pool = pool
        self._voices = voices
        self._slots = asyncio.Semaphore(elsewhere_at_once)
        self._resting_until: dict[str, float] = {}
        self._cache = SoundCache(blobs, cache_bytes)
        self._under_way: SharedWork[bytes] = SharedWork()

    async def start(self) -> None:
        """Start the speech processes.

        Raises:
            EngineError: an engine does not start, or a voice is missing.
        """
        await self._pool.start()
        self._cache.trim_soon()

    async def close(self) -> None:
        """Finish what is being spoken, then end the processes."""
        await self._under_way.finish()
        await self._cache.close()
        await self._pool.close()

    async def read(self, parts: Parts, own: Table = ()) -> Reading:
        """How a text is read out; nothing is spoken.

        Raises:
            InvalidError: ``message_too_long_when_read``.
            UnavailableError: ``speech_failed``.
        """
        return await self._pool.read(parts, own)

    async def say(self, text: str | Parts, voice: str, own: Table = ()) -> Spoken:
        """`text`, with a recipient's values in it or none, in the voice named `voice`.

        Args:
            text: at most `app.speech.limits.LONGEST_TEXT` characters.
            voice: one of `app.speech.voices`.
            own: abbreviations of the account.

        Raises:
            InvalidError: ``unknown_voice``; ``nothing_to_say`` when no word is left of the text;
                ``message_too_long_when_read``.
            UnavailableError: ``speech_failed``.
        """
        chosen = self._voices[voice_named(voice).name]
        words = (await self.read((text,) if isinstance(text, str) else text, own)).words
        if not words:
            raise invalid(
                "message", "nothing_to_say", "Nothing in this message can be spoken; write some words."
            )
        if chosen.engine == BUILT_IN:
            return await self._said(words, chosen)
        try:
            return await self._said(words, chosen)
        except UnavailableError:
            return replace(await self._said(words, VOICES[chosen.name]), fallback=True)

    async def _said(self, words: str, voice: Voice) -> Spoken:
        key = self._key(words, voice)
        pcm = self._cache.recent(key) or await self._shared(key, words, voice)
        return Spoken(pcm, words, key, duration_ms(pcm))

    async def load(self, key: str) -> bytes | None:
        """The sound that `say` gave `key` for; None when it is unknown or was dropped from the cache since."""
        return await self._cache.get(key) if _KEY.fullmatch(key) else None

    def _key(self, words: str, voice: Voice) -> str:
        parts = (
            voice.engine,
            self._pool.version(voice.engine),
            voice.fingerprint,
            NORMALISER_VERSION,
            _AUDIO_VERSION,
            END_SILENCE_MS,
            words,
        )
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    async def _shared(self, key: str, words: str, voice: Voice) -> bytes:
        """One synthesis however many ask at the same time."""
        return await self._under_way.result(key, lambda: self._found_or_made(key, words, voice))

    async def _found_or_made(self, key: str, words: str, voice: Voice) -> bytes:
        pcm = await self._cache.get(key)
        if pcm is None:
            pcm = await (self._pool.speak if voice.engine == BUILT_IN else self._elsewhere)(words, voice)
            await self._cache.put(key, pcm)
        return pcm

    async def _elsewhere(self, words: str, voice: Voice) -> bytes:
        """By another engine than the built-in one.

        Raises:
            UnavailableError: it cannot speak, or could not a moment ago.
        """
        async with self._slots:
            now = asyncio.get_running_loop().time()
            if now < self._resting_until.get(voice.engine, 0.0):
                raise UnavailableError(Item(None, "speech_engine_resting", "The speech engine is down."))
            try:
                return await self._pool.speak(words, voice)
            except UnavailableError:
                self._resting_until[voice.engine] = asyncio.get_running_loop().time() + _LEFT_ALONE_S
                _log.warning(
                    "speech_fell_back", voice=voice.name, engine=voice.engine, left_alone_s=_LEFT_ALONE_S
                )
                raise
