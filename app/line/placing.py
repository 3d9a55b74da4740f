"""From a claim to the end of its call: the one path that every call takes."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from app.accounts.dialling import REASON_NUMBER
from app.calls.sip_outcome import Outcome, outcome_of
from app.calls.state import CallStatus
from app.carriers.carrier import Answered, CallHandle, Carrier, Cause, Dial, Ended, Ringing
from app.core import faults
from app.core.clock import Clock
from app.core.frozen import ends_if_frozen
from app.core.logging import get_logger
from app.core.metrics import CALLS_ENDED, CALLS_PASSED_ON
from app.line.claims import Claim, ClaimReader
from app.line.held_claims import FROZEN_S, HeldClaims, is_fresh
from app.line.ledger import Ledger, Step
from app.line.trunk_failover import TrunkFailover, not_taken
from app.messages.composing import Audio, CannotComposeError, Composer

_PAUSE_S = 0.5
"""Between two tries of a write while the database is away."""

log = get_logger(__name__)


class Placer(HeldClaims):
    """Places the claims of one line.

    Attributes:
        closing: set by `hang_up_all`; no INVITE leaves after it.
    """

    def __init__(
        self,
        carrier: Carrier,
        claims: ClaimReader,
        ledger: Ledger,
        composer: Composer,
        clock: Clock,
        failover: TrunkFailover,
    ) -> None:
        super().__init__(claims, ledger)
        self._carrier = carrier
        self._composer = composer
        self._clock = clock
        self._failover = failover
        self._handles: dict[int, CallHandle] = {}
        self._turn = asyncio.Lock()

    async def _see_to(self, claim: Claim) -> None:
        if not claim.policy.allows(claim.number):
            await self._end(claim, Outcome(CallStatus.FAILED, REASON_NUMBER))
            return
        try:
            audio = await self._composer.compose(claim.terms.script, claim.tags)
        except CannotComposeError as error:
            await self._end(claim, Outcome(CallStatus.FAILED, error.reason))
            return
        if not await self._may_dial(claim, audio):
            return  # stopped, paused, or taken back from a line that was silent for too long: nothing was sent
        try:
            handle = await self._dial(claim, audio)
            if handle is None:
                return
            ended, reached = await self._follow(claim, handle)
        except Exception as error:
            log.exception("carrier_failed", call=claim.call_id)
            ended, reached = Ended(Cause.ERROR, detail=repr(error)), False
        finally:
            self._handles.pop(claim.call_id, None)
        if reached or not not_taken(ended):
            self._failover.note_taken()
        elif await self._passed_on(claim, ended):
            return
        await self._end(claim, self._outcome(ended), ended)

    async def _may_dial(self, claim: Claim, audio: Audio) -> bool:
        """Commit `dialing`; whether the row took it."""
        step = Step(
            claim.call_id,
            CallStatus.DIALING,
            dialed_at=self._clock.now(),
            audio_ms=audio.ms,
            stand_in_voice=audio.fallback or None,
        )
        if self.closing or not await self._ledger.record(step):
            return False
        faults.reach(faults.DIALING_COMMITTED)
        return True

    async def _dial(self, claim: Claim, audio: Audio) -> CallHandle | None:
        """Let the INVITE leave, in its turn; None when it may not: the call is over, or was taken from this line.

        A stack that is given many at once keeps them in a queue, out of our reach: one that was frozen there would be
        sent after the line's calls were taken away. So each is looked at again right before it is the only one, and
        a process that is frozen from there on until it has left does not live on to send it.
        """
        async with self._turn:
            why = None
            while why is None:
                known_at = await self._ours_as_of(claim.call_id, CallStatus.DIALING)
                if known_at is None:
                    return None
                with ends_if_frozen(FROZEN_S):
                    why = self.ended_from_outside(claim.run_id)
                    if why is None and is_fresh(known_at):
                        faults.reach(faults.INVITE_DUE)
                        return await self._carrier.place(_as_dial(claim, audio))
        await self._end(claim, Outcome(CallStatus.TERMINATED, why))
        return None

    async def _follow(self, claim: Claim, handle: CallHandle) -> tuple[Ended, bool]:
        """How the call ended, and whether a phone was reached."""
        self._handles[claim.call_id] = handle
        faults.reach(faults.INVITE_SENT)
        if self.ended_from_outside(claim.run_id) is not None:
            handle.hangup()
        reached = False
        async for event in handle.events():
            if not isinstance(event, Ended):
                reached = True
                self._failover.note_taken()
            match event:
                case Ringing():
                    self._ledger.post(Step(claim.call_id, CallStatus.RINGING, ringing_at=self._clock.now()))
                case Answered():
                    self._ledger.post(Step(claim.call_id, CallStatus.ANSWERED, answered_at=self._clock.now()))
                case Ended():
                    return event, reached
        return Ended(Cause.ERROR, detail="the carrier reported no end"), reached

    async def _passed_on(self, claim: Claim, ended: Ended) -> bool:
        """Leave a call that was not taken to another trunk, if there is one; waits while the database is away."""
        while self.ended_from_outside(claim.run_id) is None:
            try:
                passed_on = await self._failover.pass_on(claim.call_id, ended)
            except (SQLAlchemyError, OSError) as error:
                log.warning("failover_waits_for_database", call=claim.call_id, error=repr(error)[:200])
                await asyncio.sleep(_PAUSE_S)
                continue
            if passed_on:
                reason = self._outcome(ended).reason
                CALLS_PASSED_ON.labels(reason).inc()
                log.info(
                    "call_passed_on", call=claim.call_id, run=claim.run_id, reason=reason, detail=ended.detail
                )
            return passed_on
        return False

    def _outcome(self, ended: Ended) -> Outcome:
        if ended.cause is Cause.STOPPED and self.closing:
            return Outcome(CallStatus.TERMINATED, "line_closed")
        return outcome_of(ended)

    async def _end(self, claim: Claim, outcome: Outcome, ended: Ended | None = None) -> None:
        step = Step(claim.call_id, outcome.status, reason=outcome.reason, ended_at=self._clock.now())
        if ended is not None:
            step = step.then(
                Step(
                    claim.call_id,
                    outcome.status,
                    sip_status=ended.sip_status,
                    sip_call_id=ended.sip_call_id,
                    played_ms=ended.played_ms,
                    digits=ended.digits or None,
                )
            )
        faults.reach(faults.BEFORE_RESULT)
        taken = await self._ledger.record(step)
        CALLS_ENDED.labels(outcome.status.name.lower(), outcome.reason).inc()
        log.info(
            "call_ended",
            call=claim.call_id,
            run=claim.run_id,
            status=outcome.status.name.lower(),
            reason=outcome.reason,
            sip_status=step.sip_status,
            recorded=taken,
            detail=ended.detail if ended else "",
        )

    def stop_run(self, run_id: int) -> None:
        """Hang up every call of a run; one that is about to be dialled is not."""
        super().stop_run(run_id)
        for call_id, held in self._held.items():
            if held.run_id == run_id and call_id in self._handles:
                self._handles[call_id].hangup()

    def hang_up_all(self) -> None:
        """Hang up every call and place no other."""
        super().hang_up_all()
        for handle in self._handles.values():
            handle.hangup()


def _as_dial(claim: Claim, audio: Audio) -> Dial:
    terms = claim.terms
    return Dial(claim.uuid, claim.number, terms.caller, audio.pcm, float(terms.ring_timeout_s))
