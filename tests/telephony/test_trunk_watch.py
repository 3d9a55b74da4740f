"""A line asks its trunk whether it is there, and says what it hears."""

import asyncio
import socket

import pytest
from sqlalchemy import select

from app.calls.models import Line
from app.carriers import sip_options
from app.carriers.sip import SipCarrier, SipSettings
from app.carriers.sip_trunk import parse_trunk
from app.core.checks import CheckFailedError
from app.core.clock import SystemClock
from app.db.engine import make_sessions
from app.trial.phones import TrialPhones
from tests.factories import make_line
from tests.telephony.peers import carrier, free_port
from workers.trunk_watch import TrunkWatch


@pytest.fixture
def silent():
    """A UDP port that takes what comes and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trunk:
        trunk.bind(("127.0.0.1", 0))
        yield trunk


async def _asked(uri: str) -> str:
    return await sip_options.ask(parse_trunk(uri), "127.0.0.1", "tingting")


async def test_a_trunk_that_answers_options_is_there():
    phones = TrialPhones()
    await phones.start()
    try:
        assert (await _asked(f"sip:127.0.0.1:{phones.port}"))[:3].isdigit()
    finally:
        await phones.close()


@pytest.mark.parametrize("answer", ["200 OK", "403 Forbidden", "503 Service Unavailable"])
async def test_any_final_answer_shows_that_somebody_is_there(silent, answer):
    silent.setblocking(False)
    loop = asyncio.get_running_loop()
    asking = asyncio.create_task(_asked(f"sip:127.0.0.1:{silent.getsockname()[1]}"))
    request, caller = await loop.sock_recvfrom(silent, 4096)
    assert request.startswith(b"OPTIONS sip:127.0.0.1:")
    await loop.sock_sendto(silent, b"SIP/2.0 100 Trying\r\n\r\n", caller)
    await loop.sock_sendto(silent, f"SIP/2.0 {answer}\r\nContent-Length: 0\r\n\r\n".encode(), caller)
    assert await asking == answer


async def test_a_question_that_is_lost_is_sent_again(silent):
    silent.setblocking(False)
    loop = asyncio.get_running_loop()
    asking = asyncio.create_task(_asked(f"sip:127.0.0.1:{silent.getsockname()[1]}"))
    first, _ = await loop.sock_recvfrom(silent, 4096)
    second, caller = await loop.sock_recvfrom(silent, 4096)
    await loop.sock_sendto(silent, b"SIP/2.0 200 OK\r\n\r\n", caller)
    assert await asking == "200 OK"
    assert first == second


async def test_a_trunk_over_tcp_is_asked_over_tcp():
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SIP/2.0 405 Method Not Allowed\r\nContent-")
        await writer.drain()
        writer.write(b"Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await _asked(f"sip:127.0.0.1:{port};transport=tcp") == "405 Method Not Allowed"


async def test_a_line_says_since_when_its_trunk_is_silent_and_that_it_is_back(
    engine, clean_database, silent, monkeypatch
):
    sessions = make_sessions(engine)
    monkeypatch.setattr(sip_options, "ASK_S", 0.2)
    async with sessions.begin() as session:
        line = await make_line(session)
    async with carrier(silent.getsockname()[1]) as stack:
        watch = TrunkWatch(stack, lambda: line.id, engine, SystemClock())
        for _ in range(2):
            with pytest.raises(CheckFailedError, match="does not answer"):
                await watch.check.ask()
        first = await _row(sessions, line.id)
        assert (first.trunk_says, first.trunk_silent_since is not None) == (None, True)
        stack.heard_since = lambda _: True
        await watch.check.ask()
    row = await _row(sessions, line.id)
    assert (row.trunk_says, row.trunk_silent_since) == ("calls are answered, OPTIONS is not", None)


async def test_a_trunk_whose_name_does_not_resolve_is_said_in_a_sentence():
    stack = SipCarrier(SipSettings(trunk=f"sip:no-such-trunk.invalid:{free_port()}"))
    with pytest.raises(OSError, match=r"name no-such-trunk\.invalid is not known .*TINGTING_SIP_TRUNK"):
        await stack.start()


async def _row(sessions, line_id: int) -> Line:
    async with sessions() as session:
        return (await session.execute(select(Line).where(Line.id == line_id))).scalar_one()
