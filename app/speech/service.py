"""Texts to sound, each said once: cached by content, shared by all who ask."""

import asyncio
import hashlib
import json
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.audio.pcm import BYTES_PER_SAMPLE, duration_ms
from app.core.errors import ProblemError, invalid
from app.core.logging import get_logger
from app.files.blobs import BlobStore
from app.speech.child import END_SILENCE_MS
from app.speech.normalise import NORMALISER_VERSION, is_speakable, spoken
from app.speech.pool import SpeechPool
from app.speech.voices import Voice, voice_named

LONGEST_TEXT: Final = 10_000
"""Characters of a text with its tags filled in; clients are held to 2,000 before that."""

_AUDIO_VERSION: Final = 1  # goes up when levelling, resampling or the end silences change
_PREFIX: Final = "speech"
_MEMORY_BYTES: Final = 64 * 1024**2
_TRIM_TO: Final = 0.85  # of the cap, so that several processes writing between two trims stay under it
_TRIM_EVERY: Final = 0.02  # of the cap, counted in bytes written by this process
_CRC_BYTES: Final = 4

_log = get_logger(__name__)
_spoken = lru_cache(maxsize=4096)(spoken)  # a campaign without tags says one text thousands of times


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text as sound.

    Attributes:
        pcm: signed 16-bit mono little-endian at 8,000 Hz; the same object for all who asked for the same.
        spoken_text: what the engine was given.
        key: 64 hexadecimal digits; `Speech.load` finds the sound by it.
        duration_ms: length of `pcm`.
    """

    pcm: bytes
    spoken_text: str
    key: str
    duration_ms: int


class Speech:
    """The service that says texts."""

    def __init__(self, pool: SpeechPool, blobs: BlobStore, cache_bytes: int) -> None:
        """Args: cache_bytes: size in bytes that the stored sounds are kept under."""
        self._pool = pool
        self._blobs = blobs
        self._cache_bytes = cache_bytes
        self._recent = _Recent(_MEMORY_BYTES)
        self._under_way: dict[str, asyncio.Task[bytes]] = {}
        self._untrimmed = 0
        self._trimming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the speech processes.

        Raises:
            EngineError: an engine does not start, or a voice is missing.
        """
        await self._pool.start()
        self._trim_soon()

    async def close(self) -> None:
        """Finish what is being spoken, then end the processes."""
        tasks = [*self._under_way.values(), *([self._trimming] if self._trimming else [])]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.close()

    async def say(self, text: str, voice: str) -> Spoken:
        """`text` (tags filled in already) in the voice named `voice`.

        Raises:
            InvalidError: ``unknown_voice``; ``nothing_to_say`` when no word is left of the text; ``message_too_long``.
            UnavailableError: ``speech_failed``.
        """
        chosen = voice_named(voice)
        if len(text) > LONGEST_TEXT:
            raise invalid("message", "message_too_long", f"Shorten the message to {LONGEST_TEXT} characters.")
        words = _spoken(text)
        if not is_speakable(words):
            raise invalid(
                "message", "nothing_to_say", "Nothing in this message can be spoken; write some words."
            )
        key = self._key(words, chosen)
        pcm = self._recent.get(key) or await self._shared(key, words, chosen)
        return Spoken(pcm, words, key, duration_ms(pcm))

    async def load(self, key: str) -> bytes | None:
        """The sound that `say` gave `key` for; None when it is unknown or was dropped from the cache since."""
        if len(key) != hashlib.sha256().digest_size * 2 or not set(key) <= set("0123456789abcdef"):
            return None
        return self._recent.get(key) or await self._stored(key)

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
        """One synthesis however many ask at the same time; a caller that gives up does not stop it for the others."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._found_or_made(key, words, voice))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)

    def _ended(self, key: str, task: "asyncio.Task[bytes]") -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen: when every caller gave up, nobody else would look

    async def _found_or_made(self, key: str, words: str, voice: Voice) -> bytes:
        pcm = await self._stored(key)
        if pcm is None:
            pcm = await self._pool.speak(words, voice)
            await self._store(key, pcm)
        self._recent.put(key, pcm)
        return pcm

    async def _stored(self, key: str) -> bytes | None:
        """From the store; None also when it cannot be read or is damaged: a cache may fail, a call may not."""
        try:
            data = await self._blobs.get(_place(key))
        except ProblemError as error:
            _log.warning("speech_cache_unreadable", reason=error.items[0].code)
            return None
        if data is None:
            return None
        pcm = data[:-_CRC_BYTES]
        if not pcm or len(pcm) % BYTES_PER_SAMPLE or data[-_CRC_BYTES:] != _checksum(pcm):
            _log.warning("speech_cache_damaged", key=key)
            return None
        return pcm

    async def _store(self, key: str, pcm: bytes) -> None:
        try:
            await self._blobs.put(_place(key), pcm + _checksum(pcm))
        except ProblemError as error:
            _log.warning("speech_cache_unwritable", reason=error.items[0].code)
            return
        self._untrimmed += len(pcm)
        if self._untrimmed > self._cache_bytes * _TRIM_EVERY:
            self._trim_soon()

    def _trim_soon(self) -> None:
        if self._trimming is None or self._trimming.done():
            self._untrimmed = 0
            self._trimming = asyncio.create_task(self._trim())

    async def _trim(self) -> None:
        try:
            freed = await self._blobs.trim(_PREFIX, int(self._cache_bytes * _TRIM_TO))
        except ProblemError as error:
            _log.warning("speech_cache_untrimmed", reason=error.items[0].code)
            return
        if freed:
            _log.info("speech_cache_trimmed", freed=freed)


class _Recent:
    """The sounds used last, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._sounds: OrderedDict[str, bytes] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        pcm = self._sounds.get(key)
        if pcm is not None:
            self._sounds.move_to_end(key)
        return pcm

    def put(self, key: str, pcm: bytes) -> None:
        self._bytes += len(pcm) - len(self._sounds.pop(key, b""))
        self._sounds[key] = pcm
        while self._bytes > self._max_bytes and len(self._sounds) > 1:
            _, dropped = self._sounds.popitem(last=False)
            self._bytes -= len(dropped)


def _place(key: str) -> str:
    return f"{_PREFIX}/{key[:2]}/{key}"


def _checksum(pcm: bytes) -> bytes:
    """Guards against a file that a crash of the machine left full of zeros."""
    return zlib.crc32(pcm).to_bytes(_CRC_BYTES, "big")
