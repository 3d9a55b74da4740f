"""The process that reads one recipient file: ``python -m app.recipients.files.import_child <job as JSON>``.

It holds itself to the job's limits before it opens the file and writes the rows. It prints how many bytes of them are
ready, a number a line as they grow, then one JSON object, and ends. A file that breaks its reader breaks this process
and nothing else.
"""

import errno
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from app.accounts.dialling import DEFAULT, DiallingPolicy
from app.core.errors import Item, ProblemError, StorageFullError, TooLargeError, invalid
from app.recipients.columns import FIELD
from app.recipients.files.csvfile import csv_rows
from app.recipients.files.doubts import uncomputed
from app.recipients.files.limits import ImportLimits
from app.recipients.files.sniff import Kind, sniff
from app.recipients.files.source import Source
from app.recipients.files.table import Conversion

_PORTION = 1024**2
_POLITE = 10  # calls under way on the same machine come first


Announce = Callable[[int], object]
"""Told how many bytes of rows are on disk, whole lines; each time a mebibyte has come."""


class _Rows:
    """The file of rows, and whoever is told how far it has come."""

    def __init__(self, file: BinaryIO, announce: Announce) -> None:
        self._file = file
        self._announce = announce
        self._size = self._announced = 0

    def write(self, lines: str) -> None:
        self._size += self._file.write(lines.encode())
        if self._size - self._announced >= _PORTION:
            self._file.flush()
            self._announce(self._size)
            self._announced = self._size


def convert(
    path: Path,
    name: str | None,
    rows_path: Path,
    limits: ImportLimits,
    policy: DiallingPolicy = DEFAULT,
    announce: Announce = lambda _: None,
    *,
    include_hidden: bool = False,
) -> dict[str, Any]:
    """Read the file at `path` into `rows_path`, and say what came of it.

    Raises:
        ProblemError: what is wrong with the file.
    """
    kind = sniff(path, name, limits)
    source = _source(kind, path, limits, include_hidden=include_hidden)
    with rows_path.open("wb", buffering=_PORTION) as out:
        write = _Rows(out, announce).write
        conversion = Conversion(source.rows, write, limits, policy, drifting=kind is Kind.CSV)
        conversion.run()
    notices = uncomputed(source.uncomputed)
    if notices and not conversion.tally.accepted:
        raise invalid(FIELD, notices[0].code, notices[0].message)
    return {
        "columns": conversion.columns,
        **asdict(conversion.tally),
        "number_column": conversion.number_column,
        "header_row": conversion.header_row,
        "sheet": source.sheet,
        "hidden": source.hidden,
        "warnings": [asdict(warning) for warning in (*conversion.warnings, *notices)],
    }


def _source(kind: Kind, path: Path, limits: ImportLimits, *, include_hidden: bool) -> Source:
    """The rows of a file; what reads workbooks is loaded for them alone, being large, and most files are CSV."""
    if kind is Kind.CSV:
        return Source(csv_rows(path, limits))
    if kind is Kind.ODS:
        from app.recipients.files.odsfile import ods_source

        return ods_source(path, limits, include_hidden=include_hidden)
    if kind is Kind.XLS:
        from app.recipients.files.xlsfile import xls_source

        return xls_source(path, limits, include_hidden=include_hidden)
    from app.recipients.files.xlsxfile import xlsx_source

    return xlsx_source(path, limits, include_hidden=include_hidden)


def report(job: dict[str, Any], announce: Announce = lambda _: None) -> dict[str, Any]:
    """The result of a job, or its problem, as JSON can carry it."""
    limits = ImportLimits(**job["limits"])
    policy = DiallingPolicy.of(job.get("prefixes"))
    paths = Path(job["path"]), job["name"], Path(job["rows_path"])
    try:
        return {
            "result": convert(
                *paths, limits, policy, announce, include_hidden=bool(job.get("include_hidden"))
            )
        }
    except ProblemError as problem:
        return {"problem": type(problem).__name__, "items": [asdict(item) for item in problem.items]}
    except MemoryError:
        return {"problem": TooLargeError.__name__, "items": [asdict(out_of_memory())]}
    except OSError as error:
        if error.errno == errno.ENOMEM:
            return {"problem": TooLargeError.__name__, "items": [asdict(out_of_memory())]}
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return {"problem": StorageFullError.__name__, "items": [asdict(_no_room())]}
        raise


def _no_room() -> Item:
    return Item(FIELD, "storage_full", "The service has no room left to read the file; tell whoever runs it.")


def out_of_memory() -> Item:
    """A file that takes more memory than it is given."""
    message = "The file takes more memory than an import is given; save it as .csv (UTF-8), or split it."
    return Item(FIELD, "file_too_large", message)


def main(argument: str) -> None:
    """Do one job and print its report."""
    job = json.loads(argument)
    ImportLimits(**job["limits"]).confine()
    os.nice(_POLITE)
    sys.stdout.write(json.dumps(report(job, _say)))
    sys.stdout.flush()
    # At once: the reader may still be at a workbook that was refused meanwhile, and giving a sheet back takes time too.
    os._exit(0)


def _say(size: int) -> None:
    sys.stdout.write(f"{size}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
