"""What is promised holds behind the nginx of `examples/` too."""

import json
import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest

from app.http.headers import ALWAYS
from tests.security.conftest import EMAIL, PASSWORD
from tests.security.fronted import Front, nginx_before
from tests.security.served import Peak, Served
from tests.security.test_malformed_bodies import WRITES, broken_bodies, example_of

SOON_S = 30.0
PER_ROUTE = 6


@dataclass
class Behind:
    served: Served
    front: Front
    client: httpx.Client


@pytest.fixture(scope="module")
def behind(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    trust = ssl.create_default_context()
    with nginx_before(served.url, tmp_path_factory.mktemp("nginx"), client_header_timeout="1s") as front:
        trust.load_verify_locations(front.certificate)
        with httpx.Client(base_url=front.tls, verify=trust, trust_env=False, timeout=60) as client:
            login = client.post("/api/accounts/login/", json={"email": EMAIL, "password": PASSWORD})
            token = login.json()["data"]["token"]["access"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield Behind(served, front, client)


def raw(front: Front, request: bytes) -> bytes:
    """All that is answered to bytes on a connection, until the other side closes it."""
    url = httpx.URL(front.plain)
    said = b""
    with socket.create_connection((url.host, url.port), timeout=SOON_S) as connection:
        with suppress(ConnectionError):
            connection.sendall(request)
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                said += piece
    return said


def test_answers_come_over_tls_and_plain_http_is_sent_there(behind: Behind):
    answer = behind.client.get("/health/live")
    plain = httpx.get(f"{behind.front.redirecting}/api/x?y=1", trust_env=False)

    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert {name: answer.headers.get_list(name) for name in ALWAYS} == {
        name: [value] for name, value in ALWAYS.items()
    }
    assert plain.status_code == 308
    assert plain.headers["location"] == "https://127.0.0.1/api/x?y=1"


def test_addresses_that_are_answered_are_those_of_the_proxy(behind: Behind):
    heard = behind.client.post("/api/system/test/voice/", json={"message": "नमस्ते"}).json()["data"]
    assert heard["voice_url"].startswith(f"{behind.front.tls}/api/system/voice/")
    assert behind.client.get(heard["voice_url"]).content.startswith(b"RIFF")


def test_an_address_that_a_client_makes_up_is_not_believed(behind: Behind):
    email = f"{secrets.token_hex(4)}@example.com"
    statuses = [
        behind.client.post(
            "/api/accounts/login/",
            json={"email": email, "password": "x"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        ).status_code
        for n in range(11)
    ]
    assert statuses == [401] * 10 + [429]
    assert "203.0.113." not in behind.served.said()


def test_a_file_of_many_pieces_arrives_whole(behind: Behind):
    content = secrets.token_bytes(5 * 1024**2)
    answer = behind.client.post("/api/system/files/", files={"file": ("a.csv", content)})
    assert answer.status_code == 201
    assert answer.json()["data"]["file"]["size"] == len(content)


def test_headers_without_end_are_refused_in_the_envelope(behind: Behind):
    with Peak(behind.served) as peak:
        before = peak.mib
        said = raw(
            behind.front, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 200_000
        )
    assert peak.mib - before < 30
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"nosniff" in head
    assert json.loads(body)["errors"][0]["code"] == "headers_too_large"


def test_a_connection_that_says_nothing_is_closed(behind: Behind):
    raw(behind.front, b"")
    raw(behind.front, b"GET / HTTP/1.1\r\nHost: x\r\n")


def test_a_body_over_the_limit_is_refused_by_its_length(behind: Behind):
    head = (
        "POST /api/system/campaigns/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {behind.client.headers['Authorization']}\r\nContent-Length: {{}}\r\n\r\n{{{{"
    )
    for length, code in ((9 * 1024**2, b"use_a_file"), (1024**3, b"body_too_large")):
        said = raw(behind.front, head.format(length).encode())
        assert said.startswith(b"HTTP/1.1 413 "), said
        assert code in said


@pytest.mark.parametrize(("method", "path", "operation"), WRITES, ids=[f"{w[0]} {w[1]}" for w in WRITES])
def test_broken_bodies_are_refused_as_without_it(behind: Behind, method, path, operation):
    documented = {int(status) for status in operation["responses"]}
    address = path.replace("{campaign_id}", "1").replace("{number_id}", "1")
    for kind, body in list(broken_bodies(path, example_of(operation)))[:PER_ROUTE]:
        answer = behind.client.request(method, address, content=body, headers={"Content-Type": kind})
        assert answer.status_code in documented, f"{kind}: {body[:200]!r}: {answer.status_code}"
        assert answer.json()["status"] == answer.status_code


def test_a_service_that_is_away_is_said_in_the_envelope(tmp_path_factory: pytest.TempPathFactory):
    with nginx_before("http://127.0.0.1:1", tmp_path_factory.mktemp("alone")) as front:
        answer = httpx.get(f"{front.plain}/health/live", trust_env=False)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["errors"][0]["code"] == "unavailable"
    assert answer.headers["cache-control"] == "no-store"
