"""From a claim to the message centre's response: the one path that every message takes.

What becomes of a message afterwards, its receipts tell (`app.line.receipts`), perhaps to another line.
"""

import asyncio
import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from app.accounts.dialling import REASON_NUMBER
from app.calls.sip_outcome import Outcome
from app.calls.sms_outcome import outcome_of_refusal
from app.calls.state import CallStatus
from app.carriers.smpp_statuses import Refusal
from app.carriers.sms import Accepted, Answer, NoAnswer, Refused, Segment, Sender, SenderDownError, Turn
from app.core import faults
from app.core.clock import Clock
from app.core.logging import get_logger
from app.core.metrics import CALLS_ENDED, MESSAGES_PUT_OFF
from app.line.claims import Claim, ClaimReader
from app.line.held_claims import HeldClaims
from app.line.ledger import Ledger, Step, will_never_be_taken
from app.line.sms_deferring import Deferral, Deferrals
from app.line.sms_retry import next_try
from app.messages.composing import CannotComposeError
from app.messages.sms_composing import composed_sms
from app.messages.sms_text import MOST_SEGMENTS, CentreAlphabet, Sms

PUT_OFF = "put_off"
_PAUSE_S = 0.5
_GRACE_SHARE = 0.1
_LONGEST_GRACE = timedelta(hours=1)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SmsTerms:
    """How messages are sent.

    Attributes:
        validity_s: seconds that the centre keeps trying.
        receipts: whether receipts are asked for; without, a message that the centre takes is completed.
        centre: the default alphabet of the message centre.
        most_segments: that a recipient is sent.
    """

    validity_s: int
    receipts: bool
    centre: CentreAlphabet = CentreAlphabet.GSM7
    most_segments: int = MOST_SEGMENTS

    @property
    def validity(self) -> timedelta:
        """How long a message is of use, from its first submit on."""
        return timedelta(seconds=self.validity_s)

    @property
    def grace(self) -> timedelta:
        """How long a receipt is waited for beyond that, for the news of a message's end."""
        return min(self.validity * _GRACE_SHARE, _LONGEST_GRACE)


@dataclass(slots=True)
class _Attempt:
    """One attempt to have the centre take a message.

    Attributes:
        until: when its validity ends.
        left_s: how long that was when the attempt began.
        ids: of the segments that the centre has taken, at earlier attempts too.
        outcome: how the message ended; None: it is taken, or to be tried again.
        code: the status of a refusal.
        again: it is to be tried again.
    """

    claim: Claim
    until: datetime
    left_s: int
    ids: list[str]
    outcome: Outcome | None = None
    code: str | None = None
    again: bool = False


class Submitter(HeldClaims):
    """Submits the claims of one line."""

    def __init__(
        self,
        sender: Sender,
        claims: ClaimReader,
        ledger: Ledger,
        clock: Clock,
        terms: SmsTerms,
        deferrals: Deferrals,
    ) -> None:
        super().__init__(claims, ledger)
        self._deferrals = deferrals
        self._sender = sender
        self._clock = clock
        self._terms = terms

    async def _see_to(self, claim: Claim) -> None:
        if not claim.policy.allows(claim.number):
            await self._end(claim, Outcome(CallStatus.FAILED, REASON_NUMBER))
            return
        try:
            sms = await composed_sms(
                claim.terms.script.content.text or "",
                claim.tags,
                self._terms.centre,
                self._terms.most_segments,
            )
        except CannotComposeError as error:
            await self._end(claim, Outcome(CallStatus.FAILED, error.reason))
            return
        if self._gives_up(claim, sms):
            await self._end(claim, Outcome(CallStatus.FAILED, PUT_OFF))
            return
        try:
            async with self._sender.turn() as turn:
                if not await self._may_submit(claim, sms):
                    return
                attempt = self._attempt(claim)
                await self._submit(attempt, sms, turn)
        except SenderDownError:
            return  # nothing was written; the line gives its claims back while it has no session
        await self._conclude(attempt)

    def _gives_up(self, claim: Claim, sms: Sms) -> bool:
        """Whether a message that was deferred is tried no more.

        Its validity may have ended while it was queued; or the recipient's values have changed after a part of it was
        taken, and the phone would put the parts of two texts together.
        """
        over = claim.gives_up_at is not None and claim.gives_up_at <= self._clock.now()
        return over or (bool(claim.taken) and claim.segments != len(sms.segments))

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

    def _attempt(self, claim: Claim) -> _Attempt:
        """A new attempt, with what is left of the message's validity."""
        now = self._clock.now()
        until = claim.gives_up_at or now + self._terms.validity
        left_s = max(1, math.ceil((until - now).total_seconds()))
        return _Attempt(claim, until, left_s, list(claim.taken))

    async def _submit(self, attempt: _Attempt, sms: Sms, turn: Turn) -> None:
        """Submit in order the segments that the centre has not taken yet; `attempt` says then how that ended."""
        claim = attempt.claim
        several = len(sms.segments) > 1
        for payload in sms.payloads(claim.call_id)[len(attempt.ids) :]:
            segment = Segment(
                claim.number,
                payload,
                sms.data_coding,
                several,
                validity_s=attempt.left_s,
                put_off=claim.gives_up_at is not None,
            )
            try:
                answer = await turn.submit(
                    segment,
                    lambda: self.ended_from_outside(claim.run_id) is not None,
                    partial(self._may_leave, claim),
                )
            except Exception:
                log.exception("sender_failed", call=claim.call_id)
                attempt.outcome = Outcome(CallStatus.FAILED, "carrier_error")
                return
            faults.reach(faults.INVITE_SENT)
            if not self._note(attempt, answer):
                return

    def _note(self, attempt: _Attempt, answer: Answer) -> bool:
        """Keep what the centre said of a segment; whether the next one may go."""
        match answer:
            case Accepted(message_id):
                attempt.ids.append(message_id)
                return True
            case Refused(code, refusal):
                attempt.code = f"0x{code:08x}"
                attempt.outcome = outcome_of_refusal(code) if refusal is Refusal.FINAL else None
                attempt.again = refusal is not Refusal.FINAL
            case NoAnswer(detail):
                log.warning("message_unanswered", call=attempt.claim.call_id, detail=detail)
                attempt.outcome = Outcome(CallStatus.FAILED, "interrupted")
            case _:  # it never left, so another line may send it; what was taken away from this one changes no more
                attempt.again = True
        return False

    async def _conclude(self, attempt: _Attempt) -> None:
        """Write how an attempt ended."""
        claim = attempt.claim
        if attempt.outcome is not None:
            await self._end(claim, attempt.outcome, attempt.code, tuple(attempt.ids))
        elif not attempt.again:
            await self._sent(attempt)
        elif claim.run_id in self._stopped_runs:
            await self._end(claim, Outcome(CallStatus.TERMINATED, "stopped"), taken=tuple(attempt.ids))
        else:
            await self._put_off(attempt)

    async def _put_off(self, attempt: _Attempt) -> None:
        """Leave a message to a later try, the first at once when it never left; waits while the database is away."""
        claim, now = attempt.claim, self._clock.now()
        until = now
        if attempt.code is not None:
            until = next_try(
                now,
                gives_up_at=attempt.until,
                validity=self._terms.validity,
                spread=random.random(),  # noqa: S311
            )
        deferral = Deferral(claim.call_id, PUT_OFF, until, attempt.until, attempt.code, attempt.ids)
        while True:
            try:
                put_off = await self._deferrals.put(deferral)
                break
            except (SQLAlchemyError, OSError) as error:
                if will_never_be_taken(error):
                    raise
                log.warning("deferral_waits_for_database", call=claim.call_id, error=repr(error)[:200])
                await asyncio.sleep(_PAUSE_S)
        MESSAGES_PUT_OFF.labels(attempt.code or "not_sent").inc()
        log.info(
            "message_put_off",
            call=claim.call_id,
            run=claim.run_id,
            code=attempt.code,
            until=until.isoformat(),
            recorded=put_off,
        )

    async def _sent(self, attempt: _Attempt) -> None:
        faults.reach(faults.BEFORE_RESULT)
        claim = attempt.claim
        if not self._terms.receipts:
            await self._end(claim, Outcome(CallStatus.COMPLETED, "accepted"))
            return
        expires = self._clock.now() + timedelta(seconds=attempt.left_s) + self._terms.grace
        ids = tuple(attempt.ids)
        taken = await self._ledger.record(
            Step(claim.call_id, CallStatus.SENT, expires_at=expires, message_ids=ids)
        )
        log.info("message_sent", call=claim.call_id, run=claim.run_id, ids=ids, recorded=taken)

    async def _end(
        self,
        claim: Claim,
        outcome: Outcome,
        network_code: str | None = None,
        taken: tuple[str, ...] = (),
    ) -> None:
        """End a message; `taken` are the segments that the centre has all the same, and may send receipts of."""
        recorded = await self._ledger.record(
            Step(
                claim.call_id,
                outcome.status,
                reason=outcome.reason,
                ended_at=self._clock.now(),
                network_code=network_code,
                message_ids=taken or None,
            )
        )
        CALLS_ENDED.labels(outcome.status.name.lower(), outcome.reason).inc()
        log.info(
            "message_ended",
            call=claim.call_id,
            run=claim.run_id,
            status=outcome.status.name.lower(),
            reason=outcome.reason,
            network_code=network_code,
            recorded=recorded,
        )
