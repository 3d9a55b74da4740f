"""A thousand bodies broken on purpose: each is refused in the envelope, with a status that its route documents."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.api.application import build_app
from app.api.envelope import Failure
from tests.security.served import Served

DOCUMENT = build_app().openapi()
WRITES = [
    (method.upper(), path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if "requestBody" in operation
]
PER_ROUTE = 120

JSON, FORM, MULTIPART = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
)
Sent = tuple[str, bytes]
"""A Content-Type and a body."""


def example_of(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["requestBody"]["content"].get(JSON, {})
    return next((given["value"] for given in content.get("examples", {}).values()), {"file": "x"})


def broken_json(rng: random.Random, good: dict[str, Any]) -> bytes:
    raw = json.dumps(good).encode()
    at = rng.randrange(len(raw))
    name = json.dumps(rng.choice(list(good)))
    value = rng.choice(
        [
            b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"01", b"+1", b".5", b"'x'", b"undefined", b'"\\ud800"',
            b'"\\u0000"', b'"\xff\xfe"', b'"a\nb"', b"[" * 200_000, b'{"a":' * 5000, b"[1,]", b"/* */ 1",
        ]
    )  # fmt: skip
    return rng.choice(
        [
            raw[:at],
            raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :],
            raw[:at] + b"\x00" + raw[at:],
            raw[:at] + b"\xed\xa0\x80" + raw[at:],
            raw + raw,
            raw + b"}",
            b"[" + raw + b"]",
            json.dumps(raw.decode()).encode(),
            rng.choice(
                [
                    b"null",
                    b"true",
                    b"1",
                    b'"text"',
                    b"[]",
                    b"{",
                    b"}",
                    b"\xff\xfe{\x00}\x00",
                    b"\x1f\x8b\x08\x00",
                ]
            ),
            b"{" + name.encode() + b": " + value + b"}",
            raw[:-1] + b"," + name.encode() + b": " + value + b"}",
            rng.randbytes(rng.randrange(1, 300)),
        ]
    )


def broken_form(rng: random.Random, good: dict[str, Any]) -> bytes:
    name = rng.choice(list(good)).encode()
    return rng.choice(
        [
            name + b"=%ff%fe",
            name + b"=%00",
            name + b"=%ED%A0%80",
            name + b"=\xe9",
            b"%E0%A4=" + name,
            b"&".join([name + b"[]=x"] * 50) + b"&" + name + b"=%C0%80",
            name + b"=[1,2" + b"&" * 300_000,
            name + b"=[[[[" + b"\x80",
            rng.randbytes(200) + b"\xff",
        ]
    )


def broken_multipart(rng: random.Random, good: dict[str, Any]) -> bytes:
    name = rng.choice(list(good)).encode()

    def piece(headers: bytes, body: bytes = b"x") -> bytes:
        return b"--b\r\n" + headers + b"\r\n\r\n" + body + b"\r\n"

    named = b'Content-Disposition: form-data; name="' + name + b'"'
    whole = piece(named) + piece(named + b'; filename="a.csv"') + b"--b--\r\n"
    return rng.choice(
        [
            whole[: rng.randrange(len(whole) - 8)],
            b"--c\r\n" + whole,
            piece(b"X-Nothing: 1") + b"--b--\r\n",
            piece(b"Content-Disposition: attachment") + b"--b--\r\n",
            piece(named, b"\xff\xfe") + b"--b--\r\n",
            piece(named + b'; filename="\x00"') + b"--b--\r\n",
            piece(b'Content-Disposition: form-data; name="\xff"') + b"--b--\r\n",
            piece(named + b"\r\nX: " + b"y" * 50_000) + b"--b--\r\n",
            b"".join(piece(named + b'; filename="f"') for _ in range(30)) + b"--b--\r\n",
            b"--b\r\nno colon here\r\n\r\nx\r\n--b--\r\n",
            rng.randbytes(300),
        ]
    )


def broken_bodies(seed: str, good: dict[str, Any]) -> Iterator[Sent]:
    rng = random.Random(seed)
    for _ in range(PER_ROUTE):
        kind = rng.random()
        if kind < 0.6:
            yield JSON, broken_json(rng, good)
        elif kind < 0.75:
            yield FORM, broken_form(rng, good)
        elif kind < 0.9:
            yield MULTIPART, broken_multipart(rng, good)
        else:
            other = [
                "text/plain", "application/xml", "application/octet-stream", "multipart/form-data", "multipart/mixed",
                "multipart/form-data; boundary=", 'multipart/form-data; boundary="',
                "application/json; charset=utf-16",
                "not a type", "/", ";", "application/json, text/plain", "multipart/form-data; boundary=" + "b" * 500,
            ]  # fmt: skip
            yield rng.choice(other), broken_json(rng, good)


@pytest.mark.parametrize(("method", "path", "operation"), WRITES, ids=[f"{w[0]} {w[1]}" for w in WRITES])
def test_a_broken_body_is_refused_as_documented(served: Served, token: str, method, path, operation):
    documented = {int(status) for status in operation["responses"]}
    address = served.url + path.replace("{campaign_id}", "1").replace("{number_id}", "1")
    seen: Counter[int] = Counter()
    with httpx.Client(trust_env=False, timeout=60, headers={"Authorization": f"Bearer {token}"}) as client:
        for kind, body in broken_bodies(path, example_of(operation)):
            answer = client.request(method, address, content=body, headers={"Content-Type": kind})
            sent = f"{kind}: {body[:200]!r}: {answer.status_code} {answer.text[:500]}"
            seen[answer.status_code] += 1
            assert answer.status_code in documented, sent
            if answer.status_code >= 400:
                Failure.model_validate_json(answer.content, strict=True)
                assert answer.json()["status"] == answer.status_code, sent
            assert "Traceback" not in answer.text, sent

    assert seen.total() == PER_ROUTE
    assert (
        sum(n for status, n in seen.items() if status in {400, 401, 404, 413, 415, 422, 429})
        > PER_ROUTE * 0.7
    ), seen


def test_a_thousand_bodies_were_sent_and_nothing_unforeseen_was_logged(served: Served):
    assert len(WRITES) * PER_ROUTE >= 1_000
    assert "unexpected_error" not in served.said()
    assert "Traceback" not in served.said()


@pytest.mark.parametrize("digits", ["0" * 2000, "९" * 2000, "1 " * 1000, "12:30 " * 333])
def test_a_message_that_would_be_spoken_for_a_quarter_of_an_hour_is_refused_before_it_is(
    served: Served, token: str, digits
):
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(
        f"{served.url}/api/system/test/voice/",
        json={"message": digits},
        headers=headers,
        timeout=60,
        trust_env=False,
    )
    if answer.status_code == 422:
        assert answer.json()["errors"][0]["code"] == "message_too_long_when_read"
    else:
        assert answer.status_code == 200
        assert answer.json()["data"]["duration"] < 1000
