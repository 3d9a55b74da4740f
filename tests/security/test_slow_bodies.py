"""Bodies that come slowly or never end: cut, without waiting for their end."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message

from app.api.envelope import DIALECT
from app.core.errors import MalformedError, TooLargeError
from app.http.dialect import Dialects
from app.http.middleware import MAX_BODY_BYTES, SLOWEST_BYTES_S, BodyLimit

QUICK_S = 0.4


async def _length(scope, receive, send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def _send(
    pieces: AsyncIterator[bytes], sent: list[Message] | None = None, app: ASGIApp = _length, **headers: str
) -> list[Message]:
    door = FastAPI()
    door.state.dialects = Dialects(DIALECT)
    scope = {
        "type": "http",
        "app": door,
        "method": "POST",
        "path": "/api/system/campaigns",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    sent = [] if sent is None else sent

    async def receive() -> Message:
        try:
            return {"type": "http.request", "body": await anext(pieces), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await BodyLimit(app, stall_s=QUICK_S)(scope, receive, send)
    return sent


async def _drops(count: int, size: int, pause_s: float) -> AsyncIterator[bytes]:
    for _ in range(count):
        await asyncio.sleep(pause_s)
        yield b"x" * size


async def test_a_body_that_stops_is_given_up():
    with pytest.raises(MalformedError, match="stopped arriving"):
        await _send(_drops(1, 10, 3600))


async def test_a_body_that_drips_is_given_up_though_each_drop_is_in_time():
    with pytest.raises(MalformedError, match="stopped arriving"):
        await _send(_drops(10_000, 1, QUICK_S / 5))


async def test_a_slow_but_steady_body_is_waited_for():
    enough = int(SLOWEST_BYTES_S * QUICK_S * 20)
    sent = await _send(_drops(10, enough, QUICK_S / 5))
    assert sent[-1]["body"] == str(10 * enough).encode()


async def test_a_body_without_an_end_is_cut_at_the_limit():
    passed = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal passed
        while True:
            passed += 1024**2
            yield bytes(1024**2)

    with pytest.raises(TooLargeError):
        await _send(endless())
    assert passed <= MAX_BODY_BYTES + 2 * 1024**2


@pytest.mark.parametrize("length", [str(1024**3), "9" * 30, str(MAX_BODY_BYTES + 1)])
async def test_a_length_that_is_too_much_is_refused_before_anything_is_read(length):
    read_before_the_answer = []

    async def watched() -> AsyncIterator[bytes]:
        read_before_the_answer.append(not sent)
        yield b""

    sent: list[Message] = []
    await _send(watched(), sent, content_length=length)
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert read_before_the_answer == [False]


async def test_a_small_body_that_nobody_reads_does_not_cost_the_connection():
    async def answer(scope, receive, send) -> None:
        await PlainTextResponse("ok")(scope, receive, send)

    sent: list[Message] = []
    await _send(_drops(1, 10, 0), sent, app=answer, content_length="10")
    assert (b"connection", b"close") not in sent[0]["headers"]


async def test_a_large_body_that_nobody_reads_is_answered_and_its_connection_closed():
    async def answer(scope, receive, send) -> None:
        await PlainTextResponse("ok")(scope, receive, send)

    sent: list[Message] = []
    await _send(_drops(3, 1024**2, 0), sent, app=answer, content_length=str(3 * 1024**2))
    assert (b"connection", b"close") in sent[0]["headers"]
    assert [message.get("body") for message in sent[1:]] == [b"ok", b""]
