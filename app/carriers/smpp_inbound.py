"""What a message centre sends by itself, taken apart: deliver_sm by the library, data_sm here, for it knows none. Pure.

Source: SMPP 3.4, 4.6.1 (deliver_sm), 4.7.1 (data_sm), 3.2.4.1 (optional parameters); 3GPP TS 23.040, 9.2.3.24 (the
user data header).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import smpp34

from app.carriers.smpp_link import DATA_SM, RECEIPT

MESSAGE_PAYLOAD = 0x0424

_HEADER_OCTETS = 16
_COMMAND = slice(4, 8)
_HAS_HEADER = 0x40
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Inbound:
    """A deliver_sm or data_sm.

    Attributes:
        esm_class: SMPP 3.4, 5.2.12.
        body: the short message, without a user data header.
        parameters: the optional parameters, value by tag.
    """

    esm_class: int
    body: bytes
    parameters: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What is written in it, two thousand characters at most: the short message, else the payload parameter."""
        return _text(self.body or self.parameters.get(MESSAGE_PAYLOAD, b""))


def inbound_of(pdu: bytes) -> Inbound:
    """What a message of the centre holds; one that cannot be taken apart counts as a receipt, to be read if it can."""
    try:
        if int.from_bytes(pdu[_COMMAND]) == DATA_SM:
            return _data_sm(pdu[_HEADER_OCTETS:])
        message = smpp34.decode(pdu)
    except (smpp34.SmppError, ValueError):
        message = None
    if not isinstance(message, smpp34.DeliverSm):
        return Inbound(RECEIPT, pdu[_HEADER_OCTETS:])
    body = _without_header(message.esm_class, message.short_message)
    return Inbound(message.esm_class, body, {tlv.tag: tlv.value for tlv in message.tlvs})


def _data_sm(body: bytes) -> Inbound:
    """ValueError for octets that end too early."""
    at = body.index(0) + 1  # service_type
    for _ in ("source", "destination"):
        at = body.index(0, at + 2) + 1  # type of number, numbering plan, address
    if len(body) < at + 3:
        raise ValueError(body)
    esm_class = body[at]
    parameters = _parameters(body[at + 3 :])  # behind esm_class, registered_delivery and data_coding
    if MESSAGE_PAYLOAD in parameters:
        parameters[MESSAGE_PAYLOAD] = _without_header(esm_class, parameters[MESSAGE_PAYLOAD])
    return Inbound(esm_class, b"", parameters)


def _parameters(octets: bytes) -> dict[int, bytes]:
    """Value by tag; what is left of one that is cut off is left out."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(octets):
        tag, length = int.from_bytes(octets[at : at + 2]), int.from_bytes(octets[at + 2 : at + 4])
        value = octets[at + 4 : at + 4 + length]
        if len(value) == length:
            found[tag] = value
        at += 4 + length
    return found


def _without_header(esm_class: int, body: bytes) -> bytes:
    return body[body[0] + 1 :] if esm_class & _HAS_HEADER and body else body


def _text(octets: bytes) -> str:
    """The letters, by their looks: centres send receipts in UTF-16 as in one octet a letter, whatever data_coding says.

    node-smpp, issue 68, has ASCII that is declared as UCS-2. A receipt is mostly ASCII, of which UTF-16 makes a zero
    and a letter each.
    """
    octets = octets[: 2 * _LONGEST]
    whole = octets[: len(octets) & ~1]
    if whole.startswith((b"\xfe\xff", b"\xff\xfe")):
        return whole.decode("utf-16", errors="replace")
    half = len(whole) // 4
    if half and whole[0::2].count(0) > half:
        return whole.decode("utf-16-be", errors="replace")
    if half and whole[1::2].count(0) > half:
        return whole.decode("utf-16-le", errors="replace")
    return octets[:_LONGEST].decode("latin-1")
