"""What a message centre means by the status of a response to submit_sm: the one table. Pure.

Sources: SMPP 3.4, table 5-2 (names and numbers); SMPP 5.0, table 4-45 (0x100 to 0x104). Whether a refusal may pass,
by what others do who have met many centres:

- K: Kannel, `gw/smsc/smsc_smpp.c`, tries again after 0x08, 0x14, 0x58 and 0x64, and after no other;
- J: Jasmin, `submit_error_retrial`, after 0x08, 0x14, 0x58 and 0x61;
- N: NowSMS, "SMPP Error Code Handling", ends at 0x0A, 0x0B and 0x66, and goes on for a day after 0x14 and 0x58. Its
  reference of error codes says of 0x14: the whole queue is full, or the queue for this recipient;
- V: Vibes, "SMPP error codes", calls 0x08 and 0x58 retryable, and 0x01, 0x03, 0x0A and 0x0B not.

What is not in the table, vendors' own statuses above all, is final: a status that nobody can read is no promise that
the message was not taken.
"""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """What a refusal is about, and so what is to be done."""

    FINAL = "final"
    """The message: it ends."""
    LATER = "later"
    """This number, or the centre as a whole: the message is tried again later, and others pass."""
    BUSY = "busy"
    """Our pace: as LATER, and the session slows when many are refused."""
    SESSION = "session"
    """The session: it is bound anew, and the message is tried again later."""


@dataclass(frozen=True, slots=True)
class Status:
    """A command status.

    Attributes:
        name: as SMPP names it, without ``ESME_``.
        refusal: what is done.
        reason: key of `app.calls.reasons.REASONS` for a message that it ends.
        source: why, where that is not plain from the name.
    """

    name: str
    refusal: Refusal
    reason: str = "rejected"
    source: str = ""


_PUT_OFF = "put_off"

STATUSES: dict[int, Status] = {
    0x01: Status("RINVMSGLEN", Refusal.FINAL, source="V"),
    0x02: Status("RINVCMDLEN", Refusal.FINAL),
    0x03: Status("RINVCMDID", Refusal.FINAL, source="V"),
    0x04: Status("RINVBNDSTS", Refusal.SESSION, _PUT_OFF, "not bound, or not for sending"),
    0x05: Status("RALYBND", Refusal.SESSION, _PUT_OFF, "of a bind; the centre has lost count of the session"),
    0x06: Status("RINVPRTFLG", Refusal.FINAL),
    0x07: Status("RINVREGDLVFLG", Refusal.FINAL),
    0x08: Status("RSYSERR", Refusal.LATER, _PUT_OFF, "K, J, V"),
    0x0A: Status("RINVSRCADR", Refusal.FINAL, "sender_refused", "N, V"),
    0x0B: Status("RINVDSTADR", Refusal.FINAL, "number_not_found", "N, V"),
    0x0C: Status("RINVMSGID", Refusal.FINAL),
    0x0D: Status("RBINDFAIL", Refusal.SESSION, _PUT_OFF, "of a bind"),
    0x0E: Status("RINVPASWD", Refusal.SESSION, _PUT_OFF, "of a bind"),
    0x0F: Status("RINVSYSID", Refusal.SESSION, _PUT_OFF, "of a bind"),
    0x11: Status("RCANCELFAIL", Refusal.FINAL),
    0x13: Status("RREPLACEFAIL", Refusal.FINAL),
    0x14: Status("RMSGQFUL", Refusal.LATER, _PUT_OFF, "K, J, N"),
    0x15: Status("RINVSERTYP", Refusal.FINAL),
    0x33: Status("RINVNUMDESTS", Refusal.FINAL),
    0x34: Status("RINVDLNAME", Refusal.FINAL),
    0x40: Status("RINVDESTFLAG", Refusal.FINAL),
    0x42: Status("RINVSUBREP", Refusal.FINAL),
    0x43: Status("RINVESMCLASS", Refusal.FINAL),
    0x44: Status("RCNTSUBDL", Refusal.FINAL),
    0x45: Status("RSUBMITFAIL", Refusal.FINAL, source="K, J; some send it for numbers that are blocked"),
    0x48: Status("RINVSRCTON", Refusal.FINAL, "sender_refused"),
    0x49: Status("RINVSRCNPI", Refusal.FINAL, "sender_refused"),
    0x50: Status("RINVDSTTON", Refusal.FINAL, "number_not_found"),
    0x51: Status("RINVDSTNPI", Refusal.FINAL, "number_not_found"),
    0x53: Status("RINVSYSTYP", Refusal.SESSION, _PUT_OFF, "of a bind"),
    0x54: Status("RINVREPFLAG", Refusal.FINAL),
    0x55: Status("RINVNUMMSGS", Refusal.FINAL),
    0x58: Status("RTHROTTLED", Refusal.BUSY, _PUT_OFF, "K, J, N, V"),
    0x61: Status("RINVSCHED", Refusal.FINAL, source="J tries again; we send no time of delivery"),
    0x62: Status("RINVEXPIRY", Refusal.FINAL),
    0x63: Status("RINVDFTMSGID", Refusal.FINAL),
    0x64: Status("RX_T_APPN", Refusal.LATER, _PUT_OFF, "K; temporary by its name"),
    0x65: Status("RX_P_APPN", Refusal.FINAL, "centre_error", "permanent by its name"),
    0x66: Status("RX_R_APPN", Refusal.FINAL, source="N"),
    0x67: Status("RQUERYFAIL", Refusal.FINAL),
    0xC0: Status("RINVOPTPARSTREAM", Refusal.FINAL),
    0xC1: Status("ROPTPARNOTALLWD", Refusal.FINAL),
    0xC2: Status("RINVPARLEN", Refusal.FINAL),
    0xC3: Status("RMISSINGOPTPARAM", Refusal.FINAL),
    0xC4: Status("RINVOPTPARAMVAL", Refusal.FINAL),
    0xFE: Status("RDELIVERYFAILURE", Refusal.FINAL, "undeliverable", "K, J"),
    0xFF: Status("RUNKNOWNERR", Refusal.FINAL, "centre_error", "K, J"),
    0x100: Status("RSERTYPUNAUTH", Refusal.FINAL),
    0x101: Status("RPROHIBITED", Refusal.FINAL),
    0x102: Status("RSERTYPUNAVAIL", Refusal.LATER, _PUT_OFF, "unavailable by its name"),
    0x103: Status("RSERTYPDENIED", Refusal.FINAL),
    0x104: Status("RINVDCS", Refusal.FINAL),
}

_UNKNOWN = Status("", Refusal.FINAL)


def status_of(code: int) -> Status:
    """The status with this number; total over all of them."""
    return STATUSES.get(code, _UNKNOWN)


def refusal_of(code: int, try_again: frozenset[int] = frozenset()) -> Refusal:
    """What a refusal with this status is about.

    Args:
        code: the command status.
        try_again: statuses that this centre's operator says may pass, whatever the table has.
    """
    return Refusal.LATER if code in try_again else status_of(code).refusal
