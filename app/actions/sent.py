"""Files that a request brings with it or names: recipient files and audio."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from app.accounts.dialling import DiallingPolicy
from app.accounts.models import Account
from app.campaigns.audience import Audience
from app.campaigns.content import StoredAudio
from app.files import service as files
from app.files.incoming import MAX_FILE_BYTES, received
from app.files.names import last_segment
from app.recipients.files.importing import file_import
from app.recipients.report import Collected, collect_numbers
from app.runs.uploaded_audio import MAX_AUDIO_BYTES, store_audio
from app.wiring import Parts


class Upload(Protocol):
    """A file in a request, as any door's framework gives it."""

    @property
    def file(self) -> BinaryIO: ...

    @property
    def filename(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...


Sent = Upload | str | None
"""An upload, the name of one made before, or nothing."""

_LISTED = 100
"""Numbers that are read at once, in some 10 ms at worst; more are read in a thread, one list at a time."""
_reading = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a request, on disk for as long as its context lasts.

    Attributes:
        path: its bytes.
        name: what the client calls it, without any folder.
    """

    path: Path
    name: str


@asynccontextmanager
async def audience_of(
    parts: Parts,
    account: Account,
    numbers: Sequence[object] | None,
    file: Sent,
    *,
    include_hidden: bool = False,
) -> AsyncIterator[Audience]:
    """Whom a request names, normalised; of its file at least the first rows are read.

    Raises:
        ProblemError: what is wrong with the file, field ``send_to_number_file``; what shows later, its rows raise.
    """
    collected = None
    policy = DiallingPolicy.of(account.dial_prefixes)
    if numbers is not None:
        collected = await _collected(numbers, policy)
    async with AsyncExitStack() as stack:
        imported = None
        field = "send_to_number_file"
        if not _absent(file):
            sent = await stack.enter_async_context(_on_disk(parts, account.id, field, file, MAX_FILE_BYTES))
            imported = await stack.enter_async_context(
                file_import(sent.path, policy=policy, name=sent.name, include_hidden=include_hidden)
            )
        yield Audience(collected, imported)


async def audio_of(parts: Parts, account_id: int, file: Sent) -> StoredAudio | None:
    """The audio that a request brings, decoded and stored; None when it brings none.

    Raises:
        ProblemError: what is wrong with it, field ``aud_file``.
    """
    if _absent(file):
        return None
    async with _on_disk(parts, account_id, "aud_file", file, MAX_AUDIO_BYTES) as sent:
        return await store_audio(parts.blobs, sent.path, sent.name)


async def _collected(numbers: Sequence[object], policy: DiallingPolicy) -> Collected:
    if len(numbers) <= _LISTED:
        return collect_numbers(numbers, policy)
    async with _reading:
        return await asyncio.to_thread(collect_numbers, numbers, policy)


def _absent(file: Sent) -> bool:
    """Nothing, or what a browser sends for a file field that was left empty."""
    if file is None or isinstance(file, str):
        return not (file or "").strip()
    return not file.filename and not file.size


@asynccontextmanager
async def _on_disk(
    parts: Parts, account_id: int, field: str, file: Sent, most: int
) -> AsyncIterator[SentFile]:
    if file is None or isinstance(file, str):
        async with parts.sessions() as session:
            named = await files.find_named(session, account_id, file or "", field)
        async with files.open_locally(parts.blobs, named, field) as path:
            yield SentFile(path, named.name)
        return
    async with received(file.file, field=field, most=most) as upload:
        yield SentFile(upload.path, last_segment(file.filename or ""))
