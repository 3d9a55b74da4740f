"""The other side of a test call: Debian's sipp for SIP, a bare socket for RTP. Neither shares code with the product."""

import asyncio
import contextlib
import io
import shutil
import socket
import struct
import time
import wave
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import pytest

from app.carriers.carrier import Dial, Ended, Event
from app.carriers.sip import SipCarrier, SipSettings
from app.trial.phones import TrialPhones

SCENARIOS = Path(__file__).parent / "scenarios"
NUMBER = "+9779812345601"
_SILENCE = b"\xff" * 160


def free_port() -> int:
    """A UDP and TCP port of loopback that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Heard(asyncio.DatagramProtocol):
    """An RTP socket: notes when each packet of audio came and what was in it; talks back unless it is mute."""

    mute: bool = False
    payload: int = 0
    packets: list[tuple[float, bytes]] = field(default_factory=list)
    port: int = 0
    _transport: asyncio.DatagramTransport | None = None
    _peer: tuple[str, int] | None = None
    _sequence: int = 0

    def connection_made(self, transport):
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, addr):
        if data[1] & 0x7F == self.payload:
            self.packets.append((time.monotonic(), data[12:]))
            self._peer = addr

    @property
    def voiced(self) -> list[float]:
        """When each packet came that was not silent."""
        return [at for at, payload in self.packets if payload.strip(b"\xff\x7f")]

    @property
    def per_second(self) -> float:
        """Packets per second from the first voiced packet to the last."""
        times = self.voiced
        return (len(times) - 1) / (times[-1] - times[0])

    def send(self, kind: int, payload: bytes, timestamp: int) -> None:
        """Send one RTP packet to where audio comes from."""
        self._sequence += 1
        if self._transport is not None and self._peer is not None:
            header = struct.pack("!BBHII", 0x80, kind, self._sequence, timestamp, 77)
            self._transport.sendto(header + payload, self._peer)

    async def press(self, event: int) -> None:
        """Press a key, RFC 4733: three packets while it is down, three of its end."""
        timestamp = self._sequence * 160
        for duration, end in ((160, 0), (320, 0), (480, 0), (640, 0x80), (640, 0x80), (640, 0x80)):
            self.send(101, struct.pack("!BBH", event, end | 10, duration), timestamp)
            await asyncio.sleep(0.02)

    async def talk(self) -> None:
        """Send silence, 50 packets a second, until cancelled."""
        while True:
            self.send(0, _SILENCE, self._sequence * 160)
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def listening(*, mute: bool = False, payload: int = 0) -> AsyncIterator[Heard]:
    """An open RTP socket on loopback that hears one payload type: 0 is µ-law, 8 A-law."""
    loop = asyncio.get_running_loop()
    transport, heard = await loop.create_datagram_endpoint(
        lambda: Heard(mute, payload), local_addr=("127.0.0.1", 0)
    )
    talker = None if mute else loop.create_task(heard.talk())
    try:
        yield heard
    finally:
        if talker is not None:
            talker.cancel()
        transport.close()


@dataclass
class Sipp:
    """A running sipp."""

    port: int
    process: asyncio.subprocess.Process
    errors: Path

    async def succeeded(self, within: float = 8.0) -> bool:
        """Whether the scenario went to its end as written."""
        async with asyncio.timeout(within):
            return await self.process.wait() == 0

    def complaint(self) -> str:
        """What sipp wrote about a scenario that went otherwise."""
        return self.errors.read_text() if self.errors.exists() else "no error file"


@contextlib.asynccontextmanager
async def sipp(scenario: str, folder: Path, *options: str, **keys: str | int) -> AsyncIterator[Sipp]:
    """A peer that plays one scenario with one call; `keys` fill the scenario's [words].

    They are filled in here: sipp reads a status before it looks at its own keywords.
    """
    program = shutil.which("sipp")
    if program is None:
        pytest.fail("sipp is missing; install it with: apt-get install sip-tester (or: make programs)")
    port, errors = free_port(), folder / f"{scenario}-errors.log"
    script = folder / f"{scenario}.xml"
    text = (SCENARIOS / script.name).read_text()
    for name, value in {"payload": 0, "codec": "PCMU", "late": 0, **keys}.items():
        text = text.replace(f"[{name}]", str(value))
    script.write_text(text)
    process = await asyncio.create_subprocess_exec(
        program,
        *("-sf", str(script), "-i", "127.0.0.1", "-p", str(port), "-m", "1"),
        *("-nostdin", "-timeout", "30", "-trace_err", "-error_file", str(errors), "-mp", str(free_port())),
        *options,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _bound(port, "tcp" if "t1" in options else "udp")
        yield Sipp(port, process, errors)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _bound(port: int, kind: str) -> None:
    wanted = f":{port:04X} "
    async with asyncio.timeout(5):
        while wanted not in Path(f"/proc/net/{kind}").read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # another program's doing: nothing here can tell when


@contextlib.asynccontextmanager
async def carrier(port: int, transport: str = "udp", **settings) -> AsyncIterator[SipCarrier]:
    """A started carrier whose trunk is on that port of loopback."""
    line = SipCarrier(SipSettings(trunk=f"sip:127.0.0.1:{port};transport={transport}", **settings))
    await line.start()
    try:
        yield line
    finally:
        await line.close()


def number(ending: int, tail: int = 0) -> str:
    """A number whose trial phone behaves as `ending` says; `tail` keeps the tests' calls apart."""
    return f"+97798{tail:06}{ending:02}"


def samples(wav: bytes) -> np.ndarray:
    """The samples of a WAV as the phones write it."""
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def expanded(payloads: Iterable[bytes], codec: str) -> np.ndarray:
    """The samples of G.711 payloads; `codec` is ``pcm_mulaw`` or ``pcm_alaw``."""
    decoder = av.AudioCodecContext.create(codec, "r")
    decoder.sample_rate, decoder.layout = 8000, "mono"
    frames = decoder.decode(av.Packet(b"".join(payloads)))
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(float)


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Correlation of two recordings from their beginnings, at most 1."""
    length = min(len(first), len(second))
    return float(np.corrcoef(first[:length], second[:length])[0, 1])


async def ended_entry(phones: TrialPhones, called: str) -> dict:
    """What the phones wrote when the last call to that number ended."""
    async with asyncio.timeout(3):
        while not (entries := list(phones.journal.of(called, "ended"))):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return entries[-1]


def dial(audio: bytes, number: str = NUMBER, ring_timeout_s: float = 5.0, caller: str | None = None) -> Dial:
    """A call to place."""
    return Dial(uuid4(), number, caller, audio, ring_timeout_s)


async def outcome(line: SipCarrier, call: Dial, within: float = 12.0) -> tuple[list[Event], Ended]:
    """Place a call and wait for its end; checks that the end is the last event."""
    async with asyncio.timeout(within):
        handle = await line.place(call)
        events = [event async for event in handle.events()]
    assert [isinstance(event, Ended) for event in events] == [False] * (len(events) - 1) + [True]
    ended = events[-1]
    assert isinstance(ended, Ended)
    return events, ended
