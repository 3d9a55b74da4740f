"""A message centre that does what a test says, octet by octet; PDUs are made and read by `smpplib`."""

import asyncio
import contextlib
import itertools
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from smpplib.smpp import make_pdu, parse_pdu

OK, THROTTLED = 0x00, 0x58


class _Sequence:
    sequence = 0

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def next_sequence(self) -> int:
        self.sequence = next(self._numbers)
        return self.sequence


class Session:
    """One connection of a client.

    Attributes:
        mode: command of its bind, such as ``bind_transceiver``.
        acknowledged: statuses of the responses to what was delivered, by sequence number.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.mode = ""
        self.closed = asyncio.Event()
        self.acknowledged: dict[int, int] = {}
        self._reader = reader
        self._writer = writer
        self._sequence = _Sequence()
        self._news = asyncio.Event()

    def send(self, name: str, **fields: Any) -> int:
        pdu = make_pdu(name, client=self._sequence, **fields)
        if "sequence" in fields:
            pdu.sequence = fields["sequence"]
        pdu.status = fields.get("status", OK)
        self._writer.write(pdu.generate())
        return pdu.sequence

    def send_octets(self, octets: bytes) -> None:
        self._writer.write(octets)

    def answer(self, request: Any, status: int = OK, **fields: Any) -> None:
        self.send(f"{request.command}_resp", sequence=request.sequence, status=status, **fields)

    def take(self, request: Any, message_id: str) -> None:
        self.answer(request, message_id=message_id)

    def refuse(self, request: Any, status: int) -> None:
        """As many centres do: a header without a body."""
        self._writer.write(struct.pack("!IIII", 16, 0x80000004, status, request.sequence))

    def deliver(self, text: bytes | str, esm_class: int = 0x04, **fields: Any) -> int:
        body = text.encode() if isinstance(text, str) else text
        return self.send(
            "deliver_sm",
            short_message=body,
            esm_class=esm_class,
            source_addr="9779812345600",
            destination_addr="TINGTING",
            service_type="",
            **fields,
        )

    async def acknowledgement(self, sequence: int) -> int:
        async with asyncio.timeout(5):
            while sequence not in self.acknowledged:
                self._news.clear()
                await self._news.wait()
        return self.acknowledged[sequence]

    def drop(self) -> None:
        self._writer.transport.abort()

    async def next(self) -> Any:
        header = await self._reader.readexactly(16)
        body = await self._reader.readexactly(struct.unpack("!I", header[:4])[0] - 16)
        return parse_pdu(header + body, client=self._sequence, allow_unknown_opt_params=True)

    def note(self, pdu: Any) -> None:
        self.acknowledged[pdu.sequence] = pdu.status
        self._news.set()


OnSubmit = Callable[[Session, Any], Awaitable[None]]


class ScriptedCentre:
    """Listens on loopback.

    Attributes:
        bind_statuses: of the next binds; afterwards they succeed.
        on_submit: what is done with each submit; by default it is taken under a new id.
        enquiries: whether enquire_link is answered.
    """

    def __init__(self) -> None:
        self.port = 0
        self.binds: list[Any] = []
        self.submits: list[Any] = []
        self.unbinds = 0
        self.sessions: list[Session] = []
        self.bind_statuses: list[int] = []
        self.on_submit: OnSubmit = self.take
        self.enquiries = True
        self.enquired = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._ids = itertools.count(1)

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in self.sessions:
            session.drop()

    async def take(self, session: Session, pdu: Any) -> None:
        session.take(pdu, f"m{next(self._ids)}")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(reader, writer)
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                await self._answer(session, await session.next())
        session.closed.set()
        if session in self.sessions:
            self.sessions.remove(session)
        writer.close()

    async def _answer(self, session: Session, pdu: Any) -> None:
        if pdu.command.startswith("bind_"):
            self.binds.append(pdu)
            status = self.bind_statuses.pop(0) if self.bind_statuses else OK
            session.answer(pdu, status, system_id="scripted")
            if status == OK:
                session.mode = pdu.command
                self.sessions.append(session)
        elif pdu.command == "submit_sm":
            self.submits.append(pdu)
            await self.on_submit(session, pdu)
        elif pdu.command == "enquire_link":
            self.enquired.set()
            if self.enquiries:
                session.answer(pdu)
        elif pdu.command == "unbind":
            self.unbinds += 1
            session.answer(pdu)
        else:
            session.note(pdu)
