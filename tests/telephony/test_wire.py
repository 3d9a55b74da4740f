"""The trial phones against a caller that loses packets: what SIP repeats is repeated, and happens once."""

import asyncio
import contextlib
import json
import signal
import socket

import pytest

from app.trial.journal import Keep
from app.trial.phones import TrialPhones, run
from tests.telephony.peers import free_port, number

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP {codec}\r\na=rtpmap:{codec} {name}/8000\r\n"
)


class Caller:
    """A bare UDP socket that speaks as much SIP as it must."""

    def __init__(self, phones_port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(4)
        self._there = ("127.0.0.1", phones_port)
        self.port = self._socket.getsockname()[1]
        self.tag = ""

    def close(self) -> None:
        self._socket.close()

    def send(self, method: str, called: str, body: str = "", cseq: int = 1, branch: str = "z9hG4bK1") -> None:
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self._socket.sendto(
            (
                f"{method} sip:{called}@127.0.0.1 SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch}\r\n"
                f"From: <sip:caller@127.0.0.1>;tag=c\r\nTo: <sip:{called}@127.0.0.1>{self.tag}\r\n"
                f"Call-ID: {called}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n"
                f"Contact: <sip:caller@127.0.0.1:{self.port}>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode(),
            self._there,
        )

    async def take(self) -> str:
        return (await asyncio.to_thread(self._socket.recv, 4096)).decode()

    async def until(self, start: str) -> str:
        """The next message that starts so; remembers the phone's tag."""
        while not (message := await self.take()).startswith(start):
            pass
        to = next(line for line in message.splitlines() if line.startswith("To:"))
        if ";tag=" in to and message.startswith("SIP/2.0"):
            self.tag = ";tag=" + to.partition(";tag=")[2]
        return message


@pytest.fixture
async def phones():
    phones = TrialPhones()
    await phones.start()
    yield phones
    await phones.close()


@pytest.fixture
def caller(phones):
    with contextlib.closing(Caller(phones.port)) as caller:
        yield caller


def sdp(codec: int = 0, name: str = "PCMU") -> str:
    return _SDP.format(port=free_port(), codec=codec, name=name)


async def test_a_repeated_invite_gets_the_same_answer_and_is_one_call(phones, caller):
    for _ in range(3):
        caller.send("INVITE", number(90), sdp())
    tags = {(await caller.until("SIP/2.0 486")).partition("To:")[2].splitlines()[0] for _ in range(2)}
    assert len(tags) == 1
    assert [entry["event"] for entry in phones.log] == ["invite", "rejected"]


async def test_a_refusal_is_repeated_until_it_is_acknowledged(phones, caller):
    caller.send("INVITE", number(95), sdp())
    await caller.until("SIP/2.0 404")
    await caller.until("SIP/2.0 404")  # nothing was sent in between
    caller.send("ACK", number(95))
    async with asyncio.timeout(3):
        while phones._tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_bye_is_repeated_until_it_is_answered(phones, caller):
    caller.send("INVITE", number(80), sdp())
    await caller.until("SIP/2.0 200")
    caller.send("ACK", number(80), branch="z9hG4bK2")
    first, second = await caller.until("BYE "), await caller.until("BYE ")
    assert first == second


@pytest.mark.parametrize("body", ["", sdp(18, "G729")], ids=["no audio", "no common codec"])
async def test_an_offer_that_a_phone_cannot_talk_is_refused(phones, caller, body):
    caller.send("INVITE", number(1), body)
    await caller.until("SIP/2.0 488")
    assert [entry["event"] for entry in phones.log] == ["invite", "rejected"]


async def test_a_phone_answers_in_a_law_as_well(phones, caller):
    caller.send("INVITE", number(1), sdp(8, "PCMA"))
    assert " RTP/AVP 8" in await caller.until("SIP/2.0 200")


async def test_a_moved_call_is_answered_again(phones, caller):
    caller.send("INVITE", number(1), sdp())
    first = await caller.until("SIP/2.0 200")
    caller.send("ACK", number(1), branch="z9hG4bK2")
    caller.send("INVITE", number(1), sdp(), cseq=2, branch="z9hG4bK3")
    second = await caller.until("SIP/2.0 200")
    assert first.partition("\r\n\r\n")[2] == second.partition("\r\n\r\n")[2]
    assert "CSeq: 2 INVITE" in second
    caller.send("BYE", number(1), cseq=3, branch="z9hG4bK4")
    await caller.until("SIP/2.0 200")


async def test_what_is_not_sip_is_ignored(phones, caller):
    for noise in (b"\r\n\r\n", b"\x00" * 40, b"hello", b"INVITE sip:x SIP/2.0\r\n\r\n"):
        caller._socket.sendto(noise, caller._there)
    caller.send("INVITE", number(92), sdp())
    await caller.until("SIP/2.0 486")


async def test_the_phones_run_until_they_are_told_to_end(tmp_path):
    port, log = free_port(), tmp_path / "calls.jsonl"
    running = asyncio.create_task(run("0.0.0.0", port, log, tmp_path / "heard", Keep()))
    with contextlib.closing(Caller(port)) as caller:
        async with asyncio.timeout(4):
            while not log.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
        caller.send("INVITE", number(1), sdp())
        answer = await caller.until("SIP/2.0 200")
        assert "c=IN IP4 127.0.0.1" in answer  # behind 0.0.0.0, the address that the caller sees
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(4):
            await running
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()][:2] == ["invite", "answered"]
