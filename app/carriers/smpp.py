"""A sender over SMPP 3.4: keeps its session with the message centre, and submits within window and pace."""

import asyncio
import random
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import smpp34

from app.carriers.smpp_inbound import inbound_of
from app.carriers.smpp_link import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    OK,
    Link,
    LinkError,
)
from app.carriers.smpp_pace import SubmitPace
from app.carriers.smpp_receipts import read, spelled
from app.carriers.smpp_settings import SmppSettings
from app.carriers.smpp_statuses import Refusal, refusal_of
from app.carriers.sms import (
    Accepted,
    Answer,
    NoAnswer,
    NotSent,
    ReceiptSink,
    Refused,
    Segment,
    SenderDownError,
)
from app.core.logging import get_logger
from app.core.metrics import RECEIVED

_VERSION = 0x34
_WITH_HEADER = 0x40
# While one message waits for its response others are committed as `submitting`: a commit on a busy disk takes two or
# three times as long as a response. More would only be interrupted in greater number when the line dies.
_TURNS_A_PLACE = 4
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_WAIT_STEP_S = 0.25

log = get_logger(__name__)


class SmppSender:
    """One session, or a transmitter and a receiver, with one centre.

    Attributes:
        dead: never set; a session that breaks is bound again.
    """

    def __init__(self, settings: SmppSettings, sink: ReceiptSink) -> None:
        self.dead = asyncio.Event()
        self.settings = settings
        self._sink = sink
        self._pace = SubmitPace(settings.rate)
        self._turns = asyncio.Semaphore(settings.window * _TURNS_A_PLACE)
        self._window = asyncio.Semaphore(settings.window)
        self._link: Link | None = None
        self._bound = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []
        self._closing = False
        self._spoiled = False

    @property
    def ready(self) -> bool:
        """Whether messages can be submitted now."""
        return self._link is not None and not self._link.closed.is_set() and not self._closing

    async def start(self) -> None:
        """Begin to bind; returns at once, `ready` turns true when the centre has agreed.

        Raises:
            OSError: the file of certificates cannot be read.
        """
        secured = ssl.create_default_context(cafile=self.settings.ca_file or None)
        tls = secured if self.settings.address[2] else None
        one = self.settings.bind == "transceiver"
        kinds = (BIND_TRANSCEIVER,) if one else (BIND_TRANSMITTER, BIND_RECEIVER)
        self._keepers = [
            asyncio.create_task(self._keep_bound(command, tls), name=f"smpp-bind-{command}")
            for command in kinds
        ]

    async def close(self) -> None:
        """Unbind; receipts that came are stored and acknowledged before."""
        self._closing = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["_Turn"]:
        """Wait for one of few turns and for the pace; SenderDownError when there is no session."""
        if not self.ready:
            raise SenderDownError
        async with self._turns:
            await asyncio.sleep(self._pace.reserve(time.monotonic()))
            if not self.ready:
                raise SenderDownError
            yield _Turn(self)

    async def submit(
        self,
        segment: Segment,
        give_up: Callable[[], bool],
        may_leave: Callable[[], Awaitable[bool]],
        *,
        paced: bool,
    ) -> Answer:
        """One segment; see `Turn.submit`."""
        while True:
            if not paced:
                await asyncio.sleep(self._pace.reserve(time.monotonic()))
            paced = False
            async with self._window:
                link = await self._session(give_up)
                if link is None or give_up() or not await may_leave():
                    return NotSent()
                if link.closed.is_set():
                    continue  # while that was asked
                try:
                    response = await link.send(lambda sequence: self._submit_sm(segment, sequence))
                except LinkError as error:
                    return NoAnswer(str(error))
            if response.status == OK:
                self._pace.accepted()
                return Accepted(spelled(response.message_id, self.settings.receipt_ids))
            return self._refused(link, segment, response.status)

    async def _session(self, give_up: Callable[[], bool]) -> Link | None:
        """The link to submit on; waits for one to be bound, None when `give_up` comes first."""
        while not self.ready:
            if give_up() or self._closing:
                return None
            try:
                async with asyncio.timeout(_WAIT_STEP_S):
                    await self._bound.wait()
            except TimeoutError:
                continue
            # A session that broke this moment still counts as bound until its keeper has had its turn.
            await asyncio.sleep(0)
        return self._link

    def _refused(self, link: Link, segment: Segment, code: int) -> Refused:
        """Take note of a refusal: of one for now by the pace, of one of the session by binding anew."""
        refusal = refusal_of(code, self.settings.try_again)
        if refusal is Refusal.SESSION:
            log.error("smpp_session_refused", centre=self.settings.trunk, status=hex(code))
            self._spoiled = True
            link.end(f"the centre refuses to submit on it with status 0x{code:08x}")
        elif refusal is not Refusal.FINAL and not segment.put_off:
            throttled = refusal is Refusal.BUSY
            if self._pace.refused(time.monotonic(), throttled=throttled):
                log.warning("smpp_slowed", status=hex(code), rate=round(self._pace.now_rate, 2))
        return Refused(code, refusal)

    def _submit_sm(self, segment: Segment, sequence: int) -> bytes:
        settings = self.settings
        number, ton, npi = settings.destination(segment.number)
        return smpp34.SubmitSm(
            settings.source,
            number,
            segment.payload,
            source_addr_ton=settings.ton,
            source_addr_npi=settings.npi,
            dest_addr_ton=ton,
            dest_addr_npi=npi,
            esm_class=_WITH_HEADER if segment.has_header else 0,
            validity_period=settings.validity_of(segment.validity_s),
            registered_delivery=int(settings.receipts),
            data_coding=segment.data_coding,
            sequence_number=sequence,
        ).encode()

    async def _received(self, pdu: bytes) -> None:
        reading = read(inbound_of(pdu), self.settings.receipt_ids)
        if reading.receipt is not None:
            await self._sink.keep(reading.receipt)
        RECEIVED.labels(reading.kind).inc()
        log.debug("smpp_received", kind=reading.kind, octets=len(pdu))

    async def _keep_bound(self, command: int, tls: ssl.SSLContext | None) -> None:
        """Bind, and again whenever the session ends, with pauses that double up to half a minute."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                link = await self._open(command, tls)
            except (LinkError, OSError, TimeoutError) as error:
                log.warning("smpp_not_bound", centre=self.settings.trunk, error=repr(error)[:300])
            else:
                log.info("smpp_bound", centre=self.settings.trunk, bind=command)
                # One that only breaks when it is used is not bound twice a second.
                pause = pause if self._spoiled else _FIRST_PAUSE_S
                self._spoiled = False
                await self._hold(link, submits=command != BIND_RECEIVER)
                log.warning("smpp_session_ended", centre=self.settings.trunk, bind=command)
            # Not in step with the other sessions of this centre.
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _open(self, command: int, tls: ssl.SSLContext | None) -> Link:
        settings = self.settings
        host, port, _ = settings.address
        async with asyncio.timeout(settings.connect_s):
            streams = await asyncio.open_connection(
                host, port, ssl=tls, server_hostname=host if tls else None
            )
        texts = (settings.system_id, settings.password, settings.system_type)
        body = b"".join(text.encode("ascii") + b"\0" for text in texts) + struct.pack(
            "!BBBB", _VERSION, 0, 0, 0
        )
        return await Link.open(
            streams,
            (command, body),
            # Of a transmitter too: some centres send receipts on it, whatever it was bound for.
            self._received,
            response_s=settings.response_s,
            enquire_s=settings.enquire_s,
        )

    async def _hold(self, link: Link, *, submits: bool) -> None:
        """Until the session ends; when we are closed meanwhile, unbind."""
        if submits:
            self._link = link
            self._bound.set()
        try:
            await link.closed.wait()
        except asyncio.CancelledError:
            await link.unbind()
            raise
        finally:
            if submits:
                self._link = None
                self._bound.clear()
            await link.drop()


class _Turn:
    """A turn, with the pace for its first segment paid."""

    def __init__(self, sender: SmppSender) -> None:
        self._sender = sender
        self._paced = True

    async def submit(
        self, segment: Segment, give_up: Callable[[], bool], may_leave: Callable[[], Awaitable[bool]]
    ) -> Answer:
        """See `app.carriers.sms.Turn.submit`."""
        paced, self._paced = self._paced, False
        return await self._sender.submit(segment, give_up, may_leave, paced=paced)
