"""Where SIP calls go: the settings of a trunk, and the addresses and URIs made from them.

Everything that enters a SIP message from outside passes through here and is built from digits alone, so that no
number can carry a second header or another host.
"""

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from typing import Literal

DialFormat = Literal["e164", "plus", "national"]

MOST_CALLS_PER_AGENT = 255
"""Calls that one user agent of the SIP stack holds (measured: the 256th is refused)."""

_TRUNK = re.compile(
    r"sip:(?P<host>\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(?::(?P<port>\d{1,5}))?(?:;transport=(?P<transport>udp|tcp))?"
)
_E164 = re.compile(r"\+[0-9]{3,20}")
_USER = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
_CODECS = frozenset({"pcmu", "pcma"})
_NEPAL = "+977"
_NEPALI_MOBILE = re.compile(r"9[678][0-9]{8}")


@dataclass(frozen=True, slots=True)
class SipSettings:
    """How to reach a trunk.

    Attributes:
        trunk: SIP URI of the trunk, ``sip:host[:port][;transport=udp|tcp]``.
        user: user part of our From address when a call names no caller number.
        auth_user: digest user name; empty: the same as `user`.
        password: digest password; empty: the trunk knows us by address.
        address: local address for SIP and RTP; empty: the one from which the route to the trunk leaves.
        codecs: offered in this order; ``pcmu`` and ``pcma`` (audio is 8 kHz).
        dial_format: how the trunk wants numbers: ``e164`` 97798…, ``plus`` +97798…, ``national`` 98….
        rtp_timeout_s: whole seconds without a packet from the callee after which a call is lost; 0: never.
        places: calls at once, 1 to `MOST_CALLS_PER_AGENT`.
    """

    trunk: str
    user: str = "tingting"
    auth_user: str = ""
    password: str = field(default="", repr=False)
    address: str = ""
    codecs: tuple[str, ...] = ("pcmu", "pcma")
    dial_format: DialFormat = "plus"
    rtp_timeout_s: int = 20
    places: int = 200

    def __post_init__(self) -> None:
        parse_trunk(self.trunk)
        if not _USER.fullmatch(self.user):
            raise ValueError(f"SIP user {self.user!r}: letters, digits and _.+- only, at most 64")
        if not self.codecs or not set(self.codecs) <= _CODECS:
            raise ValueError(f"SIP codecs {self.codecs!r}: one or both of pcmu and pcma")
        if not 1 <= self.places <= MOST_CALLS_PER_AGENT:
            raise ValueError(f"places {self.places}: 1 to {MOST_CALLS_PER_AGENT} calls on one line")
        if self.rtp_timeout_s < 0:
            raise ValueError(f"RTP timeout {self.rtp_timeout_s}: 0 (never) or more seconds")


@dataclass(frozen=True, slots=True)
class Trunk:
    """A trunk's address, taken apart."""

    host: str
    port: int | None
    transport: Literal["udp", "tcp"]

    @property
    def domain(self) -> str:
        """``host[:port]``, as it stands in our URIs."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    def proxy(self, address: str | None = None) -> str:
        """The URI that every request is sent to first; `address` stands in for the host when given."""
        host = self.host if address is None else bracketed(address)
        where = host if self.port is None else f"{host}:{self.port}"
        return f"sip:{where};transport={self.transport}"


def parse_trunk(uri: str) -> Trunk:
    """Take a trunk's URI apart; ValueError that shows the right form when it is not one."""
    match = _TRUNK.fullmatch(uri.strip())
    port = int(match["port"]) if match and match["port"] else None
    if match is None or (port is not None and not 0 < port < 2**16):
        raise ValueError(f"SIP trunk {uri!r}: write it as sip:host:port or sip:host:port;transport=tcp")
    return Trunk(match["host"], port, "tcp" if match["transport"] == "tcp" else "udp")


def dialled(number: str, style: DialFormat) -> str:
    """A number as the trunk wants to see it.

    Nepali mobiles are dialled without a prefix inside the country, landlines with 0, other countries with 00
    (Nepal's numbering plan).

    Raises:
        ValueError: `number` is not a plus and 3 to 20 ASCII digits.
    """
    if not _E164.fullmatch(number):
        raise ValueError(f"number {number!r} is not E.164 (a plus and digits)")
    if style == "plus":
        return number
    if style == "e164":
        return number[1:]
    if not number.startswith(_NEPAL):
        return f"00{number[1:]}"
    local = number.removeprefix(_NEPAL)
    return local if _NEPALI_MOBILE.fullmatch(local) else f"0{local}"


async def local_address(trunk: Trunk) -> tuple[str, str | None]:
    """The local address from which the route to the trunk leaves.

    Returns:
        that address, and the trunk's own address when the stack could not find it: it asks DNS alone, with the
        name as it stands, so neither ``localhost`` nor a name that counts on a search domain (a service in a
        compose network) means anything to it. A full name is left to it, so that a change in DNS is followed.

    Raises:
        OSError: the name is unknown or no route leads there.
    """
    loop = asyncio.get_running_loop()
    host = trunk.host.strip("[]")
    try:
        found = await loop.getaddrinfo(host, trunk.port or 5060, type=socket.SOCK_DGRAM)
    except socket.gaierror as error:
        why = f"the trunk's name {host} is not known ({error.strerror}). Check TINGTING_SIP_TRUNK and the DNS"
        raise OSError(error.errno, why) from error
    family, _, _, _, target = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    # Connecting a datagram socket sends nothing; it only asks the kernel for the route.
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(target)
        ours = str(probe.getsockname()[0])
    theirs = str(target[0])
    ours_to_find = ipaddress.ip_address(theirs).is_loopback or "." not in trunk.host
    return ours, theirs if ours_to_find else None


def require_local(address: str) -> None:
    """OSError that names the setting when `address` is not one of this machine's; the stack would not say so."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            raise OSError(error.errno, f"the SIP address {address} is not this machine's") from error


def bound(address: str) -> str:
    """``address:0``: that address, any free port."""
    return f"{bracketed(address)}:0"


def bracketed(address: str) -> str:
    """An address as it stands in a URI: IPv6 in brackets."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address
