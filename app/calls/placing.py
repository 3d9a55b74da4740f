"""From a claim to the end of its call: the one path that every call takes."""

import asyncio
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from app.accounts.dialling import REASON_NUMBER
from app.calls.claims import Claim, ClaimReader
from app.calls.ledger import Ledger, Step
from app.calls.outcome import Outcome, outcome_of
from app.calls.state import CallStatus
from app.carriers.carrier import Answered, CallHandle, Carrier, Cause, Dial, Ended, Ringing
from app.core import faults
from app.core.clock import Clock, steady_now
from app.core.logging import get_logger
from app.messages.composing import Audio, CannotComposeError, Composer

_STALE_S = 2.0
"""A process that was frozen for longer between the commit of `dialing` and the INVITE looks again before it dials.

Well under the lease of a line (15 s), after which its calls are ended for it.
"""

_PAUSE_S = 0.5

log = get_logger(__name__)


@dataclass(slots=True)
class _Call:
    """A call under way in this process."""

    run_id: int | None = None
    handle: CallHandle | None = None


class Placer:
    """Places the claims of one line.

    Attributes:
        closing: set by `hang_up_all`; no INVITE leaves after it.
    """

    def __init__(
        self, carrier: Carrier, claims: ClaimReader, ledger: Ledger, composer: Composer, clock: Clock
    ) -> None:
        self._carrier = carrier
        self._claims = claims
        self._ledger = ledger
        self._composer = composer
        self._clock = clock
        self._calls: dict[int, _Call] = {}
        self._stopped_runs: set[int] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.closing = False

    @property
    def known(self) -> frozenset[int]:
        """Ids of the calls that this process has in hand."""
        return frozenset(self._calls)

    @property
    def runs(self) -> frozenset[int]:
        """Ids of the runs that calls in hand belong to."""
        return frozenset(call.run_id for call in self._calls.values() if call.run_id is not None)

    async def place(self, call_id: int) -> None:
        """Place one claimed call and see it to its end. A job that is delivered twice places one call.

        A claim that cannot be read is left alone; the line's sweep comes back to it.
        """
        if call_id in self._calls or self.closing:
            return
        call = self._calls[call_id] = _Call()
        self._idle.clear()
        try:
            claim = await self._claims.read(call_id)
            if claim is not None:
                call.run_id = claim.run_id
                await self._place(claim, call)
        except (SQLAlchemyError, OSError) as error:
            log.warning("claim_unreadable", call=call_id, error=repr(error)[:200])
        finally:
            del self._calls[call_id]
            if not self._calls:
                self._idle.set()

    async def _place(self, claim: Claim, call: _Call) -> None:
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
        if self.closing:
            await self._end(claim, Outcome(CallStatus.TERMINATED, "line_closed"))
        elif claim.run_id in self._stopped_runs:
            await self._end(claim, Outcome(CallStatus.TERMINATED, "stopped"))
        else:
            try:
                ended = await self._follow(claim, audio, call)
            except Exception as error:
                log.exception("carrier_failed", call=claim.call_id)
                ended = Ended(Cause.ERROR, detail=repr(error))
            await self._end(claim, self._outcome(ended), ended)

    async def _may_dial(self, claim: Claim, audio: Audio) -> bool:
        """Commit `dialing`; whether the INVITE may leave."""
        step = Step(claim.call_id, CallStatus.DIALING, dialed_at=self._clock.now(), audio_ms=audio.ms)
        if self.closing or not await self._ledger.record(step):
            return False
        faults.reach(faults.DIALING_COMMITTED)
        known_at = self._ledger.written_at
        while steady_now() - known_at > _STALE_S and not self.closing:
            asked_at = steady_now()
            try:
                if not await self._claims.still_dialing(claim.call_id):
                    log.warning("call_was_taken_away", call=claim.call_id)
                    return False
            except (SQLAlchemyError, OSError) as error:
                log.warning("claim_unreadable", call=claim.call_id, error=repr(error)[:200])
                await asyncio.sleep(_PAUSE_S)
            else:
                known_at = asked_at
        return True

    async def _follow(self, claim: Claim, audio: Audio, call: _Call) -> Ended:
        terms = claim.terms
        call.handle = await self._carrier.place(
            Dial(claim.uuid, claim.number, terms.caller, audio.pcm, float(terms.ring_timeout_s))
        )
        faults.reach(faults.INVITE_SENT)
        if self.closing or claim.run_id in self._stopped_runs:
            call.handle.hangup()
        async for event in call.handle.events():
            match event:
                case Ringing():
                    self._ledger.post(Step(claim.call_id, CallStatus.RINGING, ringing_at=self._clock.now()))
                case Answered():
                    self._ledger.post(Step(claim.call_id, CallStatus.ANSWERED, answered_at=self._clock.now()))
                case Ended():
                    return event
        return Ended(Cause.ERROR, detail="the carrier reported no end")

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
        self._stopped_runs.add(run_id)
        for call in self._calls.values():
            if call.run_id == run_id and call.handle is not None:
                call.handle.hangup()

    def hang_up_all(self) -> None:
        """Hang up every call and place no other."""
        self.closing = True
        for call in self._calls.values():
            if call.handle is not None:
                call.handle.hangup()

    async def until_idle(self) -> None:
        """Wait until no call is in hand."""
        await self._idle.wait()
