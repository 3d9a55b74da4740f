"""Carriers that answer or refuse, each a sipp, and the kamailio in front of them. They share no code with ours."""

import re
import shutil
import socket
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from tests.live import wait_for
from tests.scale.machines import REPOSITORY, Machine
from tests.telephony.peers import SCENARIOS

_EXAMPLE = REPOSITORY / "examples" / "kamailio" / "kamailio.cfg"
_SIP_PORT = 5060
# A line of sipp's short log: time, direction (R: came in), Call-ID, CSeq, first line.
_INVITE = re.compile(r"\tR\t(?P<call>[^\t]+)\t.*\tINVITE sip:\+977(?P<number>\d+)@")
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
_BYE = re.compile(r"\tR\t(?P<call>[^\t]+)\t.*\tBYE ")


class Sipp:
    """A carrier on a port of a machine: plays one scenario with each call that comes.

    Args:
        place: tells the carriers of one machine apart, 0 or more.
        words: fill the scenario's [words].
    """

    def __init__(self, machine: Machine, place: int, scenario: str, **words: str) -> None:
        self.port = _SIP_PORT + 2 * place
        self.uri = f"sip:{machine.address}:{self.port}"
        name = f"{scenario}-{self.port}"
        self._received = machine.folder / f"{name}.messages"
        script = machine.folder / f"{name}.xml"
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        for word, value in words.items():
            text = text.replace(f"[{word}]", value)
        script.write_text(text)
        machine.start(
            needed("sipp", "sip-tester"),
            *("-sf", str(script), "-i", machine.address, "-p", str(self.port), "-nostdin", "-aa"),
            *("-rtp_echo", "-mp", str(6000 + 4 * place)),
            *("-trace_shortmsg", "-shortmessage_file", str(self._received)),
            *("-trace_err", "-error_file", str(machine.folder / f"{name}.errors")),
        )

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


def start_kamailio(machine: Machine, carriers: Mapping[Sipp, int], lines: str) -> str:
    """Start the example's kamailio before these carriers, each with its weight; its SIP URI once it listens.

    Args:
        machine: where.
        carriers: each with its weight; together 100.
        lines: the network from which calls are taken.
    """
    folder = machine.folder
    listed = folder / "dispatcher.list"
    listed.write_text("".join(f"1 {c.uri} 0 0 weight={weight}\n" for c, weight in carriers.items()))
    machine.start(
        needed("kamailio", "kamailio"),
        *("-DD", "-E", "-f", str(_EXAMPLE), "-Y", str(folder)),
        *("-A", f'CARRIERS="{listed}"', "-A", f"LINES={lines}", "-l", f"udp:{machine.address}:{_SIP_PORT}"),
    )
    wait_for(lambda: listens(machine, _SIP_PORT), f"kamailio (see {folder})", 10)
    return f"sip:{machine.address}:{_SIP_PORT}"


def answer_to(caller: Machine, kamailio: Machine, number: str, *, past: Sipp | None = None) -> str:
    """The first line that a bare INVITE from `caller` gets of kamailio.

    Args:
        caller, kamailio: their machines.
        number: national.
        past: names the carrier itself, in an INVITE that looks like one of a call in progress (a To tag, a Route).
    """

    def make() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.connect((kamailio.address, _SIP_PORT))
        made.settimeout(10)
        return made

    with caller.open_socket(make) as line:
        words = {
            "target": past.uri.removeprefix("sip:") if past else kamailio.address,
            "tag": ";tag=2" if past else "",
            "route": f"Route: <sip:{kamailio.address};lr>\n" if past else "",
        }
        address, port = line.getsockname()
        text = _BARE_INVITE.format(number=number, address=address, port=port, **words)
        line.send(text.replace("\n", "\r\n").encode())
        return line.recv(2048).decode().partition("\r\n")[0]


def listens(machine: Machine, port: int) -> bool:
    """Whether a UDP port is open on the machine."""
    return f":{port:04X} " in Path(f"/proc/{machine.first_process}/net/udp").read_text()


def needed(program: str, package: str) -> str:
    """Where a program lies; the test fails without it."""
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"{program} is missing; install it with: apt-get install {package}")
    return found
