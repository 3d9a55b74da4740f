"""Recipient files over HTTP, from the first byte sent to the answer, beside what takes in the same rows alone."""

import asyncio
import csv
import json
import time
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import xlsxwriter
from python_calamine import load_workbook

from app.local.process import Process
from bench.client import api, timed
from bench.figures import Figure
from bench.seed import NAMES, add_account
from bench.stage import Connection, Stage

T = TypeVar("T")
_HEADER = ("number", "name", "amount", "due")
_MOST_COLUMNS_MIB = 100.0
_SAMPLE_S = 0.02


async def measure(stage: Stage) -> list[Figure]:
    """CSV and XLSX imports, and the memory of the processes that take part."""
    sheet_rows = max(1000, stage.size // 5)
    csv_path = write_csv(stage.folder / "numbers.csv", stage.size)
    xlsx_path = write_xlsx(stage.folder / "numbers.xlsx", sheet_rows)
    async with stage.database() as (url, connection):
        account = await add_account(connection)
        async with api(stage, url, account) as (client, process):
            idle = psutil.Process(process.pid).memory_info().rss
            memory = Memory(process)
            # What is alone before and behind what is ours, for a shared machine may turn half as fast meanwhile.
            copied = await plain_copy(connection, stage.size)
            ours_csv = await memory.watch(upload(client, csv_path, stage.size))
            copied = (copied + await plain_copy(connection, stage.size)) / 2
            alone = read_alone(xlsx_path)
            ours_xlsx = await memory.watch(upload(client, xlsx_path, sheet_rows))
            alone = (alone + read_alone(xlsx_path)) / 2
    rate = partial(Figure, unit="rows/s", goal=0.5, at_least=True)
    return [
        rate("CSV over HTTP until stored", stage.size / ours_csv, stage.size / copied),
        rate("XLSX over HTTP until stored", sheet_rows / ours_xlsx, sheet_rows / alone),
        *_memory_figures(memory, idle),
    ]


def _memory_figures(memory: "Memory", idle: int) -> list[Figure]:
    mib = partial(Figure, unit="MiB", goal=_MOST_COLUMNS_MIB, at_least=False)
    note = "both imports; the CSV reader is flat, the XLSX reader holds the sheet"
    api, child = ((size - idle) / 1024**2 for size in (memory.api, memory.children))
    return [
        mib("memory of the API during imports, over idle", api, None),
        mib("memory of the importing process, over an idle API", max(0.0, child), None, note=note),
    ]


class Memory:
    """The largest resident memory seen of a process and of the children that it starts for an import, bytes."""

    def __init__(self, process: Process) -> None:
        self._process = psutil.Process(process.pid)
        self._before = {child.pid for child in self._process.children(recursive=True)}
        self.api = 0
        self.children = 0

    async def watch(self, work: Awaitable[T]) -> T:
        """Look while `work` goes on."""
        looking = asyncio.create_task(self._look())
        try:
            return await work
        finally:
            looking.cancel()

    async def _look(self) -> None:
        while True:
            self.api = max(self.api, self._process.memory_info().rss)
            for child in self._process.children(recursive=True):
                if child.pid not in self._before:
                    with suppress(psutil.NoSuchProcess):
                        self.children = max(self.children, child.memory_info().rss)
            await asyncio.sleep(_SAMPLE_S)


async def upload(client: httpx.AsyncClient, path: Path, rows: int) -> float:
    """Seconds of one campaign made from the file; RuntimeError when rows are missing."""
    with path.open("rb") as file:
        took, answer = await timed(
            client,
            "POST",
            "/api/system/campaigns/",
            data={"name": path.name, "services": "PHONE"},
            files={"send_to_number_file": (path.name, file)},
        )
    if answer["data"]["import"]["accepted"] != rows:
        msg = f"{path.name}: {answer['data']['import']}"
        raise RuntimeError(msg)
    return took / 1000


async def plain_copy(connection: Connection, rows: int) -> float:
    """Seconds of asyncpg's COPY of the same rows, ready as tuples, into a table with the same indexes."""
    await connection.execute("DROP TABLE IF EXISTS plain")
    await connection.execute("CREATE TABLE plain (LIKE recipients INCLUDING ALL)")
    records = [
        (row, 1, f"+977{number}", number, json.dumps(tags, ensure_ascii=False))
        for row, (number, tags) in enumerate(people(rows))
    ]
    began = time.monotonic()
    await connection.copy_records_to_table(
        "plain", records=records, columns=["id", "campaign_id", "number", "national", "tags"], timeout=900
    )
    return time.monotonic() - began


def people(rows: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Mobile numbers in no order, each with three tags."""
    for row in range(rows):
        number = 9800000000 + row * 7919 % 99_999_989
        yield (
            str(number),
            {"tags_name": NAMES[row % len(NAMES)], "tags_amount": str(row % 5000), "tags_due": "2026-12-01"},
        )


def write_csv(path: Path, rows: int) -> Path:
    """The people as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows((number, *tags.values()) for number, tags in people(rows))
    return path


def write_xlsx(path: Path, rows: int) -> Path:
    """The people as a workbook."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, _HEADER)
    for row, (number, tags) in enumerate(people(rows), 1):
        sheet.write_row(row, 0, (number, *tags.values()))
    book.close()
    return path


def read_alone(path: Path) -> float:
    """Seconds in which calamine alone reads every row."""
    began = time.monotonic()
    rows: Any = load_workbook(path).get_sheet_by_index(0).iter_rows()
    for _ in rows:
        pass
    return time.monotonic() - began
