"""Recipient files: read in a process of their own, so that no file can take the service's memory or its time."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import app
from app.accounts.dialling import DEFAULT, DiallingPolicy
from app.core.errors import (
    InvalidError,
    Item,
    ProblemError,
    StorageFullError,
    TooLargeError,
    UnsupportedError,
    invalid,
)
from app.core.logging import get_logger
from app.recipients.columns import FIELD
from app.recipients.import_child import out_of_memory
from app.recipients.limits import ImportLimits
from app.recipients.report import ImportResult, RejectedRow

_PROBLEMS: dict[str, type[ProblemError]] = {
    problem.__name__: problem for problem in (InvalidError, StorageFullError, TooLargeError, UnsupportedError)
}
_ROOT = str(Path(app.__path__[0]).parent)
_LOGGED = 2_000
# Each may take the memory of `ImportLimits`; a hundred files sent at once must not take it a hundred times.
_AT_ONCE = 4
_TIME_SIGNALS = {signal.SIGXCPU}
# The reader of workbooks aborts when memory is refused to it; a container's own limit kills.
_MEMORY_SIGNALS = {signal.SIGABRT, signal.SIGKILL}

log = get_logger(__name__)
_slots = asyncio.Semaphore(_AT_ONCE)


async def import_file(
    path: Path,
    *,
    policy: DiallingPolicy = DEFAULT,
    name: str | None = None,
    folder: Path | None = None,
    limits: ImportLimits | None = None,
) -> ImportResult:
    """Read a recipient file: numbers normalised, the first of equal ones kept, other columns as tags.

    Args:
        path: the bytes on disk.
        policy: whom the account may call.
        name: what the client called the file; its ending must agree with the content. None: not looked at.
        folder: where the intermediate file is made; None: the system's temporary folder.
        limits: what may be read, and what reading may take.

    Returns:
        The counts and an intermediate file that the caller discards. `accepted` may be 0.

    Raises:
        InvalidError: ``empty_file``, ``no_rows``, ``no_number_column``, ``duplicate_column``, ``broken_file``,
            ``bad_encoding``, ``cell_too_long``.
        UnsupportedError: ``wrong_file_type``, ``encrypted_file``, ``legacy_xls``.
        TooLargeError: ``too_many_rows``, ``too_many_columns``, ``file_too_large``, ``import_timed_out``.
        StorageFullError: ``storage_full``, when the intermediate file has no room.
    """
    limits = limits or ImportLimits()
    handle, made = tempfile.mkstemp(prefix="recipients-", suffix=".copy", dir=folder)
    os.close(handle)
    rows_path = Path(made)
    job = {
        "path": str(path.absolute()),
        "name": name,
        "rows_path": made,
        "limits": asdict(limits),
        "prefixes": policy.prefixes,
    }
    try:
        async with _slots:
            report = await _run(job, limits.wall_s)
        return _result(report, rows_path)
    except BaseException:
        rows_path.unlink(missing_ok=True)
        raise


async def _run(job: dict[str, Any], wall_s: float) -> dict[str, Any]:
    """The child's report; however this ends, no child is left behind."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "app.recipients.import_child",
        json.dumps(job),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env=_environment(),
    )
    try:
        async with asyncio.timeout(wall_s):
            said, complaint = await process.communicate()
    except TimeoutError:
        raise _timed_out() from None
    finally:
        await _end(process)
    if process.returncode != 0:
        _explain(process.returncode or 0, complaint)
    report: dict[str, Any] = json.loads(said)
    return report


def _environment() -> dict[str, str]:
    """Nothing of ours but where the code lies: the child has no use for secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": _ROOT, "PYTHONUTF8": "1"}


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _explain(code: int, complaint: bytes) -> NoReturn:
    """Raise what the end of a child that made no report means."""
    log.warning("import_child_died", code=code, stderr=complaint[-_LOGGED:].decode(errors="replace"))
    if -code in _TIME_SIGNALS:
        raise _timed_out()
    if -code in _MEMORY_SIGNALS:
        raise TooLargeError(out_of_memory())
    raise invalid(
        FIELD, "broken_file", "The file broke its reader; open it, save it again as .csv and send that."
    )


def _timed_out() -> TooLargeError:
    message = "Reading the file took too long; save it as .csv (UTF-8), or split it."
    return TooLargeError(Item(FIELD, "import_timed_out", message))


def _result(report: dict[str, Any], rows_path: Path) -> ImportResult:
    if "problem" in report:
        raise _PROBLEMS[report["problem"]](*(Item(**item) for item in report["items"]))
    result = report["result"]
    rejected = [RejectedRow(**row) for row in result.pop("rejected_rows")]
    return ImportResult(**result, rejected_rows=rejected, rows_path=rows_path)
