"""uvicorn's HTTP with what it leaves open: limits on a request's head in time and size, and on connections.

uvicorn waits for ever for the first request of a connection, for the rest of a head of which a byte has come, and for a
client that does not read its answer, and it keeps all that comes as a head or a trailer, however long.
"""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.core.addresses import NamedProxies
from app.core.descriptors import descriptor_limit
from app.core.metrics import CONNECTIONS, CONNECTIONS_CUT
from app.core.seldom import Seldom
from app.http.headers import ALWAYS
from app.http.timing import write_refused
from app.server.connections import Connections
from app.server.refusals import Refusal, bad_request, head_late, head_too_large, too_many, written

_KEPT_BACK = 256
"""Descriptors of the process that connections of clients leave free: for the database, child processes and files."""
_FEWEST = 64

_seldom = Seldom()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one connection.

    Attributes:
        head_s: seconds from accept to the end of the first request's headers, and from the first byte of every later
            one.
        head_bytes: of a request line with its headers, and of the trailers behind a body.
        unread_s: seconds that an answer may wait for its client to read on.
        linger_s, linger_bytes: how long, and how much, a refused client may still send before its connection is cut:
            closed with bytes unread, the kernel would take the refusal back from it.
    """

    head_s: float = 10.0
    head_bytes: int = 64 * 1024
    unread_s: float = 60.0
    linger_s: float = 1.0
    linger_bytes: int = 4 * 1024**2


@dataclass
class LimitedHttp:
    """Makes the protocol of each connection, for `uvicorn.Config(http=…)`; each API process counts for itself.

    Attributes:
        per_address: connections of one address.
        proxies: as TINGTING_PROXY_ADDRESSES.
        limits: of each connection.
        most: connections in all; None: what the descriptors of the process allow.
    """

    per_address: int
    proxies: str = ""
    limits: Limits = field(default_factory=Limits)
    most: int | None = None

    @cached_property
    def connections(self) -> Connections:
        """Those of this process. Made at the first one: with several API processes, in each of them."""
        most = self.most or max(_FEWEST, descriptor_limit() - _KEPT_BACK)
        return Connections(most=most, per_address=self.per_address, proxies=NamedProxies(self.proxies))

    def __call__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> "LimitedProtocol":
        return LimitedProtocol(config, server_state, app_state, _loop, self.connections, self.limits)


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop | None,
        connections: Connections,
        limits: Limits,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self._register, self._limits = connections, limits
        self._head_due = True
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_began = self.loop.time()
        self._cut_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._refused = False
        self._idle_bytes = 0  # taken in since a head, a piece of a body or a message was last whole
        self._field_bytes = 0

    # What the transport says

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        CONNECTIONS.inc()
        stays, met = self._register.enter(self, self._address)
        if met:
            self._note(met)
        if stays:
            self._await_head()
        else:
            self._refuse(too_many(in_all=met == "in_all"))

    def connection_lost(self, exc: Exception | None) -> None:
        CONNECTIONS.dec()
        self._register.leave(self)
        for timer in (self._head_timer, self._cut_timer, self._unread_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._idle_bytes += len(data)
        if self._refused:
            if self._idle_bytes > self._limits.linger_bytes:
                self.transport.abort()
            return
        if self._head_due:
            self._await_head()
        super().data_received(data)
        if max(self._idle_bytes, self._field_bytes) > self._limits.head_bytes and not self._refused:
            self._note("head_too_large")
            self._refuse(head_too_large(self._limits.head_bytes))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread_timer = self.loop.call_later(self._limits.unread_s, self._unread)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    # What the parser says

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._field_bytes = 0
        self._await_head()

    def on_url(self, url: bytes) -> None:
        self._field_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._field_bytes += len(name) + len(value) + 4
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._refused or self._field_bytes > self._limits.head_bytes:
            return
        self._head_due = False
        self._idle_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        self._register.works(self)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._head_due:
            self._idle_bytes = 0
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._head_due:
            self._idle_bytes = 0
            self._head_due = True
            super().on_message_complete()

    # What becomes of it

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._cut_within(self._limits.unread_s)
        elif not self._answering():
            self._register.idles(self)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # Closing waits for what is not sent yet, and would for ever if nobody reads it.
        self._cut_within(self._limits.unread_s)

    def send_400_response(self, msg: str) -> None:
        self._refuse(bad_request(msg))

    def give_way(self) -> None:
        self.transport.abort()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_began = self.loop.time()
            self._head_timer = self.loop.call_later(self._limits.head_s, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._answering():
            # Sent ahead, behind a request that is not answered yet: its time begins when that is.
            self._await_head()
            return
        self._note("head_late")
        if self._idle_bytes:
            self._refuse(head_late(self._limits.head_s))
        else:
            self.transport.close()

    def _unread(self) -> None:
        self._note("answer_unread")
        self.transport.abort()

    def _refuse(self, refusal: Refusal) -> None:
        self._refused = True
        self._idle_bytes = 0
        if self._answering():
            begun = self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if begun:
                # Half an answer is out: only breaking the connection tells that it is not whole.
                self.transport.abort()
                return
        self.transport.write(written(refusal, {**ALWAYS, "x-request-id": self._named(refusal)}))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._cut_within(self._limits.linger_s)

    def _named(self, refusal: Refusal) -> str:
        """The id of what is refused; without a request under way, whose own line tells of it, a line is written."""
        if self._answering() and (known := self.cycle.scope.get("request_id")):
            return str(known)
        request_id = uuid4().hex
        write_refused(refusal.status, self.loop.time() - self._head_began, request_id, self._address)
        return request_id

    def _cut_within(self, seconds: float) -> None:
        if self._cut_timer is None:
            self._cut_timer = self.loop.call_later(seconds, self.transport.abort)

    def _note(self, reason: str) -> None:
        CONNECTIONS_CUT.labels(reason).inc()
        _seldom.note("connection_limited", reason, address=self._address, open=len(self._register))
