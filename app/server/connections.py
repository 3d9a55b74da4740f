"""Who is connected: counts for each address and in all, and which connection gives way when there are too many.

A connection *waits* while no request of its client is under way: it has sent none yet, or its last is answered. Such a
one gives way to a new one; a request under way never does.
"""

from dataclasses import dataclass, field
from typing import Protocol

from app.core.addresses import NamedProxies, network_of


class Connection(Protocol):
    """What the register knows of a connection."""

    def give_way(self) -> None:
        """Close at once; `Connections.leave` has been called."""


@dataclass(slots=True)
class _Waiting:
    """Those that wait, the longest first."""

    silent: dict[Connection, None] = field(default_factory=dict)
    idle: dict[Connection, None] = field(default_factory=dict)

    def add(self, connection: Connection, *, silent: bool) -> None:
        (self.silent if silent else self.idle)[connection] = None

    def remove(self, connection: Connection) -> None:
        self.silent.pop(connection, None)
        self.idle.pop(connection, None)

    def first_to_go(self) -> Connection | None:
        """One that never asked for anything, else the one that has had nothing to ask for longest."""
        return next(iter(self.silent or self.idle), None)


@dataclass(slots=True)
class _Address:
    count: int = 0
    waiting: _Waiting = field(default_factory=_Waiting)


class Connections:
    """The open connections of one process.

    Args:
        most: of all addresses together.
        per_address: of one address (IPv6: one /64); the addresses of `proxies` may have any number.
        proxies: reverse proxies, which bring many clients over one address.
    """

    def __init__(self, *, most: int, per_address: int, proxies: NamedProxies) -> None:
        self._most, self._per_address, self._proxies = most, per_address, proxies
        self._addresses: dict[str, _Address] = {}
        self._of: dict[Connection, str] = {}
        self._waiting = _Waiting()

    def __len__(self) -> int:
        return len(self._of)

    def enter(self, connection: Connection, client: str) -> tuple[bool, str | None]:
        """Take in a new connection from the address `client`, which waits for its first request.

        Returns:
            Whether it may stay, and the limit that was met, ``per_address`` or ``in_all``, if one was: then another
            has given way, or, where all are at work, this one is not taken in.
        """
        name = network_of(client)
        met = self._met(name, client)
        if met is not None:
            waiting = self._addresses[name].waiting if met == "per_address" else self._waiting
            victim = waiting.first_to_go()
            if victim is None:
                return False, met
            self.leave(victim)
            victim.give_way()
        address = self._addresses.setdefault(name, _Address())
        address.count += 1
        self._of[connection] = name
        self._wait(connection, silent=True)
        return True, met

    def works(self, connection: Connection) -> None:
        """A request of it is under way."""
        if name := self._of.get(connection):
            self._waiting.remove(connection)
            self._addresses[name].waiting.remove(connection)

    def idles(self, connection: Connection) -> None:
        """Its last request is answered, and no other has come."""
        self._wait(connection, silent=False)

    def leave(self, connection: Connection) -> None:
        """It is closed; harmless when it was never taken in."""
        self.works(connection)
        if name := self._of.pop(connection, None):
            self._addresses[name].count -= 1
            if not self._addresses[name].count:
                del self._addresses[name]

    def _met(self, name: str, client: str) -> str | None:
        address = self._addresses.get(name)
        if address and address.count >= self._per_address and client not in self._proxies:
            return "per_address"
        return "in_all" if len(self._of) >= self._most else None

    def _wait(self, connection: Connection, *, silent: bool) -> None:
        if name := self._of.get(connection):
            self._waiting.add(connection, silent=silent)
            self._addresses[name].waiting.add(connection, silent=silent)
