"""A service on many machines: lines, control worker, kamailio and carriers each where a site would put them.

The database and Redis are those of the tests, reached through the machine `data`. Apart from them the machines share
the blob store and nothing else: each worker has a data folder of its own.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

from tests.live import wait_for
from tests.scale.carriers import Sipp, start_kamailio
from tests.scale.forwarding import offered_by
from tests.scale.machines import Machine, Network

PLACES = 10
"""Calls that each line holds at once."""
_LINES_NETWORK = "192.0.2.8/29"
_LINES = {"line-1": 11, "line-2": 12, "line-3": 13}


class Site:
    """Machines that run.

    Args:
        network: where the machines are to be.
        settings: ``TINGTING_…`` variables of every worker; the addresses of database and Redis are as seen from here.

    Attributes:
        answering: the carriers that take calls.
        full: a carrier that has no room: it refuses each call with 503.
        kamailio, carriers, control: their machines.
        lines: the machines of the lines, by name.
        trunk: SIP URI of the kamailio before all carriers.
    """

    def __init__(self, network: Network, settings: Mapping[str, str]) -> None:
        self._network = network
        self._database = settings["TINGTING_DATABASE_URL"]
        data = network.machine("data", 1)
        self.carriers = network.machine("carriers", 3)
        words = {"rtp": "[media_port]", "payload": "0", "codec": "PCMU"}
        self.answering = [Sipp(self.carriers, port, "answer", **words) for port in (5060, 5070)]
        self.full = Sipp(self.carriers, 5080, "reject", status="503", words="Full", more="Retry-After: 60")
        self.kamailio = network.machine("kamailio", 2)
        first, second = self.answering
        self.trunk = self.put_kamailio_before({first.uri: 40, second.uri: 40, self.full.uri: 20}, 5060)
        self._settings = {
            **settings,
            "TINGTING_DATABASE_URL": offered_by(data, self._database),
            "TINGTING_REDIS_URL": offered_by(data, settings["TINGTING_REDIS_URL"]),
            "TINGTING_SIP_TRUNK": self.trunk,
            "TINGTING_LINE_PLACES": str(PLACES),
            "TINGTING_SPEECH_PROCESSES": "1",
        }
        self.control = network.machine("control", 4)
        self._start("worker", self.control)
        self.lines: dict[str, Machine] = {}

    def put_kamailio_before(self, carriers: Mapping[str, int], port: int) -> str:
        """Start a kamailio that shares calls of lines among these SIP URIs by weight; its own URI."""
        return start_kamailio(self.kamailio, port, carriers, _LINES_NETWORK)

    def bring_lines_up(self) -> None:
        """Start the lines that are not there; returns when all are open."""
        for name, host in _LINES.items():
            if name not in self.lines or not self.lines[name].is_up:
                self.lines[name] = self._network.machine(name, host)
                self._start("line", self.lines[name])
        wait_for(lambda: self._open_lines() == set(_LINES), "three open lines")

    def on_lines(self, run_id: int, condition: str = "true") -> Counter[str]:
        """How many calls of a run each line has or had, by the line's host name; `condition` in SQL picks some."""
        query = (
            "SELECT l.host, count(*) FROM calls c JOIN lines l ON l.id = c.line_id "  # noqa: S608 - our own words
            f"WHERE c.run_id = $1 AND {condition} GROUP BY l.host"
        )
        return Counter(dict(self._fetch(query, run_id)))

    def invited(self, numbers: Collection[str]) -> Counter[str]:
        """How many calls to each of these national numbers came to the carriers that take calls."""
        return sum((carrier.invited(numbers) for carrier in self.answering), Counter())

    def hung_up(self, numbers: Collection[str]) -> Counter[str]:
        """How many of them our side ended."""
        return sum((carrier.hung_up(numbers) for carrier in self.answering), Counter())

    def _start(self, part: str, machine: Machine) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TINGTING_")}
        own = {"TINGTING_HOME": str(machine.folder / "home")}
        machine.start(sys.executable, "-m", "app.cli", part, env={**inherited, **self._settings, **own})

    def _open_lines(self) -> set[str]:
        return {host for (host,) in self._fetch("SELECT host FROM lines WHERE state = 0")}

    def _fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        async def rows() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self._database)
            try:
                return await connection.fetch(query, *values)
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as aside:  # the tests' loop is this thread's
            return aside.submit(asyncio.run, rows()).result()
