"""What others write stays what it is: no header, log line, formula, path or address is made of it."""

import asyncio
import csv
import io
import json
import socket
import subprocess
import sys
from uuid import uuid4

import httpx
import openpyxl
import pytest

from app.calls.state import CallStatus
from app.campaigns.models import Campaign
from app.carriers.carrier import Cause, Dial
from app.carriers.sip import SipCarrier, SipSettings
from tests.factories import make_calls, make_run

EVIL = "\r\nX-Evil: yes\r\n"
HOSTILE_NUMBERS = [
    f"+9779812345678{EVIL}",
    "+9779812345678\nX-Evil: yes",
    "+9779812345678@evil.example",
    "+9779812345678;phone-context=evil.example",
    "+9779812345678?X-Evil=yes",
    "+9779812345678%0d%0aX-Evil: yes",
    '"x" <sip:evil@evil.example>',
    "+977981234567\u0668",
    "+9779812345678 ",
    "sip:evil@evil.example",
    "",
]


class Wire:
    """A trunk that is only an ear: every datagram that a line sends to it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.5)
        self.port = self.socket.getsockname()[1]

    def heard(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self.socket.recv(65_536).decode("latin-1"))
            except TimeoutError:
                return [packet for packet in found if packet.strip("\r\n\0")]


@pytest.fixture
def wire():
    ear = Wire()
    yield ear
    ear.socket.close()


async def _ended(line: SipCarrier, call: Dial):
    handle = await line.place(call)
    async for event in handle.events():
        last = event
    return last


@pytest.mark.parametrize("field", ["number", "caller"])
async def test_nothing_but_digits_reaches_a_sip_message(wire, field):
    line = SipCarrier(SipSettings(trunk=f"sip:127.0.0.1:{wire.port}"))
    await line.start()
    try:
        for hostile in HOSTILE_NUMBERS:
            if field == "caller" and not hostile:
                continue  # no caller: the trunk's default
            values = {"number": "+9779812345678", "caller": "+97715970000", field: hostile}
            ended = await _ended(line, Dial(uuid4(), **values, audio=bytes(1600), ring_timeout_s=3))
            assert ended.cause is Cause.NO_ROUTE, hostile
        assert await asyncio.to_thread(wire.heard) == []

        call = await line.place(Dial(uuid4(), "+9779812345678", "+97715970000", bytes(1600), 1))
        first = (await asyncio.to_thread(wire.heard))[0]
        call.hangup()
    finally:
        await line.close()
    head = first.partition("\r\n\r\n")[0].split("\r\n")
    assert head[0] == f"INVITE sip:+9779812345678@127.0.0.1:{wire.port};transport=udp SIP/2.0"
    assert "evil" not in first.lower()


@pytest.mark.parametrize(
    "settings",
    [{"user": f"x{EVIL}"}, {"user": "x@evil"}, {"trunk": f"sip:127.0.0.1{EVIL}"}, {"trunk": "sip:a;b=c"}],
)
def test_settings_of_a_trunk_carry_no_header_either(settings):
    with pytest.raises(ValueError, match=r"SIP|sip:"):
        SipSettings(**{"trunk": "sip:127.0.0.1:5060", **settings})


@pytest.mark.parametrize("hostile", HOSTILE_NUMBERS)
async def test_a_number_that_holds_more_than_digits_is_not_taken(api, hostile):
    body = {"name": "x", "services": "PHONE", "individual_number": [hostile, "9811111111"]}

    answer = await api.post("/api/system/campaigns/", json=body)

    campaign = answer.json()["data"]["details"][0]["id"]
    numbers = (await api.get(f"/api/system/campaigns/number/{campaign}/")).json()["data"]["numbers"]
    assert {number["number"] for number in numbers} <= {
        "9811111111",
        "9812345678",
        "981234567\u0668",
    }
    assert all(number["number"].isascii() and number["number"].isdigit() for number in numbers)


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "=cmd|' /C calc'!A0",
    "'=1",
]


async def _reported_run(parts, account, api):
    header = ",".join(["phone", *(f'"{sign}col{n}"' for n, sign in enumerate("=+-@"))])
    rows = [f'98111111{n:02d},"{value}",x,x,x' for n, value in enumerate(FORMULAS)]
    files = {"send_to_number_file": ("a.csv", "\n".join([header, *rows]).encode(), "text/csv")}
    added = await api.post("/api/system/campaigns/", data={"name": "=1+1", "services": "PHONE"}, files=files)
    campaign = added.json()["data"]["details"][0]["id"]
    async with parts.sessions.begin() as session:
        row = await session.get(Campaign, campaign)
        run = await make_run(session, row)
        await make_calls(session, run, [CallStatus.FAILED] * len(FORMULAS), reason="no_route", digits="=1*#")
    return run.id


async def test_no_cell_of_a_report_is_a_formula(parts, account, api):
    run = await _reported_run(parts, account, api)

    as_csv = (await api.get(f"/api/system/runs/{run}/report.csv")).content.decode("utf-8-sig")
    as_xlsx = (await api.get(f"/api/system/runs/{run}/report.xlsx")).content

    rows = list(csv.reader(io.StringIO(as_csv, newline="")))
    assert len(rows) == len(FORMULAS) + 1
    for row in rows:
        for cell in row:
            assert not cell.lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠")), cell
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx)).active
    assert sheet.max_row == len(rows)
    for cells in sheet.iter_rows():
        for cell in cells:
            assert cell.data_type in {"s", "n"}, cell.value
            assert cell.hyperlink is None


HOSTILE_NAMES = [
    "/etc/passwd",
    "../../../../etc/passwd",
    "..\\..\\..\\etc\\passwd",
    "file:///etc/passwd",
    "http://127.0.0.1:{port}/numbers.csv",
    "//127.0.0.1:{port}/share/numbers.csv",
    "concat:/etc/passwd|/etc/passwd",
    "/proc/self/environ",
    "%2e%2e%2fetc%2fpasswd",
    "passwd\x7f",
    ".",
    "..",
    "~/.ssh/id_rsa",
    "data:text/csv,phone%0A9811111111",
]


@pytest.fixture
def listener():
    """A server that the service would call if a name were taken for an address."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        yield server


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_a_name_is_never_a_path_nor_an_address(api, listener, name):
    name = name.replace("{port}", str(listener.getsockname()[1]))
    body = {"name": "x", "services": "PHONE"}
    mine = await api.post("/api/system/campaigns/", json={**body, "individual_number": ["9811111111"]})
    campaign = mine.json()["data"]["details"][0]["id"]

    listed = await api.post("/api/system/campaigns/", json={**body, "send_to_number_file": name})
    spoken = await api.post(f"/api/system/campaigns/{campaign}/begin/", json={"aud_file": name})

    for answer in (listed, spoken):
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["code"] == "file_not_found"
        assert "root:" not in answer.text
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize(
    "name", [*HOSTILE_NAMES[:4], "a\r\nX-Evil: yes.csv", "a\u202egpj.csv", "नमस्ते.csv", "<script>.csv"]
)
async def test_an_uploads_name_leads_nowhere(api, parts, tmp_path_factory, name):
    multipart = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\nphone\r\n--b--\r\n'
    )
    answer = await api.post(
        "/api/system/files/",
        content=multipart.encode(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    if answer.status_code != 201:
        assert answer.status_code in {400, 422}, answer.text
        return

    stored = answer.json()["data"]["file"]["name"]
    assert not set(stored) & set("/\\\r\n\0\u202e")
    keys = [blob.key async for blob in parts.blobs.list("uploads")]
    assert len(keys) == 1
    assert all(part.replace("-", "").isalnum() for part in keys[0].split("/")), keys


async def test_no_header_of_an_answer_is_made_of_what_was_sent(api):
    evil = {
        "X-Request-ID": "a b",
        "Idempotency-Key": "k: v",
        "Origin": "https://evil.example",
        "X-Forwarded-Host": "evil.example",
    }
    body = {"name": f"x{EVIL}", "services": "PHONE", "individual_number": ["9811111111"]}

    added = await api.post("/api/system/campaigns/", json=body, headers=evil)
    again = await api.post("/api/system/campaigns/", json=body, headers=evil)
    listed = await api.get("/api/system/campaigns", headers=evil)

    for answer in (added, again, listed):
        assert answer.is_success
        assert "evil" not in str(answer.headers).lower()
    assert "evil.example" not in listed.text


LOG = """
import logging, sys
from app.core.logging import configure_logging, get_logger
configure_logging("info", sys.argv[1])
evil = 'x\\r\\n{"event": "forged", "level": "info"}\\u2028\\x1b[2J\\x00 forged'
get_logger("a").info("read", name=evil, nested={"k": evil, evil: 1})
get_logger("a").info("read", **{"error": repr(ValueError(evil))})
logging.getLogger("b").warning("said %s", evil)
try:
    raise ValueError(evil)
except ValueError:
    get_logger("c").exception("broke")
"""


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_value_forges_a_line_of_the_log(style):
    done = subprocess.run([sys.executable, "-c", LOG, style], capture_output=True, check=True)
    lines = done.stderr.decode().split("\n")[:-1]

    if style == "json":
        assert len(lines) == 4
        assert [json.loads(line)["event"] for line in lines][:2] == ["read", "read"]
    else:
        began = [line for line in lines if not line.startswith("    ")]
        assert len(began) == 4, "what belongs to an event is indented below it"
    assert b"\x1b[2J" not in done.stderr
    assert b"\r" not in done.stderr
    assert b"\0" not in done.stderr
    assert "\u2028" not in done.stderr.decode()


def test_no_line_of_a_served_log_is_made_of_what_was_sent(served, token):
    evil = '\n{"event": "forged", "level": "critical"}\n'
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=served.url, trust_env=False, headers=headers) as client:
        client.post(
            "/api/system/campaigns/", json={"name": evil, "services": evil, "individual_number": [evil]}
        )
        client.post("/api/accounts/login/", json={"email": evil, "password": evil})
        client.get("/api/system/campaigns", params={"search": evil, "status": evil})
        client.get("/%0A%7B%22event%22%3A%22forged%22%7D%0A")
        client.post("/api/system/files/", files={"file": (evil, b"x")})
        client.get(
            "/api/system/campaigns", headers={"User-Agent": "x\u0085forged".encode(), "Host": "evil.example"}
        )

    events = [json.loads(line)["event"] for line in served.said().splitlines() if line.strip()]
    assert events
    assert "forged" not in events
