"""The trial phones: one process that answers as any number of phones, each as its number says.

They stand where a trunk would: the same INVITE, the same RTP, on loopback or inside a compose network.
"""

import asyncio
import re
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Any

from aiosipua import SipRequest, SipUAS
from aiosipua.incoming_call import IncomingCall
from aiosipua.sdp import SdpMessage, negotiate_sdp
from aiosipua.sdp_negotiate import SdpNegotiationError

from app.core.logging import get_logger
from app.trial.behaviour import Behaviour, Kind, behaviour
from app.trial.journal import Journal, Keep
from app.trial.media import Ear, Ticker
from app.trial.wire import Message, Wire

AGENT = "tingting trial phones"
PATIENCE_S = 1200.0
"""After which a phone hangs up, or stops ringing, by itself: nothing stays open for ever."""
KEY_AFTER_S = 0.5
_USER = re.compile(r"sips?:([^@;>]+)@")
_PCMU, _PCMA = 0, 8

_log = get_logger(__name__)


class _Phone:
    """One call at one phone."""

    def __init__(self, phones: "TrialPhones", call: IncomingCall, number: str, nth: int) -> None:
        self.over = asyncio.Event()
        self.answer: SdpMessage | None = None
        self.closed_by = ""
        self._phones = phones
        self._call = call
        self._number = number
        self._nth = nth
        self._script: Behaviour = behaviour(number)
        self._ear: Ear | None = None

    async def live(self) -> None:
        """Do what the number says, from the INVITE to the end."""
        script, call = self._script, self._call
        self._note("invite")
        if script.ring_s or script.kind is Kind.IGNORE:
            call.ringing()
        patience = PATIENCE_S if script.kind is Kind.IGNORE else script.ring_s
        if await self._over_within(patience):
            self._note("ended", by=self.closed_by, **self._heard())
        elif script.kind in (Kind.REJECT, Kind.IGNORE):
            await self._refuse(script.sip_status if script.kind is Kind.REJECT else 480)
        elif await self._pick_up():
            await self._listen()

    def close(self, by: str) -> None:
        """The call is over; `by` the caller, a cancel or the phones."""
        self.closed_by = self.closed_by or by
        self.over.set()

    async def _refuse(self, status: int) -> None:
        self._note("rejected", sip_status=status)
        self._call.reject(status, _REASONS.get(status, ""))
        await self._phones.wire.until_acknowledged(self._call.invite)

    async def _pick_up(self) -> bool:
        offer = self._call.sdp_offer
        if offer is None or offer.audio is None or offer.rtp_address is None:
            await self._refuse(488)
            return False
        codecs = offer.audio.codecs
        key_type = next((c.payload_type for c in codecs if c.encoding_name.lower() == "telephone-event"), 0)
        address = _reached_from(self._phones.host, self._call.source_addr)
        self._call.advertised_addr = (address, self._phones.port)
        keep = self._phones.keep.wants(self._number, self._nth)
        try:
            _, codec = negotiate_sdp(offer, address, 9, [_PCMU, _PCMA])
            self._ear = Ear(codec, key_type, offer.rtp_address, keep=keep)
            port = await self._ear.open(self._phones.host)
            self.answer, _ = negotiate_sdp(offer, address, port, [_PCMU, _PCMA], key_type)
        except (SdpNegotiationError, OSError) as error:
            _log.warning("trial_phone_cannot_talk", number=self._number, error=str(error))
            await self._refuse(488)
            return False
        self._call.accept(self.answer)
        self._phones.ticker.ears.add(self._ear)
        self._note("answered")
        return True

    async def _listen(self) -> None:
        script = self._script
        if (
            script.digits
            and self._ear is not None
            and self._ear.has_keys
            and not await self._over_within(KEY_AFTER_S)
        ):
            for digit in script.digits:
                self._ear.press(digit)
        if not await self._over_within(script.listen_s or PATIENCE_S):
            await self._hang_up()
        if self._ear is None:
            return
        self._phones.ticker.ears.discard(self._ear)
        if self.closed_by == "caller":
            await self._ear.hear_out()
        self._ear.close()
        facts = self._heard()
        if self._phones.keep.wants(self._number, self._nth):
            facts["wav"] = await self._phones.journal.keep(self._number, self._nth, self._ear.wav())
        self._note("ended", by=self.closed_by, **facts)

    async def _hang_up(self) -> None:
        self.close("phone")
        bye = self._call.hangup()
        if bye is not None:
            await self._phones.wire.until_answered(bye, self._call.source_addr)

    async def _over_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.over.wait()
        except TimeoutError:
            return False
        return True

    def renegotiated(self) -> None:
        """A re-INVITE: the same answer again, RTP to wherever it is wanted now."""
        offer = self._call.sdp_offer
        if self._ear is not None and offer is not None and offer.rtp_address is not None:
            self._ear.remote = offer.rtp_address
        self._call.accept(self.answer)

    def _heard(self) -> dict[str, Any]:
        ear = self._ear
        if ear is None:
            return {"heard_ms": 0, "packets": 0, "packets_per_s": 0.0}
        span = ear.stopped_at - ear.started_at
        rate = (ear.packets - 1) / span if span > 0 else 0.0
        return {"heard_ms": ear.heard_ms, "packets": ear.packets, "packets_per_s": round(rate, 1)}

    def _note(self, event: str, **facts: Any) -> None:
        sender = self._call.invite.from_addr
        self._phones.journal.write(
            event,
            number=self._number,
            call_id=self._call.call_id,
            x_tingting_call=self._call.invite.get_header("x-tingting-call"),
            **{"from": sender.uri.user if sender is not None else None},
            **facts,
        )


class TrialPhones:
    """All phones behind one UDP port.

    Attributes:
        host, port: where they listen; port 0 becomes a free one at `start`.
        journal: what happened and what was heard.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        log_path: Path | None = None,
        heard_dir: Path | None = None,
        keep: Keep = Keep(),  # noqa: B008 -- frozen
    ) -> None:
        self.host = host
        self.port = port
        self.keep = keep
        self.journal = Journal(log_path, heard_dir)
        self.ticker = Ticker()
        self.wire = Wire(host, port)
        self._uas = SipUAS(self.wire, user_agent=AGENT)
        self._phones: dict[str, _Phone] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._invites = 0

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every entry of the journal, oldest first."""
        return list(self.journal.entries)

    def heard(self, number: str) -> bytes:
        """The WAV of the last kept call to `number`; KeyError when none was kept."""
        return self.journal.heard(number)

    async def start(self) -> None:
        """Listen. OSError when the port is taken."""
        self._uas.on_invite = self._rings
        self._uas.on_bye = lambda call, _: self._closed(call.call_id, "caller")
        self._uas.on_cancel = lambda request, _: self._closed(request.call_id or "", "cancel")
        self._uas.on_ack_timeout = lambda call: self._closed(call.call_id, "lost")
        self._uas.on_reinvite = self._renegotiated
        await self._uas.start()
        self.wire.on_message = self._take
        self.port = self.wire.local_addr[1]
        self.ticker.start()

    async def close(self) -> None:
        """Hang up, and let the port go."""
        for phone in tuple(self._phones.values()):
            phone.close("phones closed")
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for call in self._uas.active_calls.values():
            call.hangup()
        await self.ticker.close()
        await self._uas.stop()
        self.journal.close()

    def _take(self, message: Message, addr: tuple[str, int]) -> None:
        if not isinstance(message, SipRequest):
            self.wire.acknowledged(message)
            return
        if message.method.upper() == "ACK":
            self.wire.acknowledged(message)
        if not self.wire.seen_before(message):
            self._uas._on_message(message, addr)  # noqa: SLF001 -- the hook that start() has given the transport

    def _rings(self, call: IncomingCall) -> None:
        self._invites += 1
        match = _USER.match(call.invite.uri)
        phone = _Phone(self, call, match[1] if match else "", self._invites)
        self._phones[call.call_id] = phone
        task = asyncio.get_running_loop().create_task(phone.live(), name=f"phone-{self._invites}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, call.call_id))

    def _done(self, call_id: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._phones.pop(call_id, None)
        if not task.cancelled() and task.exception() is not None:
            _log.error("trial_phone_failed", call_id=call_id, exc_info=task.exception())

    def _closed(self, call_id: str, by: str) -> None:
        if call_id in self._phones:
            self._phones[call_id].close(by)

    def _renegotiated(self, call: IncomingCall) -> None:
        if call.call_id in self._phones:
            self._phones[call.call_id].renegotiated()


_ENDINGS = (signal.SIGINT, signal.SIGTERM)
_REASONS = {486: "Busy Here", 603: "Decline", 404: "Not Found", 503: "Service Unavailable", 480: "", 488: ""}


def _reached_from(host: str, peer: tuple[str, int]) -> str:
    """Our address as `peer` sees it: `host`, or behind 0.0.0.0 the one that the route to `peer` leaves from."""
    if host not in ("0.0.0.0", "::"):
        return host
    with socket.socket(socket.AF_INET6 if ":" in peer[0] else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(peer)
        return str(probe.getsockname()[0])


async def run(host: str, port: int, log_path: Path | None, heard_dir: Path | None, keep: Keep) -> None:
    """Be the phones until SIGINT or SIGTERM."""
    phones = TrialPhones(host, port, log_path=log_path, heard_dir=heard_dir, keep=keep)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    await phones.start()
    for number in _ENDINGS:
        loop.add_signal_handler(number, stop.set)
    _log.info("trial_phones_listening", host=host, port=phones.port)
    await stop.wait()
    for number in _ENDINGS:
        loop.remove_signal_handler(number)
    await phones.close()
