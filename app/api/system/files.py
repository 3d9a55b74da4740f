"""Uploads that later requests name."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, UploadFile
from pydantic import BaseModel, Field

from app.actions import uploads
from app.api.bodies import read
from app.api.costly import UploadCounted, UploadTurn
from app.api.docs import refusals, upload_of
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount
from app.core.clock import to_kathmandu
from app.files import service
from app.files.models import File
from app.http.deps import ClockDep, CurrentWork, Id, PartsDep, SessionDep
from app.http.paging import KeysetDep

router = APIRouter(prefix="/api/system/files", tags=["Files"])


class Upload(BaseModel):
    file: UploadFile = Field(description="A recipient list (.csv, .xlsx, .ods …) or audio; at most 300 MiB.")


class FileOut(BaseModel):
    """An upload as answered."""

    id: int
    name: str = Field(description="Name it in `send_to_number_file` or `aud_file`.")
    size: int = Field(description="Bytes.")
    sha256: str
    created_at: datetime = Field(description="ISO 8601, +05:45.")

    @classmethod
    def of(cls, file: File) -> "FileOut":
        """As answered; the moment in Kathmandu's time."""
        return cls(
            id=file.id,
            name=file.name,
            size=file.size,
            sha256=file.sha256,
            created_at=to_kathmandu(file.created_at),
        )


class Uploaded(BaseModel):
    file: FileOut


class FileList(BaseModel):
    files: list[FileOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for what follows; null at the end.")


class Removed(BaseModel):
    id: int


@router.post(
    "",
    status_code=201,
    operation_id="upload_file",
    summary="Upload a file",
    openapi_extra=upload_of(Upload),
    responses=refusals(400, 401, 413, 415, 422, 429, 503, 507),
)
async def upload_file(
    account: CurrentAccount,
    _counted: UploadCounted,
    body: Annotated[Upload, Depends(read(Upload))],
    _turn: UploadTurn,
    parts: PartsDep,
    work: CurrentWork,
    clock: ClockDep,
) -> Success[Uploaded]:
    """Keep a file under its name, to be named by later requests. The same name sent again replaces it.

    Send it as `multipart/form-data` with the part `file`. A campaign that was made from a file keeps what it read.
    """
    kept = await uploads.keep(parts, work, account, body.file, now=clock.now())
    return ok(Uploaded(file=FileOut.of(kept)), "File Uploaded Successfully", 201)


@router.get("", operation_id="list_files", summary="List files", responses=refusals(401, 422))
async def list_files(account: CurrentAccount, session: SessionDep, keyset: KeysetDep) -> Success[FileList]:
    """The account's own uploads, newest first."""
    found = await service.list_files(session, account.id, before=keyset.cursor, limit=keyset.limit + 1)
    shown = found[: keyset.limit]
    following = shown[-1].id if len(found) > keyset.limit else None
    return ok(FileList(files=[FileOut.of(file) for file in shown], next_cursor=following))


@router.delete(
    "/{file_id}", operation_id="delete_file", summary="Delete a file", responses=refusals(401, 404)
)
async def delete_file(
    file_id: Id, account: CurrentAccount, parts: PartsDep, work: CurrentWork
) -> Success[Removed]:
    """Remove an upload. Campaigns that were made from it keep what they read."""
    await uploads.remove(parts, work, account, file_id)
    return ok(Removed(id=file_id), "File Deleted Successfully")
