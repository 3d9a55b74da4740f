"""A TCP proxy with bad manners: it delays, it resets, and it falls silent with every connection still open."""

import asyncio
import contextlib
import socket
import struct
from enum import Enum

from app.local import ports

_CHUNK = 64 * 1024
_RESET = struct.pack("ii", 1, 0)


class Manner(Enum):
    """How the proxy treats what it is given."""

    HONEST = "honest"
    SLOW = "slow"
    SILENT = "silent"


class Proxy:
    """One port of 127.0.0.1 before another.

    Attributes:
        port: where it listens, once started.
        delay_s: seconds that each direction is late while the manner is slow: half of the round trip.
        connections: how many are open.
    """

    def __init__(self, upstream: int, delay_s: float = 0.25) -> None:
        self.upstream = upstream
        self.port = 0
        self.delay_s = delay_s
        self._manner = Manner.HONEST
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def connections(self) -> int:
        """Open connections of clients and to the server, together."""
        return len(self._writers)

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, ports.LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Reset every connection and stop listening."""
        self.be(Manner.HONEST)
        if self._server is not None:
            self._server.close()
        self.reset()

    def be(self, manner: Manner) -> None:
        """Change the manner, of open connections too."""
        self._manner = manner
        if manner is Manner.SILENT:
            self._speaks.clear()
        else:
            self._speaks.set()

    def reset(self) -> None:
        """Break every connection with a RST."""
        for writer in tuple(self._writers):
            taken: socket.socket | None = writer.get_extra_info("socket")
            if taken is not None:
                with contextlib.suppress(OSError):
                    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._speaks.wait()
            there, back = await asyncio.open_connection(ports.LOOPBACK, self.upstream)
        except OSError:
            self._writers.discard(writer)
            writer.transport.abort()
            return
        self._writers.add(back)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what comes, in order; each piece as late as the manner says, without holding up the next."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(256)
        sender = asyncio.create_task(self._send(pieces, writer))
        try:
            while data := await reader.read(_CHUNK):
                late = self.delay_s if self._manner is Manner.SLOW else 0.0
                await pieces.put((loop.time() + late, data))
        except OSError:
            pass
        finally:
            await pieces.put((0.0, b""))
            await sender
            self._writers.discard(writer)

    async def _send(self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                await self._speaks.wait()
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()
