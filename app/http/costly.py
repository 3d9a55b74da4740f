"""What costs the machine much is counted for each account, and done in turns that are fair between accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.http.access import Access
from app.http.body import Body
from app.wiring import Parts

_VOICE, _UPLOADS = "test voices and previews", "uploads"
_FILE_FIELDS = ("send_to_number_file", "aud_file", "audio")


async def count_voice(account_id: int, access: Access, parts: Parts) -> None:
    """Count one request for speech; ThrottledError when the account made too many lately."""
    await access.rates.take(account_id, _VOICE, parts.settings.voice_tests_a_minute)


async def count_upload(account_id: int, access: Access, parts: Parts) -> None:
    """Count one upload; ThrottledError when the account made too many lately."""
    await access.rates.take(account_id, _UPLOADS, parts.settings.uploads_a_minute)


@asynccontextmanager
async def file_turn(body: Body, account_id: int, access: Access) -> AsyncIterator[None]:
    """A turn at having a file read; StorageFullError when the disk has no room for it."""
    async with access.turns.files.of(account_id):
        # Beside the file that came, a copy with a name, and the stored one.
        await access.storage.refuse_when_full(sum(upload.size or 0 for upload in body.files.values()))
        yield


@asynccontextmanager
async def import_turn(body: Body, account_id: int, access: Access, parts: Parts) -> AsyncIterator[None]:
    """Counted as an upload, with a turn, when the body brings a file or names one."""
    if not body.files and not any(body.fields.get(name) for name in _FILE_FIELDS):
        yield
        return
    await count_upload(account_id, access, parts)
    async with file_turn(body, account_id, access):
        yield
