"""The policy that turns what a message centre says into a message's status and reason.

Source: SMPP 3.4, 5.2.28 (message states); `app.carriers.smpp_statuses` has the statuses of responses.
"""

from app.calls.sip_outcome import Outcome
from app.calls.state import CallStatus
from app.carriers.smpp_statuses import status_of
from app.carriers.sms import Delivery

_BY_DELIVERY: dict[Delivery, Outcome] = {
    Delivery.DELIVERED: Outcome(CallStatus.COMPLETED, "delivered"),
    Delivery.EXPIRED: Outcome(CallStatus.UNANSWERED, "expired"),
    Delivery.DELETED: Outcome(CallStatus.FAILED, "deleted"),
    Delivery.UNDELIVERABLE: Outcome(CallStatus.FAILED, "undeliverable"),
    Delivery.REJECTED: Outcome(CallStatus.FAILED, "rejected"),
    Delivery.UNKNOWN: Outcome(CallStatus.FAILED, "lost_track"),
}


def outcome_of_delivery(delivery: Delivery) -> Outcome:
    """How a segment ended, by its receipt."""
    return _BY_DELIVERY[delivery]


def outcome_of_refusal(code: int) -> Outcome:
    """How a message ended whose submit was answered with this command status; total over all of them."""
    return Outcome(CallStatus.FAILED, status_of(code).reason)
