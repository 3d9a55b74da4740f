"""Files that are kept under a name, for later requests to name."""

from datetime import datetime

from app.accounts.models import Account
from app.actions.sent import Upload
from app.actions.work import Work
from app.files import service as files
from app.files.incoming import received
from app.files.models import File
from app.wiring import Parts


async def keep(parts: Parts, work: Work, account: Account, sent: Upload, *, now: datetime) -> File:
    """Keep a file under its name; one of the same name that was kept before goes once this stands.

    Raises:
        ProblemError: what is wrong with the file or its name, field ``file``; ``quota_exceeded``.
    """
    async with received(sent.file) as upload:
        key = await files.put_upload(parts.blobs, account.id, upload)
        work.after_rollback(lambda: parts.blobs.delete(key))
        quota = parts.settings.storage_quota_bytes
        stored = await files.store_upload(
            work.session, account.id, sent.filename or "", upload, key, now, quota=quota
        )
    if stored.replaced is not None:
        replaced = stored.replaced
        work.after_commit(lambda: parts.blobs.delete(replaced))
    return stored.file


async def remove(parts: Parts, work: Work, account: Account, file_id: int) -> None:
    """Remove a file; campaigns that were made from it keep what they read. NotFoundError when there is none."""
    key = await files.remove(work.session, account.id, file_id)
    work.after_commit(lambda: parts.blobs.delete(key))
