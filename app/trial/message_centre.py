"""The trial's message centre: takes messages over SMPP 3.4 and sends receipts, each as its number says.

The protocol is spoken by the server of `smpp34`, which shares no line with the sessions of `app.carriers`.
"""

import asyncio
import contextlib
import secrets
import signal
from collections import Counter, deque
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import smpp34

from app.core.logging import get_logger
from app.messages.sms_text import text_of
from app.trial.journal import Journal
from app.trial.sms_behaviour import SmsBehaviour, sms_behaviour

_TELL_AGAIN_S = 0.5
_HAS_HEADER = 0x40
_RECEIPT = 0x04
_INBOUND = 10_000
_ENDINGS = (signal.SIGINT, signal.SIGTERM)

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Message:
    """A segment that was taken."""

    message_id: str
    number: str
    source: str
    script: SmsBehaviour
    taken_at: datetime

    def receipt(self) -> bytes:
        """In the words of SMPP 3.4, appendix B."""
        done = datetime.now(UTC)
        delivered = int(self.script.stat == "DELIVRD")
        return (
            f"id:{self.message_id} sub:001 dlvrd:{delivered:03d} submit date:{self.taken_at:%y%m%d%H%M} "
            f"done date:{done:%y%m%d%H%M} stat:{self.script.stat} err:{self.script.error} text:"
        ).encode()


class MessageCentre:
    """A message centre on one TCP port; whoever binds is welcome.

    Attributes:
        host, port: where it listens.
        journal: every submit with its text, and every receipt that was acknowledged.
    """

    def __init__(self, host: str, port: int, *, log_path: Path | None = None) -> None:
        self.host = host
        self.port = port
        self.journal = Journal(log_path, None)
        self._server = smpp34.Server(host, port, system_id="trial", inbound_capacity=_INBOUND)
        self._sessions: dict[str, smpp34.Esme] = {}
        self._arrived = asyncio.Event()
        self._submits: Counter[str] = Counter()
        self._turn = 0
        self._prefix = secrets.token_hex(4)
        self._taken = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving: asyncio.Task[None] | None = None

    @property
    def log(self) -> deque[dict[str, Any]]:
        """The entries of the journal, oldest first."""
        return self.journal.entries

    async def start(self) -> None:
        """Listen; OSError or RuntimeError when the port is taken."""
        await self._server.start()
        self._serving = asyncio.create_task(self._serve(), name="message-centre")

    async def close(self) -> None:
        """Let the port and every session go."""
        tasks = [*self._tasks, *([self._serving] if self._serving else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.stop()
        self.journal.close()

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.Esme):
                self._sessions[event.session_id] = event
                self._arrived.set()
                self.journal.write("bound", number="", session=event.session_id, system_id=event.system_id)
            elif isinstance(event, smpp34.Unbound):
                self._sessions.pop(event.session_id, None)
                self.journal.write("unbound", number="", session=event.session_id)
            else:
                self._submitted(event)

    def _submitted(self, event: smpp34.SubmitSmEvent) -> None:
        number = event.destination_addr
        script = sms_behaviour(number)
        self._submits[number] += 1
        if script.throttled and self._submits[number] % (script.throttled + 1) != 0:
            self._note("throttled", event)
            event.reject(script.busy)
        elif script.refusal:
            self._note("refused", event, code=script.refusal)
            event.reject(script.refusal)
        else:
            self._take(event, script)

    def _take(self, event: smpp34.SubmitSmEvent, script: SmsBehaviour) -> None:
        self._taken += 1
        message = _Message(
            f"{self._prefix}{self._taken:08x}",
            event.destination_addr,
            event.source_addr,
            script,
            datetime.now(UTC),
        )
        self._note("submitted", event, message_id=message.message_id)
        if script.stat and script.receipt_s < 0:
            self._spawn(self._tell_first(event, message))
            return
        event.accept(message.message_id)
        if script.stat:
            self._spawn(self._tell_later(message))

    def _note(self, what: str, event: smpp34.SubmitSmEvent, **facts: Any) -> None:
        body = event.short_message
        header = b""
        if event.esm_class & _HAS_HEADER:
            header, body = body[: body[0] + 1], body[body[0] + 1 :]
        self.journal.write(
            what,
            number=event.destination_addr,
            session=event.session_id,
            source=event.source_addr,
            text=text_of(body, event.data_coding),
            segment=list(header[-2:]),
            octets=len(body),
            **facts,
        )

    async def _tell_first(self, event: smpp34.SubmitSmEvent, message: _Message) -> None:
        await self._tell(message)
        event.accept(message.message_id)

    async def _tell_later(self, message: _Message) -> None:
        await asyncio.sleep(message.script.receipt_s)
        for _ in range(message.script.copies):
            await self._tell(message)

    async def _tell(self, message: _Message) -> None:
        """Send the receipt on any session that receives, again until one acknowledges it."""
        while True:
            session = self._receiver()
            if session is None:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            with contextlib.suppress(smpp34.SmppError, OSError, RuntimeError):
                answer = await session.deliver_sm(
                    message.source, message.receipt(), source_addr=message.number, esm_class=_RECEIPT
                )
                if answer.is_success:
                    break
            await asyncio.sleep(_TELL_AGAIN_S)
        self.journal.write(
            "receipt", number=message.number, message_id=message.message_id, stat=message.script.stat
        )

    def _receiver(self) -> smpp34.Esme | None:
        """The next session that takes receipts: not always the one that sent the message."""
        able = [session for session in self._sessions.values() if session.can_receive]
        self._turn += 1
        return able[self._turn % len(able)] if able else None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("message_centre_failed", exc_info=task.exception())


async def run(host: str, port: int, log_path: Path | None) -> None:
    """Be the message centre until SIGINT or SIGTERM."""
    centre = MessageCentre(host, port, log_path=log_path)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    await centre.start()
    for number in _ENDINGS:
        loop.add_signal_handler(number, stop.set)
    _log.info("message_centre_listening", host=host, port=port)
    await stop.wait()
    for number in _ENDINGS:
        loop.remove_signal_handler(number)
    await centre.close()
