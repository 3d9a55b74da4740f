"""Bodies made to take memory: refused, or read one after the other."""

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.security.served import Peak, Served

MIB = 1024**2
CAMPAIGNS = "/api/system/campaigns/"
ROOM_MIB = 120
"""What all of them together may take; the worst was measured to take 65 by itself, and all at once 70."""

NUMBERS = json.dumps({"name": "x", "services": "SMS", "individual_number": [9800000000] * 100_000}).encode()
ALLOWED = {
    "a list as long as may be": NUMBERS,
    "a text of four bytes a character": b'{"name": "x", "a": "\xf0\x9f\x98\x80'
    + b"x" * (8 * MIB - 100)
    + b'"}',
    "as many small objects as may be": b'{"name": "x"'
    + (b', "a": [' + b'{"a":{}},' * 99_000 + b"1]")
    + (b', "b": [' + b'{"b":{}},' * 99_000 + b"1]}"),
    "numbers in one text": b'{"name": "x", "services": "SMS", "individual_number": "'
    + b"1," * 99_999
    + b'1"}',
    "keys": b'{"name": "x"' + b"".join(b',"%d":"%d"' % (n, n) for n in range(199_000)) + b"}",
}
REFUSED = {
    "22 MB of numbers": NUMBERS[:-2] + b", 9800000000" * 1_800_000 + b"]}",
    "empty lists": b'{"a": [' + b"[]," * 2_700_000 + b"1]}",
    "12 MB of text": b'{"a": "' + b"x" * 12 * MIB + b'"}',
}


@pytest.fixture(scope="module")
def client(served: Served, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with httpx.Client(base_url=served.url, trust_env=False, timeout=120, headers=headers) as client:
        client.post(CAMPAIGNS, content=b'{"a": "' + b"x" * 400_000 + b'"}')  # starts its threads
        yield client


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_too_large_for_json_takes_no_memory(served: Served, client: httpx.Client, what: str):
    with Peak(served) as peak:
        before = peak.mib
        try:
            answer = client.post(CAMPAIGNS, content=REFUSED[what])
        except httpx.WriteError:
            answer = None  # refused while we still sent
    if answer is not None:
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["code"] == "use_a_file"
    assert peak.mib - before < ROOM_MIB / 2


def test_large_bodies_sent_at_once_take_the_memory_of_one(served: Served, client: httpx.Client):
    bodies = [body for body in ALLOWED.values() for _ in range(2)]
    bodies += [ALLOWED["a text of four bytes a character"]] * 4
    statuses: list[int] = []

    def send(body: bytes) -> None:
        statuses.append(client.post(CAMPAIGNS, content=body).status_code)

    with Peak(served) as peak:
        before = peak.mib
        threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(statuses) == len(bodies)
    assert set(statuses) <= {201, 422}
    assert peak.mib - before < ROOM_MIB
