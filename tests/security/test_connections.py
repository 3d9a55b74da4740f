"""Connections that say nothing, heads without end, answers that nobody reads: cut, while others are served."""

import asyncio
import json
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from prometheus_client import REGISTRY
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.http.headers import ALWAYS
from app.server.protocol import LimitedHttp, Limits
from tests.security.conftest import KEY
from tests.security.served import Peak, Served, serving

QUICK = Limits(head_s=0.4, unread_s=0.4, linger_s=0.2)
PATIENT = replace(QUICK, head_s=30.0)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
SOON_S = 20.0

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Site:
    """A small application: `/wait` answers when told to, `/large` with 32 MiB, the rest with what was sent."""

    def __init__(self) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        if scope["path"] == "/wait":
            self.asked.set()
            await self.go.wait()
        if scope["path"] == "/large":
            await PlainTextResponse(bytes(32 * 1024**2))(scope, receive, send)
            return
        body = await request.body()
        await PlainTextResponse(b"ok" + body)(scope, receive, send)


@asynccontextmanager
async def listening(site: Site, http: LimitedHttp) -> AsyncIterator[Connect]:
    config = uvicorn.Config(site, http=http, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        writers = []

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writers.append(writer)
            return reader, writer

        try:
            yield connect
        finally:
            for writer in writers:
                writer.close()
            server.should_exit = True
            await task


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes."""
    said = b""
    async with asyncio.timeout(SOON_S):
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                said += piece
    return said


async def answered(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(SOON_S):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    return int(head.split()[1])


async def push(writer: asyncio.StreamWriter, piece: bytes, pause_s: float = 0.0) -> None:
    """Send `piece` again and again until the other side has had enough."""
    with suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)


def code_of(answer: bytes) -> tuple[int, str]:
    """Status and code of an answer in the envelope, which has the headers that every answer has."""
    head, _, body = answer.partition(b"\r\n\r\n")
    for name, value in ALWAYS.items():
        assert f"{name.lower()}: {value}".encode() in head
    assert b"connection: close" in head
    found = json.loads(body)
    assert found["success"] is False
    return found["status"], found["errors"][0]["code"]


def counted(reason: str) -> float:
    return REGISTRY.get_sample_value("tingting_connections_limited_total", {"reason": reason}) or 0.0


async def test_a_connection_that_says_nothing_is_closed():
    before = counted("head_late")
    async with listening(Site(), LimitedHttp(9, limits=QUICK)) as connect:
        reader, _ = await connect()
        assert await rest_of(reader) == b""
    assert counted("head_late") > before


async def test_a_head_that_drips_is_cut_though_each_drop_is_in_time():
    async with listening(Site(), LimitedHttp(9, limits=QUICK)) as connect:
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\n")
        dripping = asyncio.create_task(push(writer, b"X: y\r\n", 0.05))
        assert code_of(await rest_of(reader)) == (408, "headers_late")
        await dripping


@pytest.mark.parametrize("drop", [b"\r\n", b"G", b"GET / HTTP/1.1\r\nX: y"])
async def test_a_connection_that_was_answered_has_no_longer_for_its_next_head(drop):
    async with listening(Site(), LimitedHttp(9, limits=QUICK)) as connect:
        reader, writer = await connect()
        writer.write(GET)
        assert await answered(reader) == 200
        writer.write(drop)
        assert code_of(await rest_of(reader))[0] in {400, 408}


async def test_an_answer_may_take_longer_than_a_head_and_what_was_sent_ahead_waits_for_it():
    site = Site()
    async with listening(site, LimitedHttp(9, limits=QUICK)) as connect:
        reader, writer = await connect()
        writer.write(GET.replace(b"/", b"/wait", 1) + GET[:-2])
        await site.asked.wait()
        await asyncio.sleep(QUICK.head_s * 2.5)
        site.go.set()
        assert await answered(reader) == 200
        writer.write(b"\r\n")
        assert await answered(reader) == 200


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"GET / HTTP/1.1\r\nX: ", b"y" * 5000),
        (b"GET / HTTP/1.1\r\n", b"X: y\r\n" * 900),
        (b"GET /", b"y" * 5000),
        (b"GET / HTTP/1.1\r\nX", b"x" * 5000),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 65536 + b"\r\n\r\n", b""),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n" * 900),
        (CHUNKED + b"1\r\nx\r\n0\r\nX: ", b"y" * 5000),
        (CHUNKED + b"1;", b"y" * 5000),
    ],
    ids=["a value", "many headers", "a target", "a name", "in one piece", "trailers", "a trailer", "an extension"],
)  # fmt: skip
async def test_a_head_without_end_is_431(begin, more):
    before = counted("head_too_large")
    async with listening(Site(), LimitedHttp(9, limits=PATIENT)) as connect:
        reader, writer = await connect()
        writer.write(begin)
        pushing = asyncio.create_task(push(writer, more, 0.0 if more else 3600))
        assert code_of(await rest_of(reader)) == (431, "headers_too_large")
        writer.close()
        pushing.cancel()
    assert counted("head_too_large") == before + 1


async def test_headers_of_sixty_kibibytes_are_read_and_a_body_may_come_in_small_chunks():
    async with listening(Site(), LimitedHttp(9, limits=PATIENT)) as connect:
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 60 * 1024 + b"\r\n\r\n")
        assert await answered(reader) == 200
        writer.write(CHUNKED + b"1\r\nx\r\n" * 40_000 + b"0\r\n\r\n")
        assert await answered(reader) == 200


async def test_what_is_not_http_is_refused_in_the_envelope():
    async with listening(Site(), LimitedHttp(9, limits=PATIENT)) as connect:
        reader, writer = await connect()
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        assert code_of(await rest_of(reader)) == (400, "invalid_request")


async def test_an_answer_that_nobody_reads_is_cut():
    before = counted("answer_unread")
    async with listening(Site(), LimitedHttp(9, limits=QUICK)) as connect:
        _, writer = await connect()
        writer.transport.pause_reading()
        writer.write(GET.replace(b"/", b"/large", 1))
        async with asyncio.timeout(SOON_S):
            while counted("answer_unread") == before:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.02)


async def test_an_address_with_all_its_connections_open_is_still_served():
    async with listening(Site(), LimitedHttp(5, limits=PATIENT)) as connect:
        silent = [await connect() for _ in range(5)]
        reader, writer = await connect()
        writer.write(GET)
        assert await answered(reader) == 200
        assert await rest_of(silent[0][0]) == b""
        assert not silent[1][0].at_eof()


async def test_an_address_with_all_its_connections_at_work_is_told_to_wait():
    site = Site()
    async with listening(site, LimitedHttp(2, limits=PATIENT)) as connect:
        working = []
        for _ in range(2):
            site.asked.clear()
            reader, writer = await connect()
            writer.write(GET.replace(b"/", b"/wait", 1))
            working.append(reader)
            await site.asked.wait()
        refused, _ = await connect()
        said = await rest_of(refused)
        assert code_of(said) == (429, "too_many_connections")
        assert b"\r\nretry-after: " in said
        site.go.set()
        assert [await answered(reader) for reader in working] == [200, 200]


async def test_a_named_proxy_may_open_as_many_as_it_needs():
    site = Site()
    async with listening(site, LimitedHttp(2, "127.0.0.1", limits=PATIENT)) as connect:
        streams = [await connect() for _ in range(12)]
        for reader, writer in streams:
            writer.write(GET)
            assert await answered(reader) == 200


async def test_many_addresses_together_are_held_to_what_the_process_can_hold():
    async with listening(Site(), LimitedHttp(99, limits=PATIENT, most=3)) as connect:
        silent = [await connect() for _ in range(3)]
        reader, writer = await connect()
        writer.write(GET)
        assert await answered(reader) == 200
        assert await rest_of(silent[0][0]) == b""


@pytest.fixture(scope="module")
def narrow(postgres_url, valkey_server, tmp_path_factory) -> Iterator[Served]:
    """The API started as a shell starts it: with 1,024 descriptors, which it may raise."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    settings = {
        "TINGTING_DATABASE_URL": postgres_url,
        "TINGTING_REDIS_URL": valkey_server.url(),
        "TINGTING_JWT_SECRET": KEY,
    }
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        with serving(tmp_path_factory.mktemp("narrow"), **settings) as api:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
            yield api
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_silent_connections_by_the_thousand_keep_nobody_out(narrow: Served):
    url = httpx.URL(narrow.url)
    silent = [socket.create_connection((url.host, url.port), timeout=SOON_S) for _ in range(1100)]
    try:
        for _ in range(5):
            assert httpx.get(f"{narrow.url}/health/live", trust_env=False, timeout=SOON_S).status_code == 200
    finally:
        for one in silent:
            one.close()
    assert 1 <= narrow.said().count('"connection_limited"') < 10
    limits = Path(f"/proc/{narrow.process.pid}/limits").read_text().splitlines()
    opened = next(line.split() for line in limits if line.startswith("Max open files"))
    assert opened[3] == opened[4]


def test_headers_of_two_hundred_megabytes_take_no_memory_and_are_431(narrow: Served):
    url = httpx.URL(narrow.url)
    with (
        Peak(narrow) as peak,
        socket.create_connection((url.host, url.port), timeout=SOON_S) as connection,
    ):
        before = peak.mib
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with suppress(ConnectionError):
            for _ in range(200):
                connection.sendall(b"X: " + b"y" * 1024**2 + b"\r\n")
        said = b""
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                said += piece
    assert code_of(said) == (431, "headers_too_large")
    assert peak.mib - before < 30
