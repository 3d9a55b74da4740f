"""Uploads made to hurt: refused while the API keeps its memory and its processes."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.security.hostile import HOSTILE, NUMBERS, Hostile
from tests.security.served import Peak, Served

PATIENCE_S = 60.0
"""Far above what each takes (ten seconds on an idle machine): for a crowded one."""

ROOM_MIB = 100


def _body(upload: Hostile, boundary: bytes) -> Iterator[bytes]:
    fields = (
        {"name": "x", "services": "PHONE"}
        if upload.field == NUMBERS
        else {"message": "x", "priority": "audio"}
    )
    for name, value in fields.items():
        yield b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
            boundary,
            name.encode(),
            value.encode(),
        )
    yield b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n' % (
        boundary,
        upload.field.encode(),
        upload.filename.encode(),
    )
    yield from upload.pieces()
    yield b"\r\n--%s--\r\n" % boundary


def _send(client: httpx.Client, path: str, upload: Hostile) -> httpx.Response:
    boundary = secrets.token_hex(8)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return client.post(path, content=_body(upload, boundary.encode()), headers=headers)


@pytest.fixture(scope="module")
def client(served: Served, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=served.url, trust_env=False, timeout=PATIENCE_S, headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def campaign(client: httpx.Client) -> int:
    body = {"name": "x", "services": "PHONE", "individual_number": ["9800000000"]}
    return client.post("/api/system/campaigns/", json=body).json()["data"]["details"][0]["id"]


@pytest.fixture(scope="module")
def calm(served: Served, client: httpx.Client, campaign: int) -> float:
    """Memory once every kind of upload has been read once, MiB."""
    files = {NUMBERS: ("a.csv", b"phone\n9800000001\n")}
    client.post("/api/system/campaigns/", data={"name": "x", "services": "PHONE"}, files=files)
    client.post(f"/api/system/campaigns/{campaign}/begin/", files={"aud_file": ("a.wav", b"RIFF")})
    return served.resident_mib()


@pytest.mark.parametrize("upload", HOSTILE, ids=str)
def test_a_hostile_upload_is_refused_and_costs_the_api_no_memory(served, client, campaign, calm, upload):
    path = "/api/system/campaigns/" if upload.field == NUMBERS else f"/api/system/campaigns/{campaign}/begin/"

    with Peak(served) as peak:
        try:
            answer = _send(client, path, upload)
        except httpx.WriteError:
            # Refused while we still sent; what the service had to say is lost with the connection.
            answer = None

    if answer is not None:
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.status_code != 404, answer.text
        assert answer.json()["errors"][0]["code"]
        assert "root:" not in answer.text
    assert peak.mib - calm < ROOM_MIB
    assert served.process.poll() is None


def test_nothing_of_them_was_kept_and_nothing_broke(served, client, campaign, calm):
    shown = client.get(f"/api/system/campaigns/{campaign}/details/").json()["data"]["details"][0]
    listed = client.get("/api/system/campaigns").json()["pagination"]["total_items"]
    blobs = [path for path in Path(served.log).parent.joinpath("blobs").rglob("*") if path.is_file()]

    assert (shown["audio"], shown["status"]) == (None, "Not Started")
    assert listed == 2
    assert [path for path in blobs if "speech" not in str(path)] == []
    assert "Traceback" not in served.said()
    assert client.get("/health/live").status_code == 200


def test_no_reader_of_them_is_left_behind(served):
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    commands = [
        Path(f"/proc/{child}/cmdline").read_bytes() for child in children if Path(f"/proc/{child}").exists()
    ]
    assert not [line for line in commands if b"import_child" in line or b"decode_child" in line]


def test_a_body_of_a_gibibyte_is_refused_by_its_length(served, token):
    head = (
        f"POST /api/system/files/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {1024**3}\r\n\r\n--b\r\n"
    )
    assert _raw(served, head.encode()).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_cut_where_the_limit_is(served, client, calm):
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 256 * 1024
            yield b"x" * (256 * 1024)

    with Peak(served) as peak:
        try:
            status = client.post(
                "/api/system/campaigns/", content=endless(), headers={"Content-Type": "application/json"}
            ).status_code
        except httpx.TransportError:
            status = 413

    assert status == 413
    assert sent < 64 * 1024**2
    assert peak.mib - calm < ROOM_MIB


def test_a_stranger_has_no_body_read(served):
    for path in ("/api/system/files/", "/api/system/campaigns/"):
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            f"Content-Length: {200 * 1024**2}\r\n\r\n--b\r\n"
        )
        assert _raw(served, head.encode()).startswith(b"HTTP/1.1 401 "), path


def _raw(served: Served, request: bytes) -> bytes:
    """The beginning of what is answered to bytes on a connection that then stays open."""
    import socket

    url = httpx.URL(served.url)
    with socket.create_connection((url.host, url.port), timeout=PATIENCE_S) as connection:
        connection.sendall(request)
        return connection.recv(4096)
