import asyncio
import io
import json
import os
import sys
from dataclasses import asdict, replace

import asyncpg
import pytest

from app.core.errors import InvalidError, TooLargeError, UnsupportedError
from app.recipients.files import importing
from app.recipients.files.import_child import convert, report
from app.recipients.files.importing import file_import
from app.recipients.files.limits import ImportLimits
from tests.unit.recipients.recipient_files import sheet_xml, with_parts, workbook

LIMITS = ImportLimits()
CSV = "number,name\n9876543210,सीता\nx,\n9876543210,again\n"


@pytest.fixture
def upload(tmp_path):
    """A file as a request leaves it on disk."""

    def write(content):
        path = tmp_path / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "work"
    made.mkdir()
    return made


async def read_through(path, **how):
    """What came of a file, and its rows."""
    async with file_import(path, **how) as under_way:
        rows = b"".join([block async for block in under_way.blocks()])
        return await under_way.ended(), rows


async def test_a_file_is_read_in_a_process_of_its_own(upload, folder):
    result, rows = await read_through(upload(CSV), name="numbers.csv", folder=folder)
    assert result.columns == ["tags_name"]
    assert (result.accepted, result.duplicates, result.rejected) == (1, 1, 1)
    (refused,) = result.rejected_rows
    assert (refused.row, refused.value, refused.code) == (3, "x", "invalid_number")
    assert (result.number_column, result.header_row, result.sheet, result.hidden) == ("number", 1, None, 0)
    assert rows.decode() == '+9779876543210\t9876543210\t{"tags_name":"सीता"}\n'
    assert list(folder.iterdir()) == []


def test_rows_are_told_of_while_they_come(upload, tmp_path):
    rows = tmp_path / "rows"
    told = []
    content = "number,name\n" + "".join(f"98{at:08},{at}\n" for at in range(100_000))
    convert(
        upload(content), None, rows, LIMITS, announce=lambda size: told.append((size, rows.read_bytes()[-1:]))
    )
    sizes = [size for size, _ in told]
    assert len(sizes) == rows.stat().st_size // 1024**2 == 4
    assert sizes == sorted(sizes)
    assert {last for _, last in told} == {b"\n"}


async def test_a_file_that_goes_wrong_late_is_refused_by_its_rows(upload, folder):
    path = upload(b"number\n" + b"".join(b"98%08d\n" % at for at in range(60_000)) + b"\xff\n")
    with pytest.raises(InvalidError) as refused:
        await read_through(path, folder=folder)
    assert refused.value.items[0].code == "bad_encoding"
    assert list(folder.iterdir()) == []


async def test_a_workbook_is_read_in_a_process_of_its_own(upload, folder):
    result, _ = await read_through(
        upload(workbook([["number"], [9876543210]])), name="numbers.xlsx", folder=folder
    )
    assert (result.accepted, result.columns) == (1, [])


@pytest.mark.parametrize(
    ("content", "name", "error", "code"),
    [
        ("name,age\nRam,30\n", "numbers.csv", InvalidError, "no_number_column"),
        (CSV, "numbers.xlsx", UnsupportedError, "wrong_file_type"),
        ("", "numbers.csv", InvalidError, "empty_file"),
    ],
)
async def test_a_refused_file_leaves_nothing_behind(upload, folder, content, name, error, code):
    with pytest.raises(error) as refused:
        await read_through(upload(content), name=name, folder=folder)
    assert [(item.field, item.code) for item in refused.value.items] == [("send_to_number_file", code)]
    assert list(folder.iterdir()) == []


async def test_a_file_that_takes_too_long_is_given_up(upload, folder):
    endless = upload("number\n" + "x\n" * 500_000)
    with pytest.raises(TooLargeError) as refused:
        await read_through(endless, folder=folder, limits=replace(LIMITS, wall_s=0.2))
    assert refused.value.items[0].code == "import_timed_out"
    assert list(folder.iterdir()) == []


async def test_a_file_that_takes_too_much_of_the_processor_is_given_up(upload, folder):
    rows = "number\n" + "".join(f"01{at:07}\n" for at in range(200_000))
    with pytest.raises(TooLargeError) as refused:
        await read_through(upload(rows), folder=folder, limits=replace(LIMITS, cpu_s=1))
    assert refused.value.items[0].code == "import_timed_out"


async def test_a_workbook_that_takes_too_much_memory_ends_its_reader_alone(upload, folder):
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="GA900000"><v>1</v></c></row>'
    path = upload(with_parts(workbook([[1]]), sheet1=sheet_xml(cells)))
    generous = replace(LIMITS, cells=10**9, memory_bytes=512 * 1024**2)
    with pytest.raises(TooLargeError) as refused:
        await read_through(path, folder=folder, limits=generous)
    assert refused.value.items[0].code == "file_too_large"
    assert list(folder.iterdir()) == []


async def test_an_import_without_memory_says_so(upload, folder):
    with pytest.raises(TooLargeError) as refused:
        await read_through(upload(CSV), folder=folder, limits=replace(LIMITS, memory_bytes=32 * 1024**2))
    assert refused.value.items[0].code == "file_too_large"


async def test_an_end_of_the_reader_that_nobody_expected_is_laid_to_the_file(tmp_path, folder):
    with pytest.raises(InvalidError) as refused:
        await read_through(tmp_path / "gone.csv", folder=folder)
    assert refused.value.items[0].code == "broken_file"
    assert list(folder.iterdir()) == []


def test_rows_that_find_no_room_say_so(upload):
    job = {"path": str(upload(CSV)), "name": None, "rows_path": "/dev/full", "limits": asdict(LIMITS)}
    said = report(job)
    assert (said["problem"], said["items"][0]["code"]) == ("StorageFullError", "storage_full")


def test_a_report_is_plain_json(upload, tmp_path):
    job = {
        "path": str(upload(CSV)),
        "name": "n.csv",
        "rows_path": str(tmp_path / "r"),
        "limits": asdict(LIMITS),
    }
    assert json.loads(json.dumps(report(job)))["result"]["accepted"] == 1
    said = report({**job, "name": "n.xlsx"})
    assert (said["problem"], said["items"][0]["code"]) == ("UnsupportedError", "wrong_file_type")


async def test_a_caller_that_goes_away_leaves_no_process_and_no_file(upload, folder):
    path = upload("number\n" + "x\n" * 500_000)
    task = asyncio.create_task(read_through(path, folder=folder))
    while not _children():  # noqa: ASYNC110 - nothing tells of a process that starts
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _children() == []
    assert list(folder.iterdir()) == []


def _children():
    """Processes of ours that read a recipient file now."""
    own = os.getpid()
    with open(f"/proc/{own}/task/{own}/children", encoding="ascii") as file:  # noqa: PTH123
        pids = file.read().split()
    found = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:  # noqa: PTH123
                command = file.read()
        except FileNotFoundError:
            continue
        if "import_child" in command:
            found.append(pid)
    return found


async def test_the_reading_process_sees_no_secret_and_no_server_code(monkeypatch):
    monkeypatch.setenv("TINGTING_JWT_SECRET", "secret")
    program = (
        "import json, os, sys; import app.recipients.files.import_child; "
        "print(json.dumps([sorted(os.environ), sorted(sys.modules)]))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-c", program, env=importing._environment(), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    variables, modules = json.loads(said)
    assert not [name for name in variables if name.startswith("TINGTING")]
    assert not {"fastapi", "starlette", "sqlalchemy", "arq", "pydantic"} & set(modules)


async def test_what_was_written_is_what_the_database_reads(upload, folder, postgres_url):
    value = r"""\N \. \t "क्‍ष" {"a": 1} \\ ' $1 %s"""
    quoted = value.replace('"', '""')
    _, rows = await read_through(upload(f'number;नाम\n01-4412345;"{quoted}"\n9876543210;\n'), folder=folder)
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute("CREATE TEMP TABLE incoming (number text, national text, tags jsonb)")
        await connection.copy_to_table("incoming", source=io.BytesIO(rows), format="text")
        rows = [tuple(row) for row in await connection.fetch("SELECT number, national, tags FROM incoming")]
    finally:
        await connection.close()
    assert [(number, national, json.loads(tags)) for number, national, tags in rows] == [
        ("+97714412345", "014412345", {"tags_नाम": value}),
        ("+9779876543210", "9876543210", {}),
    ]
