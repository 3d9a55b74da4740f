"""Spoken sound kept by content: what was used last in memory, the rest in the blob store under a cap.

A cache may fail, a call may not: what cannot be read counts as absent, what cannot be written is not kept, and a
store that failed is left alone for a while, because waiting for it once per call would hold up every call.
"""

import asyncio
import zlib
from typing import Final

from app.audio.pcm import BYTES_PER_SAMPLE
from app.core.bytecache import ByteCache
from app.core.errors import ProblemError
from app.core.logging import get_logger
from app.files.blobs import BlobStore

_PREFIX: Final = "speech"
_MEMORY_BYTES: Final = 64 * 1024**2
_TRIM_TO: Final = 0.85  # of the cap, so that several processes writing between two trims stay under it
_TRIM_EVERY: Final = 0.02  # of the cap, counted in bytes written by this process
_CRC_BYTES: Final = 4
_LONGEST_WAIT_S: Final = 5.0
_LEFT_ALONE_S: Final = 30.0

_log = get_logger(__name__)


class SoundCache:
    """Sounds by key."""

    def __init__(self, blobs: BlobStore, max_bytes: int) -> None:
        """Args: max_bytes: size that the stored sounds are kept under."""
        self._blobs = blobs
        self._max_bytes = max_bytes
        self._recent = ByteCache(_MEMORY_BYTES)
        self._untrimmed = 0
        self._trimming: asyncio.Task[None] | None = None
        self._usable_from = 0.0

    def recent(self, key: str) -> bytes | None:
        """From memory alone."""
        return self._recent.get(key)

    async def get(self, key: str) -> bytes | None:
        """From memory or the store; None when it is in neither, unreadable or damaged."""
        pcm = self._recent.get(key) or await self._stored(key)
        if pcm is not None:
            self._recent.put(key, pcm)
        return pcm

    async def put(self, key: str, pcm: bytes) -> None:
        """Keep `pcm`; in memory at least."""
        self._recent.put(key, pcm)
        if self._resting():
            return
        try:
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await self._blobs.put(_place(key), pcm + _checksum(pcm))
        except (ProblemError, TimeoutError) as error:
            self._rest("speech_cache_unwritable", error)
            return
        self._untrimmed += len(pcm)
        if self._untrimmed > self._max_bytes * _TRIM_EVERY:
            self.trim_soon()

    def trim_soon(self) -> None:
        """Bring the store under its cap in the background."""
        if self._trimming is None or self._trimming.done():
            self._untrimmed = 0
            self._trimming = asyncio.create_task(self._trim())

    async def close(self) -> None:
        """Wait for a trim under way."""
        if self._trimming is not None:
            await self._trimming

    async def _stored(self, key: str) -> bytes | None:
        if self._resting():
            return None
        try:
            async with asyncio.timeout(_LONGEST_WAIT_S):
                data = await self._blobs.get(_place(key))
        except (ProblemError, TimeoutError) as error:
            self._rest("speech_cache_unreadable", error)
            return None
        if data is None:
            return None
        pcm = data[:-_CRC_BYTES]
        if not pcm or len(pcm) % BYTES_PER_SAMPLE or data[-_CRC_BYTES:] != _checksum(pcm):
            _log.warning("speech_cache_damaged", key=key)
            return None
        return pcm

    async def _trim(self) -> None:
        try:
            freed = await self._blobs.trim(_PREFIX, int(self._max_bytes * _TRIM_TO))
        except ProblemError as error:
            _log.warning("speech_cache_untrimmed", reason=error.items[0].code)
            return
        if freed:
            _log.info("speech_cache_trimmed", freed=freed)

    def _resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._usable_from

    def _rest(self, event: str, error: Exception) -> None:
        self._usable_from = asyncio.get_running_loop().time() + _LEFT_ALONE_S
        reason = error.items[0].code if isinstance(error, ProblemError) else "too_slow"
        _log.warning(event, reason=reason, left_alone_s=_LEFT_ALONE_S)


def _place(key: str) -> str:
    return f"{_PREFIX}/{key[:2]}/{key}"


def _checksum(pcm: bytes) -> bytes:
    """Guards against a file that a crash of the machine left full of zeros."""
    return zlib.crc32(pcm).to_bytes(_CRC_BYTES, "big")
