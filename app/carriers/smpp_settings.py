"""How to reach a message centre, checked once, before anything is sent."""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from app.carriers.smpp_receipts import IdForm

NumberForm = Literal["e164", "plus", "national"]
Bind = Literal["transceiver", "separate"]

_PLAIN_PORT, _TLS_PORT = 2775, 3550
_SOURCE = re.compile(r"[A-Za-z0-9 ._&+-]{1,20}")
_LONGEST_ALPHANUMERIC = 11
_ALPHANUMERIC, _INTERNATIONAL, _NETWORK, _UNKNOWN_TON = 5, 1, 3, 0
_ISDN, _UNKNOWN_NPI = 1, 0
_SHORT_CODE = 6
_PLAIN = re.compile(r"[\x20-\x7e]*")
_NEPAL = "+977"


def try_again_of(text: str) -> frozenset[int]:
    """Command statuses written in hexadecimal, with or without ``0x``, separated by commas or blanks.

    Raises:
        ValueError: one of them is no such number.
    """
    try:
        return frozenset(int(each, 16) for each in re.split(r"[,\s]+", text.strip()) if each)
    except ValueError:
        raise ValueError(f"SMS try again {text!r}: write hexadecimal statuses, such as 0x40A,0x4B5") from None


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """How to reach a message centre and what it wants.

    Attributes:
        centre: ``smpp://host[:port]``, or ``smpps://`` for TLS; ports 2775 and 3550 unless given.
        system_id, password, system_type: as the operator gave them; printable ASCII, 15, 64 and 12 characters.
        bind: one ``transceiver`` session, or a transmitter and a receiver (``separate``).
        source: who the message is from: a word of at most 11 characters, a short code, or a number.
        source_ton, source_npi: type and plan of `source`; None: by its looks.
        number_form: how the centre wants recipients: ``e164`` 97798…, ``plus`` +97798…, ``national`` 98….
        window: segments under way at once, 1 to 500.
        rate: segments a second.
        validity_s: seconds that the centre keeps trying.
        receipts: whether a delivery receipt is asked for.
        receipt_ids: how receipts spell message ids, against the responses.
        response_s, enquire_s, connect_s: seconds to wait for a response, between questions on a silent line, and for
            a connection.
        try_again: command statuses after which this centre wants a message again later, besides those of
            `app.carriers.smpp_statuses`.
        ca_file: certificates to trust instead of the system's; empty: the system's.
    """

    centre: str
    system_id: str = "tingting"
    password: str = field(default="", repr=False)
    system_type: str = ""
    bind: Bind = "transceiver"
    source: str = "TINGTING"
    source_ton: int | None = None
    source_npi: int | None = None
    number_form: NumberForm = "e164"
    window: int = 10
    rate: float = 50.0
    validity_s: int = 86_400
    receipts: bool = True
    receipt_ids: IdForm = "same"
    response_s: float = 30.0
    enquire_s: float = 30.0
    connect_s: float = 10.0
    try_again: frozenset[int] = frozenset()
    ca_file: str = ""

    def __post_init__(self) -> None:
        self.address  # noqa: B018 - raises for an address that cannot be
        for name, longest in (("system_id", 15), ("password", 64), ("system_type", 12)):
            value = getattr(self, name)
            if len(value) > longest or not _PLAIN.fullmatch(value):
                raise ValueError(f"SMS {name}: at most {longest} printable ASCII characters")
        if not _SOURCE.fullmatch(self.source) or (
            self.ton == _ALPHANUMERIC and len(self.source) > _LONGEST_ALPHANUMERIC
        ):
            raise ValueError(
                f"SMS source {self.source!r}: a word of at most {_LONGEST_ALPHANUMERIC} letters, or a number"
            )
        if not 1 <= self.window <= 500:
            raise ValueError(f"SMS window {self.window}: 1 to 500")

    @property
    def address(self) -> tuple[str, int, bool]:
        """Host, port, and whether it is TLS."""
        try:
            url = urlsplit(self.centre)
            host, port = url.hostname or "", url.port
        except ValueError:
            host, port = "", None
        if (
            url.scheme not in {"smpp", "smpps"}
            or not host
            or url.username
            or url.path.strip("/")
            or url.query
        ):
            raise ValueError(f"SMS centre {self.centre!r}: write smpp://host:port or smpps://host:port")
        tls = url.scheme == "smpps"
        return host, port or (_TLS_PORT if tls else _PLAIN_PORT), tls

    @property
    def trunk(self) -> str:
        """One name for all sessions of this account at this centre: message ids are unique within it."""
        host, port, _ = self.address
        return f"smpp://{self.system_id}@{host}:{port}"

    @property
    def ton(self) -> int:
        """Type of number of `source`."""
        if self.source_ton is not None:
            return self.source_ton
        bare = self.source.removeprefix("+")
        if not bare.isdigit():
            return _ALPHANUMERIC
        if self.source != bare:
            return _INTERNATIONAL
        return _NETWORK if len(bare) <= _SHORT_CODE else _UNKNOWN_TON

    @property
    def npi(self) -> int:
        """Numbering plan of `source`."""
        if self.source_npi is not None:
            return self.source_npi
        return _UNKNOWN_NPI if self.ton in {_ALPHANUMERIC, _NETWORK} else _ISDN

    def validity_of(self, seconds: int | None = None) -> str:
        """`seconds`, or `validity_s`, as a relative time of SMPP 3.4, 7.1.1.2.

        A month there has no fixed length, so days are used.
        """
        minutes, seconds = divmod(self.validity_s if seconds is None else seconds, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return f"0000{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R"

    def destination(self, number: str) -> tuple[str, int, int]:
        """A recipient's address with its type and plan; `number` is E.164 with plus."""
        if not re.fullmatch(r"\+[0-9]{3,20}", number):
            raise ValueError(f"{number!r} is no number in E.164")
        if self.number_form == "plus":
            return number, _INTERNATIONAL, _ISDN
        if self.number_form == "national" and number.startswith(_NEPAL):
            return number.removeprefix(_NEPAL), _UNKNOWN_TON, _ISDN
        return number.removeprefix("+"), _INTERNATIONAL, _ISDN
