"""What costs the machine much is counted for each account, and done in turns that are fair between accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends

from app.accounts.models import Account
from app.api.access import Access
from app.api.body import Body, SentBody
from app.api.deps import AccessDep, CurrentAccount, PartsDep

_VOICE, _UPLOADS = "test voices and previews", "uploads"
_FILE_FIELDS = ("send_to_number_file", "aud_file", "audio")


async def _voice_counted(account: CurrentAccount, access: AccessDep, parts: PartsDep) -> None:
    await access.rates.take(account.id, _VOICE, parts.settings.voice_tests_a_minute)


async def _voice_turn(account: CurrentAccount, access: AccessDep) -> AsyncIterator[None]:
    async with access.turns.voice.of(account.id):
        yield


async def _upload_counted(account: CurrentAccount, access: AccessDep, parts: PartsDep) -> None:
    await access.rates.take(account.id, _UPLOADS, parts.settings.uploads_a_minute)


@asynccontextmanager
async def _file_turn(body: Body, account: Account, access: Access) -> AsyncIterator[None]:
    async with access.turns.files.of(account.id):
        # Beside the file that came, a copy with a name, and the stored one.
        await access.storage.refuse_when_full(sum(upload.size or 0 for upload in body.files.values()))
        yield


async def _upload_turn(body: SentBody, account: CurrentAccount, access: AccessDep) -> AsyncIterator[None]:
    async with _file_turn(body, account, access):
        yield


async def _import_turn(
    body: SentBody, account: CurrentAccount, access: AccessDep, parts: PartsDep
) -> AsyncIterator[None]:
    if not body.files and not any(body.fields.get(name) for name in _FILE_FIELDS):
        yield
        return
    await _upload_counted(account, access, parts)
    async with _file_turn(body, account, access):
        yield


VoiceCounted = Annotated[None, Depends(_voice_counted)]
"""One request for speech. Put it before the body in the signature: what is refused need not be read."""

VoiceTurn = Annotated[None, Depends(_voice_turn, scope="function")]
"""Put it behind the body: a body that comes slowly must not hold a turn."""

UploadCounted = Annotated[None, Depends(_upload_counted)]
"""One upload, before its body."""

UploadTurn = Annotated[None, Depends(_upload_turn, scope="function")]
"""Behind its body."""

ImportTurn = Annotated[None, Depends(_import_turn, scope="function")]
"""Behind the body, and any idempotency key: counts as an upload when the body brings a file or names one."""
