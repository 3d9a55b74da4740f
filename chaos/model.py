"""The life of a call as a state machine for hypothesis: any order of claims, answers, deaths, delays and orders.

The model knows nothing of our statuses but which are final. It counts INVITEs where they leave: one for each call that
may have reached somebody, and one for each call over each trunk.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.calls.state import LineState
from app.carriers.carrier import Cause
from app.core.errors import ConflictError
from app.dispatch import dead_lines, lines, stopping
from app.dispatch.claiming import RINGS_ON
from app.runs import service
from chaos.scripted import ScriptedCall
from chaos.world import ModelLine, Snapshot, World, ended

RECIPIENTS = 6
_MOST_LINES = 3
_TRUNKS = ("sip:one", "sip:two", "sip:three")
_CAUSES = (
    Cause.PLAYED,
    Cause.REMOTE_HANGUP,
    Cause.REJECTED,
    Cause.RING_TIMEOUT,
    Cause.MEDIA_LOST,
    Cause.ERROR,
)
_PICK = st.integers(0, 11)


class CallLife(RuleBasedStateMachine):
    """A run and another account's to the same numbers, up to three lines at a time, and all that can come between."""

    world: ClassVar[World]

    @initialize()
    def begin(self) -> None:
        self.invites: Counter[UUID] = Counter()
        self.sent: Counter[tuple[UUID, str]] = Counter()
        self.lines: list[ModelLine] = []
        self.buried: list[ModelLine] = []
        self.over: Snapshot = {}
        self.world.set_on = timedelta(0)
        numbers = self.world.numbers(RECIPIENTS)
        started = self.world.run(self.world.new_run(numbers))
        self.rival_id = self.world.run(self.world.new_run(numbers)).id
        self.run_id, self.account_id, self.campaign_id = started.id, started.account_id, started.campaign_id
        self.open_line(_TRUNKS[0])

    # -- lines ----------------------------------------------------------------------------------------------

    def open_line(self, trunk: str) -> None:
        self.lines.append(self.world.run(self.world.open_line(trunk, self.invites, self.sent)))

    @precondition(lambda self: len(self.lines) < _MOST_LINES)
    @rule(trunk=st.sampled_from(_TRUNKS))
    def another_line(self, trunk: str) -> None:
        self.open_line(trunk)

    @precondition(lambda self: self.lines)
    @rule(which=_PICK, calls=st.integers(1, 4))
    def claim(self, which: int, calls: int) -> None:
        self.world.run(self.world.claim(self._line(which), self.run_id, calls))

    @precondition(lambda self: self.lines)
    @rule(which=_PICK, calls=st.integers(1, 4))
    def work(self, which: int, calls: int) -> None:
        """What happens nearly always: a claim, and its doorbell."""
        self.claim(which, calls)
        self.deliver_all(which)

    @precondition(lambda self: self.lines)
    @rule(which=_PICK, calls=st.integers(1, 4))
    def work_for_another_account(self, which: int, calls: int) -> None:
        """Its run calls the same numbers."""
        self.world.run(self.world.claim(self._line(which), self.rival_id, calls))
        self.deliver_all(which)

    @rule()
    def requeue(self) -> None:
        self.world.run(self.world.requeue())

    @precondition(lambda self: self.lines)
    @rule(which=_PICK, calls=st.integers(1, 4), silently=st.booleans())
    def work_on_a_dead_trunk(self, which: int, calls: int, silently: bool) -> None:
        """The same, and the trunk takes nothing."""
        self.work(which, calls)
        for call in self._line(which).carrier.calls:
            if not call.rang:
                self._do(partial(call.refuse, silently=silently))

    @precondition(lambda self: any(line.claimed for line in self._all()))
    @rule(which=_PICK, call=_PICK)
    def deliver_job(self, which: int, call: int) -> None:
        """The doorbell rings: in time, late, twice, or at a line that lost the claim long ago."""
        holders = [line for line in self._all() if line.claimed]
        line = holders[which % len(holders)]
        self._do(lambda: line.place(line.claimed[call % len(line.claimed)]))

    @precondition(lambda self: self.lines)
    @rule(which=_PICK)
    def deliver_all(self, which: int) -> None:
        line = self._line(which)
        self._do(line.place_all)

    @precondition(lambda self: self.lines)
    @rule(which=_PICK)
    def die(self, which: int) -> None:
        line = self.lines.pop(which % len(self.lines))
        self._do(line.kill)
        self.world.run(self.world.declare_gone(line))

    @precondition(lambda self: self.lines)
    @rule(which=_PICK)
    def bury_one_that_lives(self, which: int) -> None:
        """Its network fails, or it was frozen: it goes on for a while and knows nothing."""
        line = self.lines.pop(which % len(self.lines))
        self.world.run(self.world.declare_gone(line))
        self.buried.append(line)

    @precondition(lambda self: self.lines)
    @rule(which=_PICK)
    def drain(self, which: int) -> None:
        line = self._line(which)

        async def say() -> None:
            async with self.world.engine.begin() as connection:
                await lines.set_state(connection, line.id, LineState.DRAINING)
                await dead_lines.return_claims(connection, line.id)

        self.world.run(say())

    @precondition(lambda self: self.lines)
    @rule(which=_PICK)
    def hang_up_and_leave(self, which: int) -> None:
        line = self.lines.pop(which % len(self.lines))
        line.ledger.flowing.set()
        self._do(line.placer.hang_up_all)

        async def leave() -> None:
            async with self.world.engine.begin() as connection:
                await dead_lines.leave(connection, line.id, self.world.clock.now())

        self.world.run(leave())
        self.buried.append(line)

    # -- the network ----------------------------------------------------------------------------------------

    @precondition(lambda self: self._all())
    @rule(which=_PICK)
    def hold_writes(self, which: int) -> None:
        self._any(which).ledger.flowing.clear()

    @precondition(lambda self: self._all())
    @rule(which=_PICK)
    def let_writes_go(self, which: int) -> None:
        self._do(self._any(which).ledger.flowing.set)

    @precondition(lambda self: self._all())
    @rule(which=_PICK)
    def lose_an_answer(self, which: int) -> None:
        self._any(which).ledger.losing = 1

    # -- phones ---------------------------------------------------------------------------------------------

    @precondition(lambda self: self._calls())
    @rule(which=_PICK, answers=st.booleans())
    def ring(self, which: int, answers: bool) -> None:
        calls = self._calls()
        call = calls[which % len(calls)]
        self._do(call.answer if answers else call.ring)

    @precondition(lambda self: self._calls())
    @rule(which=_PICK, cause=st.sampled_from(_CAUSES))
    def end(self, which: int, cause: Cause) -> None:
        calls = self._calls()
        call = calls[which % len(calls)]
        if call.answered or cause not in (Cause.PLAYED, Cause.REMOTE_HANGUP):
            self._do(lambda: call.end(cause))

    @precondition(lambda self: self._calls())
    @rule(which=_PICK, silently=st.booleans())
    def refuse(self, which: int, silently: bool) -> None:
        """The trunk does not take the call; some do so even after a phone has rung."""
        calls = [call for call in self._calls() if not call.answered]
        if calls:
            self._do(partial(calls[which % len(calls)].refuse, silently=silently))

    @rule()
    def end_without_trunk(self) -> None:
        self.world.run(self.world.end_without_trunk())

    # -- orders ---------------------------------------------------------------------------------------------

    @rule(order=st.sampled_from(("pause", "resume") * 8 + ("stop",)))
    def order(self, order: str) -> None:
        if self._give(order) and order == "stop":
            self.world.run(stopping.end_queued(self.world.sessions, self.run_id, self.world.clock.now()))
            for line in self._all():
                self._do(partial(line.placer.stop_run, self.run_id))

    # -- what must hold -------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_called_twice(self) -> None:
        assert max(self.invites.values(), default=0) <= 1, self.invites
        assert max(self.sent.values(), default=0) <= 1, self.sent

    @invariant()
    def no_phone_rings_for_two_calls_at_once(self) -> None:
        ringing = Counter(call.dial.number for call in self._calls())
        assert max(ringing.values(), default=0) <= 1, ringing

    @invariant()
    def what_is_over_stays_so(self) -> None:
        now = self.world.run(self.world.snapshot(self.run_id))
        changed = {call_id: (row, now[call_id]) for call_id, row in self.over.items() if now[call_id] != row}
        assert not changed, changed
        self.over = ended(now)

    def teardown(self) -> None:
        """Nobody is forgotten: once the trouble is over, every call comes to an end."""
        if not hasattr(self, "run_id"):
            return
        for line in self._all():
            self._do(line.kill)
            self.world.run(self.world.declare_gone(line))
        self.lines, self.buried = [], []
        self._give("resume")
        # Phones of lines that were lost in a call have stopped ringing.
        self.world.set_on = RINGS_ON
        self.open_line(_TRUNKS[0])
        for _ in range(RECIPIENTS + 1):
            if len(self.over) == RECIPIENTS:
                break
            self.requeue()
            self.claim(0, RECIPIENTS)
            self.deliver_all(0)
            self._do(self._answer_all)
            self._do(self._end_all)
            self.what_is_over_stays_so()
        self.world.run(self.world.end_without_trunk())
        self.nobody_is_called_twice()
        self.what_is_over_stays_so()
        self._do(self.lines[0].kill)
        assert len(self.over) == RECIPIENTS, f"{RECIPIENTS - len(self.over)} calls without an end"

    # -- helpers --------------------------------------------------------------------------------------------

    def _all(self) -> list[ModelLine]:
        return [*self.lines, *self.buried]

    def _line(self, which: int) -> ModelLine:
        return self.lines[which % len(self.lines)]

    def _any(self, which: int) -> ModelLine:
        every = self._all()
        return every[which % len(every)]

    def _calls(self) -> list[ScriptedCall]:
        return [call for line in self._all() for call in line.carrier.calls]

    def _answer_all(self) -> None:
        for call in self._calls():
            call.answer()

    def _end_all(self) -> None:
        for call in self._calls():
            call.end(Cause.PLAYED)

    def _do(self, act: Callable[[], object]) -> None:
        """Do it on the loop, and let everything that follows by itself happen."""

        async def work() -> None:
            act()
            await self.world.settle(self._all())

        self.world.run(work())

    def _give(self, order: str) -> bool:
        async def give() -> None:
            async with self.world.sessions.begin() as session:
                given = {"now": self.world.clock.now()} if order == "stop" else {}
                await getattr(service, order)(session, self.account_id, self.campaign_id, **given)

        try:
            self.world.run(give())
        except ConflictError:
            return False
        return True
