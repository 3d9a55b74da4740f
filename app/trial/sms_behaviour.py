"""What the trial's message centre does with a message: its number's last two digits say it."""

from dataclasses import dataclass

RECEIPT_S = 0.5
LATE_S = 3.0
THROTTLED, INBOX_FULL = 0x58, 0x14  # ESME_RTHROTTLED, ESME_RMSGQFUL


@dataclass(frozen=True, slots=True)
class SmsBehaviour:
    """One number's script, and how a message to it must end.

    Attributes:
        call_status: the status that the message must end with.
        reason: its reason code.
        refusal: command status of every response; 0: taken.
        throttled: submits that are put off before one is taken.
        busy: command status that these are answered with.
        stat: the receipt's word; empty: no receipt comes.
        receipt_s: seconds between response and receipt; negative: the receipt comes first.
        copies: how often the receipt is sent.
        error: the network's code in the receipt.
    """

    call_status: str
    reason: str
    refusal: int = 0
    throttled: int = 0
    busy: int = THROTTLED
    stat: str = "DELIVRD"
    receipt_s: float = RECEIPT_S
    copies: int = 1
    error: str = "000"


DELIVERED = SmsBehaviour("completed", "delivered")
_FIRST_OF = (
    (98, SmsBehaviour("unanswered", "no_receipt", stat="")),
    (97, SmsBehaviour("completed", "delivered", receipt_s=-1.0)),
    (96, SmsBehaviour("completed", "delivered", copies=2)),
    (95, SmsBehaviour("completed", "delivered", throttled=1)),
    (93, SmsBehaviour("completed", "delivered", receipt_s=LATE_S)),
    (90, SmsBehaviour("unanswered", "expired", stat="EXPIRED", error="027")),
    (85, SmsBehaviour("failed", "undeliverable", stat="UNDELIV", error="034")),
    (83, SmsBehaviour("failed", "rejected", stat="REJECTD", error="021")),
    (82, SmsBehaviour("failed", "put_off", refusal=INBOX_FULL)),
    (81, SmsBehaviour("completed", "delivered", throttled=1, busy=INBOX_FULL)),
    (80, SmsBehaviour("failed", "number_not_found", refusal=0x0B)),
    (0, DELIVERED),
)


def sms_behaviour(number: str) -> SmsBehaviour:
    """What becomes of a message to this number; one without two digits at its end is delivered."""
    tail = number[-2:]
    if len(tail) < 2 or not (tail.isascii() and tail.isdigit()):
        return DELIVERED
    return next(script for first, script in _FIRST_OF if int(tail) >= first)
