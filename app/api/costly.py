"""Costly work of routes: counted for the account, and done in its turn."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends

from app.api.bodies import SentBody
from app.api.signed_in import CurrentAccount
from app.http import costly
from app.http.deps import AccessDep, PartsDep


async def _voice_counted(account: CurrentAccount, access: AccessDep, parts: PartsDep) -> None:
    await costly.count_voice(account.id, access, parts)


async def _voice_turn(account: CurrentAccount, access: AccessDep) -> AsyncIterator[None]:
    async with access.turns.voice.of(account.id):
        yield


async def _upload_counted(account: CurrentAccount, access: AccessDep, parts: PartsDep) -> None:
    await costly.count_upload(account.id, access, parts)


async def _upload_turn(body: SentBody, account: CurrentAccount, access: AccessDep) -> AsyncIterator[None]:
    async with costly.file_turn(body, account.id, access):
        yield


async def _import_turn(
    body: SentBody, account: CurrentAccount, access: AccessDep, parts: PartsDep
) -> AsyncIterator[None]:
    async with costly.import_turn(body, account.id, access, parts):
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
