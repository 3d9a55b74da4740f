"""A trunk that misbehaves: plain UDP and a few lines of SIP, nothing of the product's."""

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from enum import Enum

from app.local import ports

DIGITS = 10_000
RINGS = 5
_KEPT = re.compile(rb"^(?:via|v|from|f|call-id|i|cseq|record-route)\s*:.*$", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(rb"^(?:to|t)\s*:(.*)$", re.IGNORECASE | re.MULTILINE)
_CALL_ID = re.compile(rb"^call-id\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_RTP_PORT = re.compile(rb"m=audio (\d+)")
_GARBAGE = (
    b"\x00\xff\xfe" * 40,
    b"SIP/2.0 200 OK\r\n\r\n",
    b"SIP/2.0 99999 \r\nVia: \r\nCSeq: x\r\n\r\n",
    b"INVITE sip: SIP/2.0\r\nContent-Length: 999999999\r\n\r\n",
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP " + b"a" * 4000 + b"\r\n\r\n",
    b"SIP/7.0 180 \xe0\xa4\xa8\r\nCall-ID: \r\n\r\n",
)


class Oddity(Enum):
    """What is wrong with the trunk."""

    SILENT = "silent"
    UNAVAILABLE = "unavailable"
    TRYING = "trying"
    RINGING = "ringing"
    YES = "yes"
    GARBAGE = "garbage"
    DIGITS = "digits"


@dataclass
class OddPeer(asyncio.DatagramProtocol):
    """One UDP port that answers every request as its oddity has it.

    Attributes:
        calls: Call-IDs that it was invited to.
        port: where it listens.
    """

    oddity: Oddity
    calls: set[bytes] = field(default_factory=set)
    port: int = 0
    _transport: asyncio.DatagramTransport | None = None
    _at_work: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        """Listen on a free port."""
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(ports.LOOPBACK, 0)
        )

    def close(self) -> None:
        """Fall silent."""
        for task in self._at_work:
            task.cancel()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transports are no subclass of its DatagramTransport, so this is taken on trust.
        self._transport = transport  # type: ignore[assignment]
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        method = data.partition(b" ")[0]
        if method == b"INVITE" and (found := _CALL_ID.search(data)):
            self.calls.add(found[1])
        if data.startswith(b"SIP/2.0") or not method.isalpha():
            return
        match self.oddity:
            case Oddity.TRYING if method == b"INVITE":
                self._send(_response(data, b"100 Trying", self.port), addr)
            case Oddity.RINGING if method == b"INVITE":
                self._go_on(self._ring(data, addr))
            case Oddity.UNAVAILABLE if method != b"ACK":
                self._send(_response(data, b"503 Service Unavailable", self.port), addr)
            case Oddity.YES if method != b"ACK":
                self._send(_response(data, b"200 OK", self.port), addr)
            case Oddity.GARBAGE:
                for piece in (*_GARBAGE, data[::-1], data[: len(data) // 2]):
                    self._send(piece, addr)
            case Oddity.DIGITS:
                self._digits(method, data, addr)

    def _digits(self, method: bytes, data: bytes, addr: tuple[str | int, int]) -> None:
        if method != b"ACK":
            self._send(_response(data, b"200 OK", self.port), addr)
        else:
            self._go_on(self._flood(data, addr))

    def _go_on(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _ring(self, invite: bytes, addr: tuple[str | int, int]) -> None:
        """Say again and again that it rings, then decline, so close behind that a ledger writes both together."""
        for status in (b"183 Session Progress", *[b"180 Ringing"] * RINGS, b"603 Decline"):
            self._send(_response(invite, status, self.port), addr)
            await asyncio.sleep(0.01)

    async def _flood(self, ack: bytes, addr: tuple[str | int, int]) -> None:
        """Ten thousand keys by SIP INFO, ten at a time."""
        for nth in range(DIGITS):
            self._send(_info(ack, nth, self.port), addr)
            if nth % 10 == 9:
                await asyncio.sleep(0.005)

    def _send(self, data: bytes, addr: tuple[str | int, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, addr)


def _header(request: bytes, name: bytes) -> bytes:
    found = re.search(rb"^" + name + rb"\s*:\s*(.*?)\r?$", request, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else b""


def _response(request: bytes, status: bytes, port: int) -> bytes:
    kept = [line.strip() for line in _KEPT.findall(request)]
    to = _TO.search(request)
    whom = to[1].strip() if to else b""
    tagged = whom if b"tag=" in whom or status.startswith(b"100") else whom + b";tag=odd"
    body = b""
    if request.startswith(b"INVITE") and status.startswith(b"200"):
        body = (
            b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            b"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
    lines = [b"SIP/2.0 " + status, *kept, b"To: " + tagged, b"Contact: <sip:odd@127.0.0.1:%d>" % port]
    if body:
        lines.append(b"Content-Type: application/sdp")
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def _info(ack: bytes, nth: int, port: int) -> bytes:
    """An INFO inside the dialogue that `ack` has confirmed, from the callee to the caller."""
    body = b"Signal=%d\r\nDuration=100\r\n" % (nth % 10)
    contact = re.search(rb"sip:[^>;\s]+", _header(ack, b"via").replace(b"SIP/2.0/UDP ", b"sip:tingting@"))
    target = contact[0] if contact else b"sip:tingting@127.0.0.1"
    lines = [
        b"INFO " + target + b" SIP/2.0",
        b"Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKodd%d" % (port, nth),
        b"From: " + _header(ack, b"to"),
        b"To: " + _header(ack, b"from"),
        b"Call-ID: " + _header(ack, b"call-id"),
        b"CSeq: %d INFO" % (nth + 1),
        b"Max-Forwards: 70",
        b"Content-Type: application/dtmf-relay",
        b"Content-Length: %d" % len(body),
    ]
    return b"\r\n".join([*lines, b"", body])
