"""The trial phones' ears and mouths: RTP, as little of it as a phone that only listens needs.

One ticker speaks for all phones and received audio stays in its codec until somebody asks for it: 200 calls are
20,000 packets a second, too many for a jitter buffer and a decoder each in Python.
"""

import asyncio
import contextlib
import io
import random
import struct
import wave
from collections import deque

from aiortp.codecs import get_codec
from aiortp.dtmf import DTMF_EVENTS, DtmfEvent
from aiortp.packet import RtpPacket

RATE = 8000
FRAME = 160
"""Samples, and in G.711 bytes, of a 20 ms packet."""
EDGE = RATE // 5
"""Samples of silence before the first sound and after the last that count as heard: a message is framed by as much,
and what the line is silent beyond that is not of the message."""
LONGEST = RATE * 60 * 20
"""Samples kept of one call at most: 20 minutes."""
_JUMP = RATE * 60
_KEY_FRAMES = 8
_STILL_TURNS, _MOST_TURNS = 3, 500
_PCMU, _PCMA = 0, 8
_SILENCE = {_PCMU: b"\xff\x7f", _PCMA: b"\xd5\x55"}
"""The two codes of a zero sample in each law; what a caller sends while it has nothing to say."""
_HEADER = struct.Struct("!BBHII")


class Ear(asyncio.DatagramProtocol):
    """One call's RTP: counts and keeps what is heard, sends silence and keys.

    Attributes:
        packets: RTP packets of audio that came.
        started_at, stopped_at: loop times of the first and last of them.
    """

    def __init__(self, payload_type: int, key_type: int, remote: tuple[str, int], *, keep: bool) -> None:
        self.remote = remote
        self.packets = 0
        self.started_at = 0.0
        self.stopped_at = 0.0
        self._payload_type = payload_type
        self._key_type = key_type
        self._silence = _SILENCE[payload_type]
        self._kept: bytearray | None = bytearray() if keep else None
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self._source: int | None = None
        self._base = 0
        self._end = 0
        self._sound: tuple[int, int] | None = None
        self._sequence = random.getrandbits(16)
        self._timestamp = random.getrandbits(31)
        self._ssrc = random.getrandbits(32)
        self._frame = self._silence[:1] * FRAME
        self._keys: deque[bytes] = deque()

    async def open(self, address: str) -> int:
        """Bind to a free port of `address`; returns the port."""
        await self._loop.create_datagram_endpoint(lambda: self, local_addr=(address, 0))
        assert self._transport is not None  # noqa: S101 -- create_datagram_endpoint has called connection_made
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Let the port go; what was heard stays."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    async def hear_out(self) -> None:
        """Take in what came before the call's end.

        A machine that kept us from reading for a while hands us the BYE before the sound that lies in another socket.
        """
        still = 0
        for _ in range(_MOST_TURNS):
            before = self.packets
            await asyncio.sleep(0)  # a turn of the loop, which reads what lies there
            still = still + 1 if self.packets == before else 0
            if still == _STILL_TURNS:
                return

    # -- asyncio.DatagramProtocol ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's, so this is taken on trust.
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:  # noqa: ARG002
        if len(data) < 12 or data[1] & 0x7F != self._payload_type or data[0] >> 6 != 2:
            return
        if data[0] == 0x80:
            _, _, _, timestamp, source = _HEADER.unpack_from(data)
            payload = data[12:]
        else:
            try:
                packet = RtpPacket.parse(data)
            except ValueError:
                return
            timestamp, source, payload = packet.timestamp, packet.ssrc, packet.payload
        self.packets += 1
        self.stopped_at = self._loop.time()
        if self.packets == 1:
            self.started_at = self.stopped_at
        self._hear(source, timestamp, payload)

    # -- hearing --------------------------------------------------------------------------------------------

    def _hear(self, source: int, timestamp: int, payload: bytes) -> None:
        end = self._sound[1] if self._sound else 0
        at = (timestamp - self._base) & 0xFFFFFFFF
        if source != self._source or (_JUMP < at < 2**32 - _JUMP):
            # A new stream (a re-INVITE, say) has its own clock: it goes on where the old one ended.
            self._source, self._base, at = source, (timestamp - end) & 0xFFFFFFFF, end
        if at + len(payload) > LONGEST:
            return
        self._end = max(self._end, at + len(payload))
        if payload.strip(self._silence):
            first = self._sound[0] if self._sound else at
            self._sound = (min(first, at), max(end, at + len(payload)))
        if self._kept is not None:
            if len(self._kept) < at:
                self._kept.extend(self._silence[:1] * (at - len(self._kept)))
            self._kept[at : at + len(payload)] = payload

    def _heard(self) -> tuple[int, int]:
        """From where to where something was heard, with at most `EDGE` of the silence around it."""
        if self._sound is None:
            return 0, 0
        return max(0, self._sound[0] - EDGE), min(self._end, self._sound[1] + EDGE)

    @property
    def heard_ms(self) -> int:
        """Milliseconds from the first sound to the last and `EDGE` around them."""
        first, last = self._heard()
        return (last - first) * 1000 // RATE

    def wav(self) -> bytes:
        """What was heard, as in `heard_ms`, 16-bit mono at 8 kHz; gaps of lost packets are silent."""
        first, last = self._heard()
        coded = bytes(self._kept[first:last]) if self._kept is not None else b""
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(get_codec(self._payload_type).decode(coded) if coded else b"")
        return out.getvalue()

    # -- speaking -------------------------------------------------------------------------------------------

    @property
    def has_keys(self) -> bool:
        """Whether the caller takes telephone events."""
        return self._key_type > 0

    def press(self, digit: str) -> None:
        """Send a key, RFC 4733: 160 ms in steps of a packet, its end three times."""
        event = DTMF_EVENTS[digit]
        for step in range(1, _KEY_FRAMES + 1):
            self._keys.append(DtmfEvent(event=event, end=False, volume=10, duration=step * FRAME).serialize())
        ending = DtmfEvent(event=event, end=True, volume=10, duration=_KEY_FRAMES * FRAME).serialize()
        self._keys.extend([ending] * 3)

    def speak(self) -> None:
        """Send one packet: of a key that is being pressed, or of silence, so that the caller knows us alive."""
        if self._transport is None:
            return
        kind, payload = self._payload_type, self._frame
        if self._keys:
            kind, payload = self._key_type, self._keys.popleft()
        header = _HEADER.pack(0x80, kind, self._sequence, self._timestamp, self._ssrc)
        self._transport.sendto(header + payload, self.remote)
        self._sequence = (self._sequence + 1) & 0xFFFF
        if not self._keys:
            # All packets of one key carry the time at which it went down (RFC 4733, 2.5.1.2).
            skipped = FRAME * (_KEY_FRAMES + 3) if kind == self._key_type else FRAME
            self._timestamp = (self._timestamp + skipped) & 0xFFFFFFFF


class Ticker:
    """Lets every open ear speak 50 times a second."""

    def __init__(self) -> None:
        self.ears: set[Ear] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; needs a running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="trial-ticker")

    async def close(self) -> None:
        """Fall silent."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for ear in tuple(self.ears):
                ear.speak()
            # After a hold-up the missed packets are left out rather than sent in a burst.
            due = max(due + FRAME / RATE, loop.time() - FRAME / RATE)
            await asyncio.sleep(max(0.0, due - loop.time()))
