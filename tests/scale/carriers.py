"""Carriers that answer or refuse, each a sipp, and the kamailio in front of them. They share no code with ours."""

import re
import shutil
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from tests.live import wait_for
from tests.scale.machines import REPOSITORY, Machine
from tests.telephony.peers import SCENARIOS

_EXAMPLE = REPOSITORY / "examples" / "kamailio" / "kamailio.cfg"
# A line of sipp's short log: time, direction (R: came in), Call-ID, CSeq, first line.
_INVITE = re.compile(r"\tR\t(?P<call>[^\t]+)\t.*\tINVITE sip:\+977(?P<number>\d+)@")
_BYE = re.compile(r"\tR\t(?P<call>[^\t]+)\t.*\tBYE ")
_BARE_INVITE = """\
INVITE sip:+977{number}@{target} SIP/2.0
Via: SIP/2.0/UDP {address}:{port};branch=z9hG4bK{number}
From: <sip:somebody@{address}>;tag=1
To: <sip:+977{number}@{target}>{tag}
Call-ID: {number}@{address}
CSeq: 1 INVITE
Contact: <sip:somebody@{address}:{port}>
Max-Forwards: 9
{route}Content-Length: 0

"""


class Sipp:
    """A carrier on a port of a machine: plays one scenario with each call that comes.

    Args:
        port: for SIP; no other carrier of the machine may have it or the three ports after it.
        words: fill the scenario's [words].
    """

    def __init__(self, machine: Machine, port: int, scenario: str, **words: str) -> None:
        self.uri = f"sip:{machine.address}:{port}"
        name = f"{scenario}-{port}"
        self._received = machine.folder / f"{name}.messages"
        script = machine.folder / f"{name}.xml"
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        for word, value in words.items():
            text = text.replace(f"[{word}]", value)
        script.write_text(text)
        machine.start(
            needed("sipp", "sip-tester"),
            *("-sf", str(script), "-i", machine.address, "-p", str(port), "-nostdin", "-aa"),
            *("-rtp_echo", "-mp", str(port + 2)),
            *("-trace_shortmsg", "-shortmessage_file", str(self._received)),
            *("-trace_err", "-error_file", str(machine.folder / f"{name}.errors")),
        )
        wait_for(lambda: listens(machine, port), f"sipp (see {machine.folder})")

    def invited(self, numbers: Collection[str]) -> Counter[str]:
        """How many calls (Call-IDs, not repeated INVITEs) came for each of these national numbers."""
        return Counter(number for number, _ in self._calls(numbers))

    def hung_up(self, numbers: Collection[str]) -> Counter[str]:
        """How many of the calls to each of these national numbers got a BYE."""
        ended = {found["call"] for found in _BYE.finditer(self._log())}
        return Counter(number for number, call in self._calls(numbers) if call in ended)

    def _calls(self, numbers: Collection[str]) -> set[tuple[str, str]]:
        calls = {(found["number"], found["call"]) for found in _INVITE.finditer(self._log())}
        return {(number, call) for number, call in calls if number in numbers}

    def _log(self) -> str:
        return self._received.read_text() if self._received.exists() else ""


def start_kamailio(machine: Machine, port: int, carriers: Mapping[str, int], lines: str) -> str:
    """Start the example's kamailio before some carriers; its SIP URI once it listens.

    Args:
        machine: where.
        port: that it listens on.
        carriers: their SIP URIs, each with its weight; together 100.
        lines: the network from which calls are taken.
    """
    folder = machine.folder / str(port)
    folder.mkdir()
    listed = folder / "dispatcher.list"
    listed.write_text("".join(f"1 {uri} 0 0 weight={weight}\n" for uri, weight in carriers.items()))
    machine.start(
        needed("kamailio", "kamailio"),
        *("-DD", "-E", "-f", str(_EXAMPLE), "-Y", str(folder), "-l", f"udp:{machine.address}:{port}"),
        *("-A", f'CARRIERS="{listed}"', "-A", f"LINES={lines}"),
    )
    wait_for(lambda: listens(machine, port), f"kamailio (see {machine.folder})")
    return f"sip:{machine.address}:{port}"


def final_answer(caller: Machine, proxy: str, number: str, *, past: Sipp | None = None) -> str:
    """The first line of the final answer that a bare INVITE from `caller` gets.

    Args:
        caller: the machine that it leaves from.
        proxy: SIP URI that it is sent to.
        number: national.
        past: names this carrier, in an INVITE that looks like one of a call in progress (a To tag, a Route).
    """
    host, port = proxy.removeprefix("sip:").split(":")
    with caller.udp() as line:
        line.connect((host, int(port)))
        words = {
            "target": (past.uri if past else proxy).removeprefix("sip:"),
            "tag": ";tag=2" if past else "",
            "route": f"Route: <{proxy};lr>\n" if past else "",
        }
        address, own_port = line.getsockname()
        text = _BARE_INVITE.format(number=number, address=address, port=own_port, **words)
        line.send(text.replace("\n", "\r\n").encode())
        while (answer := line.recv(4096).decode().partition("\r\n")[0]).startswith("SIP/2.0 1"):
            pass
        return answer


def listens(machine: Machine, port: int) -> bool:
    """Whether a UDP port is open on the machine."""
    return f":{port:04X} " in Path(f"/proc/{machine.first_process}/net/udp").read_text()


def needed(program: str, package: str) -> str:
    """Where a program lies; the test fails without it."""
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"{program} is missing; install it with: apt-get install {package}")
    return found
