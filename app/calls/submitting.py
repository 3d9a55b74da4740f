"""From a claim to the message centre's response: the one path that every message takes.

What becomes of a message afterwards, its receipts tell (`app.calls.receipts`), perhaps to another line.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from app.accounts.dialling import REASON_NUMBER
from app.calls.claims import Claim, ClaimReader
from app.calls.inhand import InHand
from app.calls.ledger import Ledger, Step
from app.calls.outcome import Outcome
from app.calls.sms_outcome import outcome_of_refusal
from app.calls.state import CallStatus
from app.carriers.sms import Accepted, NoAnswer, Refused, Segment, Sender, SenderDownError, Turn
from app.core import faults
from app.core.clock import Clock
from app.core.logging import get_logger
from app.messages.composing import CannotComposeError
from app.messages.sms_composing import composed_sms
from app.messages.sms_text import Sms

_GRACE_SHARE = 0.1
_LONGEST_GRACE = timedelta(hours=1)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SmsTerms:
    """How messages are sent.

    Attributes:
        validity_s: seconds that the centre keeps trying.
        receipts: whether receipts are asked for; without, a message that the centre takes is completed.
    """

    validity_s: int
    receipts: bool

    @property
    def patience(self) -> timedelta:
        """How long a receipt is waited for: the validity and some time for the news of its end."""
        validity = timedelta(seconds=self.validity_s)
        return validity + min(validity * _GRACE_SHARE, _LONGEST_GRACE)


class Submitter(InHand):
    """Submits the claims of one line."""

    def __init__(
        self, sender: Sender, claims: ClaimReader, ledger: Ledger, clock: Clock, terms: SmsTerms
    ) -> None:
        super().__init__(claims, ledger)
        self._sender = sender
        self._clock = clock
        self._terms = terms

    async def _see_to(self, claim: Claim) -> None:
        if not claim.policy.allows(claim.number):
            await self._end(claim, Outcome(CallStatus.FAILED, REASON_NUMBER))
            return
        try:
            sms = await composed_sms(claim.terms.sms_message or "", claim.tags)
        except CannotComposeError as error:
            await self._end(claim, Outcome(CallStatus.FAILED, error.reason))
            return
        try:
            async with self._sender.turn() as turn:
                if not await self._may_submit(claim, sms):
                    return
                ended, ids = await self._submit(claim, sms, turn)
        except SenderDownError:
            return  # nothing was written; the line gives its claims back while it has no session
        if ended is None:
            await self._sent(claim, ids)
        else:
            await self._end(claim, *ended)

    async def _may_submit(self, claim: Claim, sms: Sms) -> bool:
        """Commit `submitting`; whether the message may leave."""
        step = Step(
            claim.call_id,
            CallStatus.SUBMITTING,
            dialed_at=self._clock.now(),
            segments=len(sms.segments),
        )
        if self.closing or not await self._ledger.record(step):
            return False
        faults.reach(faults.DIALING_COMMITTED)
        return True

    async def _may_leave(self, claim: Claim) -> bool:
        """Asked right before a segment leaves, for its place in the window may be long in coming."""
        ours = await self._ours_as_of(claim.call_id, CallStatus.SUBMITTING) is not None
        return ours and self.ended_from_outside(claim.run_id) is None

    async def _submit(
        self, claim: Claim, sms: Sms, turn: Turn
    ) -> tuple[tuple[Outcome, str | None] | None, tuple[str, ...]]:
        """Submit the segments in order: why the message is over already, if it is, and the ids of those taken."""
        ids: list[str] = []
        several = len(sms.segments) > 1
        for payload in sms.payloads(claim.call_id):
            segment = Segment(claim.number, payload, sms.data_coding, several)
            try:
                answer = await turn.submit(
                    segment,
                    lambda: self.ended_from_outside(claim.run_id) is not None,
                    partial(self._may_leave, claim),
                )
            except Exception:
                log.exception("sender_failed", call=claim.call_id)
                return (Outcome(CallStatus.FAILED, "carrier_error"), None), ()
            faults.reach(faults.INVITE_SENT)
            match answer:
                case Accepted(message_id):
                    ids.append(message_id)
                case Refused(code):
                    return (outcome_of_refusal(code), f"0x{code:08x}"), ()
                case NoAnswer(detail):
                    log.warning("message_unanswered", call=claim.call_id, detail=detail)
                    return (Outcome(CallStatus.FAILED, "interrupted"), None), ()
                case _:  # what was taken away from this line takes no such end
                    reason = self.ended_from_outside(claim.run_id) or "line_closed"
                    return (Outcome(CallStatus.TERMINATED, reason), None), ()
        return None, tuple(ids)

    async def _sent(self, claim: Claim, ids: tuple[str, ...]) -> None:
        faults.reach(faults.BEFORE_RESULT)
        if not self._terms.receipts:
            await self._end(claim, Outcome(CallStatus.COMPLETED, "accepted"))
            return
        expires = self._clock.now() + self._terms.patience
        taken = await self._ledger.record(
            Step(claim.call_id, CallStatus.SENT, expires_at=expires, message_ids=ids)
        )
        log.info("message_sent", call=claim.call_id, run=claim.run_id, ids=ids, recorded=taken)

    async def _end(self, claim: Claim, outcome: Outcome, network_code: str | None = None) -> None:
        taken = await self._ledger.record(
            Step(
                claim.call_id,
                outcome.status,
                reason=outcome.reason,
                ended_at=self._clock.now(),
                network_code=network_code,
            )
        )
        log.info(
            "message_ended",
            call=claim.call_id,
            run=claim.run_id,
            status=outcome.status.name.lower(),
            reason=outcome.reason,
            network_code=network_code,
            recorded=taken,
        )
