"""Recipient files of a campaign: uploaded with it, or named."""

import io
import zipfile
from collections.abc import AsyncIterator

import asyncpg
import httpx
import openpyxl
import pytest
from sqlalchemy import func, select

from app.accounts.models import Account
from app.campaigns import service as campaigns
from app.campaigns.audience import Audience, take_in
from app.campaigns.content import Content
from app.campaigns.models import Campaign
from app.recipients.files.importing import ImportUnderWay
from app.recipients.models import Recipient
from app.wiring import Parts

CAMPAIGNS = "/api/system/campaigns"
FIELDS = {"name": "sample bulk campaign", "services": "PHONE"}
PEOPLE = "number,Name,Due Date\n9801000001,राम बहादुर,2026-12-01\n9801000002,सीता,2026-12-02\n"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def xlsx(*rows: tuple) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def send(
    api: httpx.AsyncClient, content: str | bytes, name: str = "numbers.csv", **fields: str
) -> httpx.Response:
    return await api.post(
        f"{CAMPAIGNS}/", data={**FIELDS, **fields}, files={"send_to_number_file": (name, content)}
    )


async def numbers_of(api: httpx.AsyncClient, campaign_id: int) -> list[dict]:
    return (await api.get(f"{CAMPAIGNS}/number/{campaign_id}")).json()["data"]["numbers"]


async def stored(parts: Parts) -> tuple[int, int]:
    async with parts.sessions() as session:
        return (
            await session.scalar(select(func.count()).select_from(Campaign)) or 0,
            await session.scalar(select(func.count()).select_from(Recipient)) or 0,
        )


async def test_columns_of_an_uploaded_file_become_tags(api: httpx.AsyncClient) -> None:
    answer = await send(api, PEOPLE)
    assert answer.status_code == 201, answer.text
    campaign = answer.json()["data"]["details"][0]
    assert campaign["usable_tags"] == ["tags_name", "tags_due_date"]
    assert campaign["recipients"] == 2
    first, second = await numbers_of(api, campaign["id"])
    assert first["number"] == "9801000001"
    assert first["available_tags"] == {"tags_name": "राम बहादुर", "tags_due_date": "2026-12-01"}
    assert second["available_tags"]["tags_name"] == "सीता"


async def test_a_spreadsheet_is_read_the_same(api: httpx.AsyncClient) -> None:
    content = xlsx(
        ("phone", "name", "amount"), (9801000001, "राम", 1250.5), ("+977 9801000002", "सीता", 900.0)
    )
    campaign = (await send(api, content, "numbers.xlsx")).json()["data"]["details"][0]
    first, second = await numbers_of(api, campaign["id"])
    assert (first["number"], first["available_tags"]) == (
        "9801000001",
        {"tags_name": "राम", "tags_amount": "1250.5"},
    )
    assert (second["number"], second["available_tags"]["tags_amount"]) == ("9801000002", "900")


@pytest.mark.parametrize("named", ["numbers.csv", "some/folder/numbers.csv", "C:\\lists\\numbers.csv"])
async def test_a_file_uploaded_before_is_named(api: httpx.AsyncClient, named: str) -> None:
    upload = await api.post("/api/system/files/", files={"file": ("numbers.csv", PEOPLE)})
    assert upload.status_code in {200, 201}, upload.text
    answer = await api.post(CAMPAIGNS, json={**FIELDS, "services": "SMS", "send_to_number_file": named})
    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["import"]["accepted"] == 2


async def test_another_accounts_file_cannot_be_named(
    api: httpx.AsyncClient, other_api: httpx.AsyncClient, parts: Parts
) -> None:
    await api.post("/api/system/files/", files={"file": ("numbers.csv", PEOPLE)})
    refused = await other_api.post(CAMPAIGNS, json={**FIELDS, "send_to_number_file": "numbers.csv"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "file_not_found"
    assert "/api/system/files/" in refused.json()["errors"][0]["message"]
    assert await stored(parts) == (0, 0)


async def test_list_and_file_merge_and_the_file_brings_the_tags(api: httpx.AsyncClient) -> None:
    answer = await send(api, PEOPLE, individual_number="9801000002, 9801000003, 9801000003, nonsense")
    body = answer.json()["data"]
    assert body["import"]["accepted"] == 3
    assert body["import"]["duplicates"] == 2
    (refused,) = body["import"]["rejected_rows"]
    assert "such as 9812345678" in refused.pop("message")
    assert refused == {"row": 4, "value": "nonsense", "code": "invalid_number"}
    numbers = await numbers_of(api, body["details"][0]["id"])
    assert [each["number"] for each in numbers] == ["9801000001", "9801000002", "9801000003"]
    assert numbers[1]["available_tags"]["tags_name"] == "सीता"
    assert body["details"][0]["recipients"] == 3


async def test_refused_rows_are_reported_and_the_rest_is_taken(api: httpx.AsyncClient) -> None:
    rows = (
        "number,name\n"
        + "".join(f"bad{row},x\n" for row in range(150))
        + "9801000001,राम\n9801000001,again\n"
    )
    summary = (await send(api, rows)).json()["data"]["import"]
    assert (summary["accepted"], summary["duplicates"], summary["rejected"]) == (1, 1, 150)
    assert len(summary["rejected_rows"]) == 100
    assert all(row.pop("message") for row in summary["rejected_rows"])
    assert summary["rejected_rows"][0] == {"row": 2, "value": "bad0", "code": "invalid_number"}


async def test_tabs_backslashes_and_quotes_in_tags_arrive_as_they_are(api: httpx.AsyncClient) -> None:
    value = 'a\\b "quoted" \\N {x} \\. नमस्ते'
    content = xlsx(("number", "note"), ("9801000001", value))
    campaign = (await send(api, content, "numbers.xlsx")).json()["data"]["details"][0]
    assert (await numbers_of(api, campaign["id"]))[0]["available_tags"] == {"tags_note": value}


async def test_twenty_thousand_rows_arrive_in_order(api: httpx.AsyncClient) -> None:
    rows = "number,name\n" + "".join(f"98{number:08d},n{number}\n" for number in range(20_000))
    answer = await send(api, rows)
    assert answer.json()["data"]["import"]["accepted"] == 20_000
    campaign = answer.json()["data"]["details"][0]
    seen: list[str] = []
    cursor = 0
    while cursor is not None and len(seen) < 600:
        page = await api.get(f"{CAMPAIGNS}/number/{campaign['id']}", params={"limit": 200, "cursor": cursor})
        seen += [each["number"] for each in page.json()["data"]["numbers"]]
        cursor = page.json()["data"]["next_cursor"]
    assert seen == [f"98{number:08d}" for number in range(600)]


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "numbers.csv", 422, "empty_file"),
        (b"number,name\n", "numbers.csv", 422, "no_rows"),
        (b"name,age\nRam,3\n", "numbers.csv", 422, "no_number_column"),
        (b"number,name,name\n9801000001,a,b\n", "numbers.csv", 422, "duplicate_column"),
        (b"number\nabc\ndef\n", "numbers.csv", 422, "no_usable_number"),
        (b"number,name\n9801000001,\xff\xfe\xfa\n", "numbers.csv", 422, "bad_encoding"),
        (PEOPLE.encode(), "numbers.xlsx", 415, "wrong_file_type"),
        (xlsx(("number",), ("9801000001",)), "numbers.csv", 415, "wrong_file_type"),
        (OLE + b"\x00" * 512 + "Workbook".encode("utf-16-le"), "numbers.xls", 422, "broken_file"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "numbers.xlsx", 415, "encrypted_file"),
        (b"PK\x03\x04 this is no zip", "numbers.xlsx", 422, "broken_file"),
    ],
)
async def test_a_bad_file_is_refused_and_nothing_is_stored(
    api: httpx.AsyncClient, parts: Parts, content: bytes, name: str, status: int, code: str
) -> None:
    answer = await send(api, content, name)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code), answer.text
    assert answer.json()["errors"][0]["field"] == "send_to_number_file"
    assert await stored(parts) == (0, 0)


class Broken(ImportUnderWay):
    """A file whose rows the database refuses."""

    def __init__(self) -> None:
        pass

    async def blocks(self) -> AsyncIterator[bytes]:
        yield b"+9779801000001\t9801000001\t{}\n+9779801000002\t9801000002\tno json\n"


async def test_an_import_that_breaks_half_way_leaves_nothing(parts: Parts, account: Account) -> None:
    new = campaigns.NewCampaign("Breaks", Content(services="PHONE"))
    now = parts.clock.now()

    async def add() -> None:
        async with parts.sessions.begin() as session:
            campaign = await campaigns.create(session, account.id, new, voice="np_rija", now=now)
            await take_in(session, campaign, Audience(file=Broken()), now=now)

    with pytest.raises(asyncpg.DataError):
        await add()
    assert await stored(parts) == (0, 0)


async def test_a_file_that_is_refused_while_it_is_stored_leaves_nothing(
    api: httpx.AsyncClient, parts: Parts
) -> None:
    rows = b"".join(b"98%08d,Ram\n" % at for at in range(60_000))
    answer = await send(api, b"number,name\n" + rows + b"9801000001,\xff\n", "numbers.csv")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad_encoding")
    assert await stored(parts) == (0, 0)
    again = await send(api, b"number,name\n" + rows, "numbers.csv")
    assert again.json()["data"]["import"]["accepted"] == 60_000


async def test_an_inflating_workbook_is_refused(api: httpx.AsyncClient, parts: Parts) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"<" + b" " * 20_000_000)
    answer = await send(api, out.getvalue(), "numbers.xlsx")
    assert answer.status_code in {413, 415, 422}
    assert await stored(parts) == (0, 0)


async def test_an_empty_file_field_of_a_browser_counts_as_absent(
    api: httpx.AsyncClient, parts: Parts
) -> None:
    boundary = "x"
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'
        for name, extra, value in [
            ("name", "", "Browser"),
            ("services", "", "PHONE"),
            ("individual_number", "", "9801000001"),
            ("send_to_number_file", '; filename=""', ""),
        ]
    )
    answer = await api.post(
        CAMPAIGNS,
        content=f"{body}--{boundary}--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answer.status_code == 201, answer.text
    assert await stored(parts) == (1, 1)
