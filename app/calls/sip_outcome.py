"""The policy that turns what a carrier reports into a call's status and reason.

Source: the API contract, "What a call's status means"; SIP statuses by RFC 3261, section 21.
"""

from dataclasses import dataclass

from app.calls.state import CallStatus
from app.carriers.carrier import Cause, Ended


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended; `reason` is a key of `app.calls.reasons.REASONS`."""

    status: CallStatus
    reason: str


_BY_CAUSE: dict[Cause, Outcome] = {
    Cause.PLAYED: Outcome(CallStatus.COMPLETED, "played"),
    Cause.REMOTE_HANGUP: Outcome(CallStatus.HUNGUP, "callee_hung_up"),
    Cause.RING_TIMEOUT: Outcome(CallStatus.UNANSWERED, "no_answer"),
    Cause.STOPPED: Outcome(CallStatus.TERMINATED, "stopped"),
    Cause.MEDIA_LOST: Outcome(CallStatus.FAILED, "media_lost"),
    Cause.NO_ROUTE: Outcome(CallStatus.FAILED, "no_route"),
    Cause.ERROR: Outcome(CallStatus.FAILED, "carrier_error"),
}

_BY_SIP_STATUS: dict[int, Outcome] = {
    401: Outcome(CallStatus.FAILED, "credentials_refused"),
    404: Outcome(CallStatus.FAILED, "number_not_found"),
    407: Outcome(CallStatus.FAILED, "credentials_refused"),
    408: Outcome(CallStatus.UNANSWERED, "no_answer"),
    410: Outcome(CallStatus.FAILED, "number_not_found"),
    480: Outcome(CallStatus.UNANSWERED, "unavailable"),
    484: Outcome(CallStatus.FAILED, "number_not_found"),
    486: Outcome(CallStatus.UNANSWERED, "busy"),
    487: Outcome(CallStatus.UNANSWERED, "cancelled"),
    488: Outcome(CallStatus.FAILED, "codec_refused"),
    600: Outcome(CallStatus.UNANSWERED, "busy"),
    603: Outcome(CallStatus.UNANSWERED, "declined"),
    604: Outcome(CallStatus.FAILED, "number_not_found"),
    606: Outcome(CallStatus.FAILED, "codec_refused"),
}


def outcome_of(ended: Ended) -> Outcome:
    """The status and reason of a call that ended so; total over all causes and SIP statuses."""
    if ended.cause is not Cause.REJECTED:
        return _BY_CAUSE[ended.cause]
    sip_status = ended.sip_status or 0
    if sip_status in _BY_SIP_STATUS:
        return _BY_SIP_STATUS[sip_status]
    if 300 <= sip_status < 400:
        return Outcome(CallStatus.FAILED, "redirected")
    if 500 <= sip_status < 600:
        return Outcome(CallStatus.FAILED, "trunk_error")
    return Outcome(CallStatus.FAILED, "refused")
