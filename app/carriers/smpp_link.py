"""One bound SMPP 3.4 connection: requests and their responses, keepalive, and what the centre sends by itself.

The octets of messages are made and read by the library `smpp34`. Its own client is not used: it acknowledges a receipt
before anybody has stored it, so that a crash loses it for good.
"""

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from app.core.logging import get_logger

GENERIC_NACK, RESPONSE = 0x80000000, 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x05, 0x06, 0x15
ALERT_NOTIFICATION, DATA_SM = 0x102, 0x103
OK, INVALID_COMMAND, TRY_LATER = 0x00, 0x03, 0x64
RECEIPT = 0x04

_HEADER = struct.Struct("!IIII")
_LONGEST_PDU = 128 * 1024
_LAST_SEQUENCE = 0x7FFFFFFF
_MOST_INBOUND = 1000
"""Messages of the centre that wait for our answer at once; the next is sent away to come again later."""
_UNBIND_S = 2.0

log = get_logger(__name__)


class LinkError(Exception):
    """The connection could not be made or used."""


class BindRefusedError(LinkError):
    """The centre refused the bind; `code` is its command status."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the centre refused the bind with status 0x{code:08x}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for a request: command status and body."""

    status: int
    body: bytes

    @property
    def message_id(self) -> str:
        """The C string that submit_sm_resp holds; empty when it holds none that can be read."""
        text = self.body.split(b"\0", 1)[0].decode("latin-1")
        return text if text.isprintable() else ""


Receive = Callable[[bytes], Awaitable[None]]
"""Takes a deliver_sm or data_sm, header and all. Returns once it is safe; when it raises, the centre is told to try
again later."""


class Link:
    """A connection that is bound. Made by `Link.open`; over when `closed` is set."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, receive: Receive, response_s: float
    ) -> None:
        self.closed = asyncio.Event()
        self._reader = reader
        self._writer = writer
        self._receive = receive
        self._response_s = response_s
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[Response]] = {}
        self._inbound: set[asyncio.Task[None]] = set()
        self._tasks = [asyncio.create_task(self._read_all(), name="smpp-reader")]

    @classmethod
    async def open(
        cls,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        bind: tuple[int, bytes],
        receive: Receive,
        *,
        response_s: float,
        enquire_s: float,
    ) -> Self:
        """Bind on a fresh connection.

        Args:
            streams: to the centre.
            bind: command and body of the bind.
            receive: takes what the centre sends.
            response_s: seconds to wait for any response.
            enquire_s: seconds of silence after which the centre is asked whether it lives.

        Raises:
            BindRefusedError: by its answer.
            LinkError: no answer.
        """
        link = cls(*streams, receive, response_s)
        try:
            response = await link.request(*bind)
        except BaseException:
            await link.drop()
            raise
        if response.status != OK:
            await link.drop()
            raise BindRefusedError(response.status)
        link._tasks.append(asyncio.create_task(link._enquire(enquire_s), name="smpp-enquire"))
        return link

    async def request(self, command: int, body: bytes = b"") -> Response:
        """Send a request and wait for its response.

        Raises:
            LinkError: the connection ended first, or no response came in time. A request that was refused here
                because the connection was closed before says so by `closed` being set on entry.
        """
        return await self.send(lambda sequence: _pdu(command, OK, sequence, body))

    async def send(self, make: Callable[[int], bytes]) -> Response:
        """As `request`, for a PDU that `make` builds around its sequence number."""
        if self.closed.is_set():
            msg = "the connection is closed"
            raise LinkError(msg)
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        sequence = self._sequence
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = future
        try:
            self._writer.write(make(sequence))
            async with asyncio.timeout(self._response_s):
                await self._writer.drain()
                return await future
        except TimeoutError as error:
            msg = f"no response within {self._response_s:g} s"
            raise LinkError(msg) from error
        except OSError as error:
            self.end(repr(error))
            msg = f"the connection broke: {error!r}"
            raise LinkError(msg) from error
        finally:
            del self._waiting[sequence]

    async def unbind(self) -> None:
        """Say goodbye, then close; acknowledges first what has come and is being stored."""
        if self._inbound:
            await asyncio.wait(self._inbound, timeout=_UNBIND_S)
        with contextlib.suppress(LinkError, TimeoutError):
            async with asyncio.timeout(_UNBIND_S):
                await self.request(UNBIND)
        await self.drop()

    async def drop(self) -> None:
        """Close at once; what waits for a response gets a LinkError."""
        self.end("closed by us")
        for task in (*self._tasks, *self._inbound):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._inbound, return_exceptions=True)

    def end(self, why: str) -> None:
        """Close at once; what waits for a response gets a LinkError that says why."""
        if self.closed.is_set():
            return
        self.closed.set()
        self._writer.transport.abort()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(LinkError(why))

    async def _enquire(self, every_s: float) -> None:
        while not self.closed.is_set():
            await asyncio.sleep(every_s)
            try:
                await self.request(ENQUIRE_LINK)
            except LinkError as error:
                self.end(f"enquire_link: {error}")

    async def _read_all(self) -> None:
        why = "the centre closed the connection"
        try:
            while True:
                self._take(await _read_pdu(self._reader))
        except (asyncio.IncompleteReadError, OSError):
            pass
        except LinkError as error:
            why = str(error)
        self.end(why)

    def _take(self, pdu: bytes) -> None:
        _, command, status, sequence = _HEADER.unpack_from(pdu)
        if command & RESPONSE:
            future = self._waiting.get(sequence)
            if future is None or future.done():
                log.warning("smpp_late_response", command=hex(command), status=status)
            else:
                future.set_result(Response(status, pdu[_HEADER.size :]))
        elif command == ENQUIRE_LINK:
            self._answer(command, OK, sequence)
        elif command == UNBIND:
            self._answer(command, OK, sequence)
            msg = "the centre unbound"
            raise LinkError(msg)
        elif command in (DELIVER_SM, DATA_SM):
            self._take_inbound(command, sequence, pdu)
        elif command != ALERT_NOTIFICATION:  # to which there is no response (SMPP 3.4, 4.12.1)
            self._writer.write(_pdu(GENERIC_NACK, INVALID_COMMAND, sequence))

    def _take_inbound(self, command: int, sequence: int, pdu: bytes) -> None:
        if len(self._inbound) >= _MOST_INBOUND:
            self._answer(command, TRY_LATER, sequence, b"\0")
            return
        task = asyncio.create_task(self._keep(command, sequence, pdu))
        self._inbound.add(task)
        task.add_done_callback(self._inbound.discard)

    async def _keep(self, command: int, sequence: int, pdu: bytes) -> None:
        status = OK
        try:
            await self._receive(pdu)
        except Exception as error:  # noqa: BLE001 - whatever it was, the centre keeps its copy
            log.warning("smpp_inbound_not_kept", error=repr(error)[:300])
            status = TRY_LATER
        if not self.closed.is_set():
            self._answer(command, status, sequence, b"\0")

    def _answer(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        self._writer.write(_pdu(command | RESPONSE, status, sequence, body))


def _pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), command, status, sequence) + body


async def _read_pdu(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(_HEADER.size)
    (length,) = struct.unpack_from("!I", header)
    if not _HEADER.size <= length <= _LONGEST_PDU:
        msg = f"a PDU of {length} octets"
        raise LinkError(msg)
    return header + await reader.readexactly(length - _HEADER.size)
