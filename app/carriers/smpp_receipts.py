"""Delivery receipts as message centres write them. Pure.

Sources: SMPP 3.4, appendix B, 5.2.12 (esm_class), 5.3.2.12 (receipted_message_id), 5.3.2.35 (message_state). Appendix B
leaves the text to each vendor, so it is read by its fields, in any order and case; any may be missing. The dialects:

- without `sub` and `dlvrd`, or `err`, or `text`: jsmpp, issues 62 and 67; Jasmin, issues 195 and 224;
- names `msgid`, `message_id`, `status`; `=` for `:`; identifiers with `0x`; UTF-16: reports from operators here;
- esm_class 0 with the text alone: Jasmin reads receipts by their content whatever esm_class says; node-smpp, issue 140;
- esm_class 0x08 and 0x20 as well as 0x04, and all with 0x40: Kannel, `gw/smsc/smsc_smpp.c`; ksmppd, issue 49;
- data_sm: Jasmin, issue 139;
- `network_error_code` as three digits: Kannel, `error_from_network_error_code`;
- `stat:0` with `dlvrd:1` for delivered: Vumi, `smpp_transport.py` ("Yo!").

A parameter of the protocol is believed before the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.carriers.smpp_inbound import Inbound
from app.carriers.sms import Delivery, Receipt

IdForm = Literal["same", "hex", "decimal"]

RECEIPTED_MESSAGE_ID = 0x001E
NETWORK_ERROR_CODE = 0x0423
MESSAGE_STATE = 0x0427

_MESSAGE_TYPE = 0x3C
_RECEIPT, _ACKNOWLEDGEMENT, _INTERMEDIATE = 0x04, 0x08, 0x20
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
    "DELIVERED": Delivery.DELIVERED,
    "REJECTED": Delivery.REJECTED,
    "ACCEPTED": None,
    # Kannel.
    "ACKED": None,
    "BUFFRED": None,
    "BUFFERD": None,
    "BUFFERED": None,
    # SMS Central, PSWinCom and Jasmin, issue 447.
    "FAILED": Delivery.UNDELIVERABLE,
    "SYSERR": Delivery.UNDELIVERABLE,
    "NOCRED": Delivery.REJECTED,
    "BARRED": Delivery.REJECTED,
    "BARREDA": Delivery.REJECTED,
    "ZEROBAL": Delivery.REJECTED,
    "NULL": Delivery.UNKNOWN,
}
# Seven letters by the specification; some centres write the whole word.
_WORD_LENGTH = 7

_NAMES = {
    "id": r"(?:receipted[ _-]?)?(?:(?:smsc?|msg|message)[ _-]?)?id",
    "stat": r"(?:(?:dlr|msg|message|delivery)[ _-]?)?stat(?:us|e)?",
    "err": r"(?:network[ _-]?)?err(?:or)?(?:[ _-]?code)?",
    "dlvrd": r"dlvrd",
    "other": r"sub|submit[ _-]?date|done[ _-]?date",
}
_NAME = "|".join(f"(?P<{key}>{names})" for key, names in _NAMES.items())
_ANY_NAME = "|".join([*_NAMES.values(), "text"])
_SEPARATOR = r"[\"']?\s*[:=]\s*"
_FIELD = re.compile(
    rf"(?<!\w)(?:{_NAME}){_SEPARATOR}(?!(?:{_ANY_NAME}){_SEPARATOR})[\"']?(?P<value>[^\s,;|&\"'<>]+)",
    re.IGNORECASE,
)
_BEGINS = re.compile(rf"[\W_]*(?:{_ANY_NAME}){_SEPARATOR}", re.IGNORECASE)
# What stands behind it is the message's own and may look like anything.
_TEXT = re.compile(rf"(?<!\w)text{_SEPARATOR}", re.IGNORECASE)
_HEX = re.compile(r"0x([0-9a-f]+)")


class Kind(StrEnum):
    """What a message of the centre is."""

    FINAL = "final"
    ON_THE_WAY = "on_the_way"
    UNREADABLE = "unreadable"
    MESSAGE = "message"
    """What somebody wrote to us."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message of the centre as it was read; `receipt` for a final or unreadable one."""

    kind: Kind
    receipt: Receipt | None = None


def read(message: Inbound, ids: IdForm = "same") -> Reading:
    """What a message of the centre says.

    Args:
        message: a deliver_sm or data_sm.
        ids: how receipts spell message ids, see `spelled`. Unless it is ``same``, the id of the text, which it is
            about, goes before that of the parameter.
    """
    text, parameters = message.text, message.parameters
    written = _fields(text)
    known, delivery = _delivery(parameters.get(MESSAGE_STATE, b""), written)
    parameter, word = _c_string(parameters.get(RECEIPTED_MESSAGE_ID, b"")), written.get("id", "")
    message_id = (parameter or word) if ids == "same" else (word or parameter)
    of_type = message.esm_class & _MESSAGE_TYPE
    if of_type not in (_RECEIPT, _ACKNOWLEDGEMENT, _INTERMEDIATE) and not (
        RECEIPTED_MESSAGE_ID in parameters or _looks_like_one(text, written)
    ):
        return Reading(Kind.MESSAGE)
    readable = bool(message_id) and known
    # What an intermediate notification says of a failure is not the end of it.
    if readable and (delivery is None or (of_type == _INTERMEDIATE and delivery is not Delivery.DELIVERED)):
        return Reading(Kind.ON_THE_WAY)
    receipt = Receipt(
        message_id=spelled(message_id, "same") if readable else None,
        delivery=delivery if readable else None,
        error=_error(parameters.get(NETWORK_ERROR_CODE, b""), written.get("err", "")),
        text="".join(letter if letter.isprintable() else "·" for letter in text[:_LONGEST_TEXT]),
    )
    return Reading(Kind.FINAL if readable else Kind.UNREADABLE, receipt)


def spelled(message_id: str, ids: IdForm) -> str:
    """The id of a response in the spelling that receipts of the same centre have.

    Args:
        message_id: from submit_sm_resp.
        ids: ``same``, but for case, ``0x`` and leading zeros; ``hex`` when responses are hexadecimal and receipts
            decimal; ``decimal`` the other way round. An id that is no such number stays as it is.
    """
    plain = message_id.strip().casefold()
    if hexadecimal := _HEX.fullmatch(plain):
        plain = hexadecimal[1]
    plain = plain.lstrip("0") or plain[:1]
    try:
        if ids == "hex":
            return str(int(plain, 16))
        if ids == "decimal":
            return f"{int(plain):x}"
    except ValueError:
        pass
    return plain


def _fields(text: str) -> dict[str, str]:
    """The fields of a receipt's text; of several with one name the first."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(_TEXT.split(text, maxsplit=1)[0]):
        found.setdefault(_key(match), match["value"])
    return found


def _key(match: re.Match[str]) -> str:
    return next(key for key in _NAMES if match[key] is not None)


def _looks_like_one(text: str, written: Mapping[str, str]) -> bool:
    """Whether a text is a receipt though nothing but its words says so: it begins as one, and names a message."""
    return _BEGINS.match(text) is not None and "id" in written and len(written) > 1


def _delivery(state: bytes, written: Mapping[str, str]) -> tuple[bool, Delivery | None]:
    """Whether the state is known, and the end that it means; None while it is on the way."""
    number = int.from_bytes(state) if len(state) in (1, 2, 4) else -1
    if len(state) == 1 and state.isdigit():
        number = int(state)
    if number in _BY_STATE:
        return True, _BY_STATE[number]
    word = written.get("stat", "").upper()
    if word == "0":
        return written.get("dlvrd", "").strip("0") not in ("", "-"), Delivery.DELIVERED
    if len(word) == 1 and word.isascii() and word.isdigit():
        return True, _BY_STATE[int(word)]
    for name in (word, word[:_WORD_LENGTH]):
        if name in _BY_WORD:
            return True, _BY_WORD[name]
    return False, None


def _error(parameter: bytes, word: str) -> str:
    """``err`` of the text, or the parameter as network type and code (SMPP 3.4, 5.3.2.31), or as the digits it is."""
    if len(parameter) == 3:
        if parameter.isdigit():
            return parameter.decode("ascii")
        return f"{parameter[0]}:{int.from_bytes(parameter[1:], 'big')}"
    return word[:32] if word.isprintable() else ""


def _c_string(value: bytes) -> str:
    text = value.split(b"\0", 1)[0].decode("latin-1").strip()
    return text if text.isprintable() else ""
