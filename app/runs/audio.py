"""A recording that calls will play: decoded once, when it is sent, and kept as what a line can play."""

from hashlib import sha256
from pathlib import Path

from app.audio.decoding import decode_upload
from app.core.errors import Item, TooLargeError
from app.files.blobs import BlobStore
from app.runs.orders import StoredAudio

MAX_AUDIO_BYTES = 20 * 1024**2


async def store_audio(blobs: BlobStore, path: Path, name: str) -> StoredAudio:
    """Decode the file at `path` to 8 kHz PCM and store that under its own hash.

    The same recording sent again lies there once. Nothing removes it: runs keep its key for as long as they stand.

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
    decoded = await decode_upload(path)
    key = f"audio/{sha256(decoded.pcm).hexdigest()}.pcm"
    await blobs.put(key, decoded.pcm)
    return StoredAudio(key, name, decoded.duration_ms)
