"""Recipient files: read in a process of their own, so that no file can take the service's memory or its time."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from app.recipients.files.import_child import out_of_memory
from app.recipients.files.limits import ImportLimits
from app.recipients.report import DoubtfulValue, ExtraNumbers, ImportResult, Notice, RejectedRow

_PROBLEMS: dict[str, type[ProblemError]] = {
    problem.__name__: problem for problem in (InvalidError, StorageFullError, TooLargeError, UnsupportedError)
}
_ROOT = str(Path(app.__path__[0]).parent)
_LOGGED = 2_000
_BLOCK_BYTES = 1024**2
# Two hundred columns of a hundred characters and a hundred refused rows, all in escapes, are 300 kB.
_LONGEST_REPORT = 1024**2
# Each may take the memory of `ImportLimits`; a hundred files sent at once must not take it a hundred times.
_AT_ONCE = 4
_TIME_SIGNALS = {signal.SIGXCPU}
# The reader of workbooks aborts when memory is refused to it; a container's own limit kills.
_MEMORY_SIGNALS = {signal.SIGABRT, signal.SIGKILL}

log = get_logger(__name__)
_slots = asyncio.Semaphore(_AT_ONCE)


class ImportUnderWay:
    """A recipient file that a process is reading."""

    def __init__(self, job: dict[str, Any], wall_s: float) -> None:
        self._rows = Path(job["rows_path"])
        self._ready = 0
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read(job, wall_s))
        self._reading.add_done_callback(lambda _: self._news.set())

    @property
    def result(self) -> ImportResult | None:
        """What came of the file; None while it is being read. Raises what `ended` raises."""
        return self._reading.result() if self._reading.done() else None

    async def ended(self) -> ImportResult:
        """What came of the file, once it is read.

        Raises:
            ProblemError: what is wrong with it.
        """
        return await self._reading

    async def begun(self) -> None:
        """Return once some rows are ready, or all; raises what `ended` raises."""
        await self._beyond(0)

    async def blocks(self) -> AsyncIterator[bytes]:
        """The rows, as they become ready: ``COPY … (number, national, tags) FROM STDIN`` in text format, UTF-8.

        A row is E.164, the national form and a JSON object of its tags that have a value.

        Raises:
            ProblemError: what is wrong with the file, when the rows before it are given.
        """
        with self._rows.open("rb") as file:
            given = 0
            while (ready := await self._beyond(given)) > given:
                while given < ready:
                    block = await asyncio.to_thread(file.read, min(_BLOCK_BYTES, ready - given))
                    given += len(block)
                    yield block

    async def given_up(self) -> None:
        """Have no process left behind."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _beyond(self, size: int) -> int:
        """Bytes of rows that are ready, once they are more than `size` or all there will be."""
        while self._ready <= size and not self._reading.done():
            self._news.clear()
            await self._news.wait()
        if self._reading.done():
            self._reading.result()
            return self._rows.stat().st_size
        return self._ready

    async def _read(self, job: dict[str, Any], wall_s: float) -> ImportResult:
        async with _slots:
            process = await _start(job)
            try:
                async with asyncio.timeout(wall_s):
                    said, complaint = await asyncio.gather(
                        self._listen(process), _pipe(process.stderr).read()
                    )
                    await process.wait()
            except TimeoutError:
                raise _timed_out() from None
            finally:
                await _end(process)
        if process.returncode != 0:
            _explain(process.returncode or 0, complaint)
        return _result(json.loads(said))

    async def _listen(self, process: Process) -> bytes:
        """The report, which is the last of what the process says; before it, how far it has come."""
        said = b""
        async for said in _pipe(process.stdout):
            if said.strip().isdigit() and said.endswith(b"\n"):
                self._ready = int(said)
                self._news.set()
        return said


@asynccontextmanager
async def file_import(
    path: Path,
    *,
    policy: DiallingPolicy = DEFAULT,
    name: str | None = None,
    folder: Path | None = None,
    limits: ImportLimits | None = None,
    include_hidden: bool = False,
) -> AsyncIterator[ImportUnderWay]:
    """Read a recipient file: numbers normalised, the first of equal ones kept, other columns as tags.

    The context begins when the file is read, or when its first mebibyte of rows is ready: a small file, and one that is
    refused for how it begins, takes no connection to the database while it is read.

    Args:
        path: the bytes on disk.
        policy: whom the account may call.
        name: what the client called the file; its ending must agree with the content. None: not looked at.
        folder: where the intermediate file is made; None: the system's temporary folder.
        limits: what may be read, and what reading may take.
        include_hidden: take rows too that a sheet does not show.

    Raises:
        InvalidError: ``empty_file``, ``no_rows``, ``no_number_column``, ``two_number_columns``,
            ``duplicate_column``, ``no_formula_result``, ``broken_file``, ``bad_encoding``, ``cell_too_long``.
        UnsupportedError: ``wrong_file_type``, ``encrypted_file``.
        TooLargeError: ``too_many_rows``, ``too_many_columns``, ``file_too_large``, ``import_timed_out``.
        StorageFullError: ``storage_full``, when the intermediate file has no room.
    """
    limits = limits or ImportLimits()
    job: dict[str, Any] = {"path": str(path.absolute()), "name": name, "limits": asdict(limits)}
    job |= {"prefixes": policy.prefixes, "include_hidden": include_hidden}
    with tempfile.NamedTemporaryFile(prefix="recipients-", suffix=".copy", dir=folder) as rows:
        under_way = ImportUnderWay({**job, "rows_path": rows.name}, limits.wall_s)
        try:
            await under_way.begun()
            yield under_way
        finally:
            await under_way.given_up()


async def _start(job: dict[str, Any]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "app.recipients.files.import_child",
        json.dumps(job),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        limit=_LONGEST_REPORT,
        env=_environment(),
    )


def _pipe(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if stream is None:  # not with PIPE
        raise RuntimeError
    return stream


def _environment() -> dict[str, str]:
    """Nothing of ours but where the code lies: the child has no use for secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    # One arena: each further one that a thread gets takes its share of the address space that the limit counts.
    return {**kept, "PYTHONPATH": _ROOT, "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1"}


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


def _result(report: dict[str, Any]) -> ImportResult:
    if "problem" in report:
        raise _PROBLEMS[report["problem"]](*(Item(**item) for item in report["items"]))
    result = report["result"]
    rejected = [RejectedRow(**row) for row in result.pop("rejected_rows")]
    extra = [ExtraNumbers(**row) for row in result.pop("extra_number_rows")]
    warnings = [_warning(**warning) for warning in result.pop("warnings")]
    return ImportResult(**result, rejected_rows=rejected, extra_number_rows=extra, warnings=warnings)


def _warning(values: list[dict[str, Any]], **rest: Any) -> Notice:
    return Notice(**rest, values=[DoubtfulValue(**value) for value in values])
