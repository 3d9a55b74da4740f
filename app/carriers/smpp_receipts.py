"""Delivery receipts as message centres write them. Pure.

Source: SMPP 3.4, appendix B, 5.2.12 (esm_class), 5.3.2.12 (receipted_message_id) and 5.3.2.35 (message_state). Centres
differ in case, blanks and order, and many send the text alone; a parameter of the protocol is believed before it.
"""

import re
from collections.abc import Mapping
from typing import Literal

from app.carriers.sms import Delivery, Receipt

IdForm = Literal["same", "hex", "decimal"]

RECEIPTED_MESSAGE_ID = 0x001E
NETWORK_ERROR_CODE = 0x0423
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427

_MESSAGE_TYPE = 0x3C
_RECEIPT = 0x04
_LONGEST_TEXT = 300

_BY_STATE: dict[int, Delivery | None] = {
    0: None,  # scheduled
    1: None,  # en route
    2: Delivery.DELIVERED,
    3: Delivery.EXPIRED,
    4: Delivery.DELETED,
    5: Delivery.UNDELIVERABLE,
    6: None,  # accepted, to be read on the subscriber's behalf: not its end
    7: Delivery.UNKNOWN,
    8: Delivery.REJECTED,
    9: Delivery.DELETED,  # skipped
}
_BY_WORD: dict[str, Delivery | None] = {
    "DELIVRD": Delivery.DELIVERED,
    "EXPIRED": Delivery.EXPIRED,
    "DELETED": Delivery.DELETED,
    "UNDELIV": Delivery.UNDELIVERABLE,
    "REJECTD": Delivery.REJECTED,
    "UNKNOWN": Delivery.UNKNOWN,
    "SKIPPED": Delivery.DELETED,
    "ACCEPTD": None,
    "ENROUTE": None,
    "SCHEDULED": None,
    "BUFFERED": None,
    "DELIVERED": Delivery.DELIVERED,
    "REJECTED": Delivery.REJECTED,
    "ACCEPTED": None,
}
# Seven letters by the specification; some centres write the whole word.
_WORD_LENGTH = 7
_FIELD = re.compile(r"\b(id|stat|err)\s*:\s*([^\s:]+)", re.IGNORECASE)


def is_receipt(esm_class: int, parameters: Mapping[int, bytes]) -> bool:
    """Whether a deliver_sm is a receipt and not a message that somebody wrote to us."""
    if esm_class & _MESSAGE_TYPE:
        return esm_class & _MESSAGE_TYPE == _RECEIPT
    return RECEIPTED_MESSAGE_ID in parameters


def receipt_of(body: bytes, parameters: Mapping[int, bytes]) -> Receipt | None:
    """The receipt in a deliver_sm that is one.

    Args:
        body: its short message.
        parameters: its optional parameters, value by tag.

    Returns:
        None for news on the way (accepted, en route), which change nothing.
    """
    text = (body or parameters.get(MESSAGE_PAYLOAD, b"")).decode("latin-1")
    written = {name.lower(): value for name, value in reversed(_FIELD.findall(text))}
    known, delivery = _delivery(parameters.get(MESSAGE_STATE, b""), written.get("stat", ""))
    if known and delivery is None:
        return None
    by_parameter = _c_string(parameters.get(RECEIPTED_MESSAGE_ID, b""))
    message_id = by_parameter or written.get("id", "")
    readable = bool(message_id) and known
    return Receipt(
        message_id=spelled(message_id, "same") if readable else None,
        delivery=delivery if readable else None,
        error=_error(parameters.get(NETWORK_ERROR_CODE, b""), written.get("err", "")),
        text="".join(letter if letter.isprintable() else "·" for letter in text[:_LONGEST_TEXT]),
    )


def spelled(message_id: str, ids: IdForm) -> str:
    """The id of a response in the spelling that receipts of the same centre have.

    Args:
        message_id: from submit_sm_resp.
        ids: ``same``, but for case and leading zeros; ``hex`` when responses are hexadecimal and receipts decimal;
            ``decimal`` the other way round. An id that is no such number stays as it is.
    """
    plain = message_id.strip().casefold()
    plain = plain.lstrip("0") or plain[:1]
    try:
        if ids == "hex":
            return str(int(plain, 16))
        if ids == "decimal":
            return f"{int(plain):x}"
    except ValueError:
        pass
    return plain


def _delivery(state: bytes, word: str) -> tuple[bool, Delivery | None]:
    """Whether the state is known, and the end that it means; None while it is on the way."""
    if len(state) == 1 and state[0] in _BY_STATE:
        return True, _BY_STATE[state[0]]
    upper = word.upper()
    for name in (upper, upper[:_WORD_LENGTH]):
        if name in _BY_WORD:
            return True, _BY_WORD[name]
    return False, None


def _error(parameter: bytes, word: str) -> str:
    """``err`` of the text, or the parameter as network type and code (SMPP 3.4, 5.3.2.31)."""
    if len(parameter) == 3:
        return f"{parameter[0]}:{int.from_bytes(parameter[1:], 'big')}"
    return word[:32] if word.isprintable() else ""


def _c_string(value: bytes) -> str:
    text = value.split(b"\0", 1)[0].decode("latin-1")
    return text if text.isprintable() else ""
