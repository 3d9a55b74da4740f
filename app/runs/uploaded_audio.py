"""A recording that calls will play: decoded once, when it is first sent, and kept as what a line can play."""

import asyncio
from hashlib import file_digest
from pathlib import Path
from typing import Final

from app.audio.decoding import decode_upload
from app.audio.pcm import bytes_ms
from app.campaigns.content import StoredAudio
from app.core.errors import Item, TooLargeError
from app.files.blobs import BlobStore

MAX_AUDIO_BYTES = 20 * 1024**2
_DECODING: Final = 1  # goes up when decoding, levelling or trimming change what comes out


async def store_audio(blobs: BlobStore, path: Path, name: str) -> StoredAudio:
    """Decode the file at `path` to 8 kHz PCM and store that under the file's hash.

    The same file sent again, by whomever, is neither decoded nor stored again; what was stored before is nobody's in
    particular, so no answer tells of it. Nothing removes it: runs keep its key for as long as they stand.

    Args:
        blobs: where it is kept.
        path: the bytes as they were sent; at most 20 MB.
        name: what the client calls the file; it says nothing about its kind.

    Raises:
        TooLargeError: ``file_too_large``.
        InvalidError: what `decode_upload` finds, field ``aud_file``.
        UnavailableError, StorageFullError: the store cannot take it.
    """
    if path.stat().st_size > MAX_AUDIO_BYTES:
        message = f"The audio is over {MAX_AUDIO_BYTES // 1024**2} MiB; send it as mp3, or shorten it."
        raise TooLargeError(Item("aud_file", "file_too_large", message))
    key = f"audio/{await asyncio.to_thread(_digest, path)}-{_DECODING}.pcm"
    known = await blobs.length(key)
    if known is not None:
        return StoredAudio(key, name, bytes_ms(known))
    decoded = await decode_upload(path)
    await blobs.put(key, decoded.pcm)
    return StoredAudio(key, name, decoded.duration_ms)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
