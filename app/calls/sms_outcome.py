"""The policy that turns what a message centre says into a message's status and reason.

Source: SMPP 3.4, 5.1.3 (command statuses) and 5.2.28 (message states).
"""

from app.calls.outcome import Outcome
from app.calls.state import CallStatus
from app.carriers.sms import Delivery

_BY_DELIVERY: dict[Delivery, Outcome] = {
    Delivery.DELIVERED: Outcome(CallStatus.COMPLETED, "delivered"),
    Delivery.EXPIRED: Outcome(CallStatus.UNANSWERED, "expired"),
    Delivery.DELETED: Outcome(CallStatus.FAILED, "deleted"),
    Delivery.UNDELIVERABLE: Outcome(CallStatus.FAILED, "undeliverable"),
    Delivery.REJECTED: Outcome(CallStatus.FAILED, "rejected"),
    Delivery.UNKNOWN: Outcome(CallStatus.FAILED, "lost_track"),
}

_BY_CODE: dict[int, str] = {
    0x08: "centre_error",  # ESME_RSYSERR
    0x0A: "sender_refused",  # ESME_RINVSRCADR
    0x0B: "number_not_found",  # ESME_RINVDSTADR
    0x48: "sender_refused",  # ESME_RINVSRCTON
    0x49: "sender_refused",  # ESME_RINVSRCNPI
    0x50: "number_not_found",  # ESME_RINVDSTTON
    0x51: "number_not_found",  # ESME_RINVDSTNPI
    0x64: "centre_error",  # ESME_RX_T_APPN
    0xFF: "centre_error",  # ESME_RUNKNOWNERR
}


def outcome_of_delivery(delivery: Delivery) -> Outcome:
    """How a segment ended, by its receipt."""
    return _BY_DELIVERY[delivery]


def outcome_of_refusal(code: int) -> Outcome:
    """How a message ended whose submit was answered with this command status; total over all of them."""
    return Outcome(CallStatus.FAILED, _BY_CODE.get(code, "rejected"))
