"""The report of a run as a file."""

import asyncio
import tempfile
from os import SEEK_END
from typing import IO

from app.files.incoming import refused_when_full
from app.runs.report import Subject, write_xlsx
from app.wiring import Parts


async def spreadsheet(parts: Parts, subject: Subject) -> tuple[IO[bytes], int]:
    """The report as .xlsx, in an open file without a name at its start, and its length in bytes.

    Raises:
        StorageFullError: the disk has no room for it.
    """
    file = await asyncio.to_thread(_unnamed)
    try:
        with refused_when_full():
            await write_xlsx(parts.sessions, subject, file)
        length = file.seek(0, SEEK_END)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, length


def _unnamed() -> IO[bytes]:
    """A file that has no name from the start: however the answer ends, nothing is left behind."""
    return tempfile.TemporaryFile(prefix="tingting-")
