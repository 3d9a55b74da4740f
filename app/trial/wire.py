"""SIP over UDP for the trial phones: what aiosipua leaves to its user.

aiosipua hands every INVITE on as a new call and sends a refusal or a BYE only once. Here a repeated INVITE gets the
last answer again, and what must be acknowledged is repeated until it is (RFC 3261, 17.2.1 and 17.1.2).
"""

import asyncio
import re
import socket
from collections.abc import Callable

from aiosipua import SipRequest, SipResponse
from aiosipua.transport import SipTransport

T1_S = 0.5
GIVE_UP_AFTER = 6
"""Repetitions, each twice as late as the one before: T1, 2·T1, … (32 s in all)."""
_REMEMBERED = 4096
_RECEIVED_BYTES = 4 * 1024**2

Message = SipRequest | SipResponse


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        if data.strip():  # empty lines keep a NAT binding open
            self._take(data, (str(addr[0]), int(addr[1])))


class Wire(SipTransport):
    """A UDP transport that works under uvloop too (aiosipua's own insists on asyncio's class)."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(local_addr=(host, port))
        self._datagrams: asyncio.DatagramTransport | None = None
        self._answers: dict[tuple[str, str], SipResponse] = {}
        self._waiting: dict[tuple[str, str], asyncio.Event] = {}

    async def start(self) -> None:
        """Bind; port 0 becomes a free one, readable in `local_addr`."""
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self._dispatch), local_addr=self.local_addr
        )
        # A busy machine keeps us from reading for seconds, and the default holds some two hundred messages.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED_BYTES)
        self._datagrams = transport
        self.local_addr = (self.local_addr[0], int(transport.get_extra_info("sockname")[1]))

    def send(self, message: Message, addr: tuple[str, int]) -> None:
        """Send one message; once stopped, nothing."""
        if self._datagrams is not None:
            self._datagrams.sendto(bytes(message), addr)

    def send_reply(self, response: SipResponse) -> None:
        """Answer by the way the request came, and remember the answer to an INVITE."""
        super().send_reply(response)
        key = invite_key(response)
        if key is not None:
            self._answers[key] = response
            while len(self._answers) > _REMEMBERED:
                self._answers.pop(next(iter(self._answers)))

    async def stop(self) -> None:
        """Let the port go."""
        if self._datagrams is not None:
            self._datagrams.close()
            self._datagrams = None

    def seen_before(self, request: SipRequest) -> bool:
        """Whether this is an INVITE that was answered before; it then gets that answer again."""
        key = invite_key(request)
        if key is None or key not in self._answers:
            return False
        super().send_reply(self._answers[key])
        return True

    def acknowledged(self, message: Message) -> None:
        """Take note of an ACK, or of the answer to a request of ours."""
        method = "ACK" if isinstance(message, SipRequest) else _method(message)
        waiting = self._waiting.get((message.call_id or "", method))
        if waiting is not None:
            waiting.set()

    async def until_acknowledged(self, invite: SipRequest) -> None:
        """Repeat the refusal that `invite` got until its ACK is here."""
        key = invite_key(invite)
        if key is not None:
            answer = self._answers[key]
            await self._repeat((key[0], "ACK"), lambda: super(Wire, self).send_reply(answer))

    async def until_answered(self, request: SipRequest, addr: tuple[str, int]) -> None:
        """Repeat a request of ours until its answer is here."""
        await self._repeat((request.call_id or "", _method(request)), lambda: self.send(request, addr))

    async def _repeat(self, key: tuple[str, str], again: Callable[[], None]) -> None:
        heard = self._waiting[key] = asyncio.Event()
        try:
            for attempt in range(GIVE_UP_AFTER):
                try:
                    async with asyncio.timeout(T1_S * 2**attempt):
                        await heard.wait()
                except TimeoutError:
                    again()
                else:
                    return
        finally:
            self._waiting.pop(key, None)


def invite_key(message: Message) -> tuple[str, str] | None:
    """What tells one INVITE from another: Call-ID and CSeq. None for every other method."""
    cseq = message.headers.get_first("cseq") or ""
    if not re.fullmatch(r"\s*\d+\s+INVITE\s*", cseq, re.IGNORECASE):
        return None
    return message.call_id or "", cseq.strip().upper()


def _method(message: Message) -> str:
    return (message.headers.get_first("cseq") or "").strip().rpartition(" ")[2].upper()
