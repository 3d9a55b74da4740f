"""A carrier without a network, for the model of a call's life: it does as it is told and counts its INVITEs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.carriers.carrier import Answered, Cause, Dial, Ended, Event, Ringing
from app.line.ledger import Ledger
from app.line.trunk_failover import TrunkFailover


class ScriptedCall:
    """A call under way; whoever plays the model says what happens to it."""

    def __init__(self, dial: Dial, invites: Counter[UUID]) -> None:
        self.dial = dial
        self.rang = False
        self.answered = False
        self.over = False
        self._invites = invites
        self._events: asyncio.Queue[Event] = asyncio.Queue()

    async def events(self) -> AsyncIterator[Event]:
        """What was said to happen."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, Ended):
                return

    def ring(self) -> None:
        """The phone rings."""
        self.rang = True
        self._say(Ringing(180))

    def answer(self) -> None:
        """Somebody answers."""
        self.rang = True
        self.answered = True
        self._say(Answered())

    def end(self, cause: Cause) -> None:
        """The call is over."""
        status = {Cause.REJECTED: 486, Cause.PLAYED: 200, Cause.REMOTE_HANGUP: 200}.get(cause)
        self._say(Ended(cause, sip_status=status))
        self.over = True

    def refuse(self, *, silently: bool) -> None:
        """The trunk says that it cannot, or nothing; a call that had not rung has then reached nobody."""
        if not (self.rang or self.over):
            self._invites[self.dial.uuid] -= 1
        self._say(Ended(Cause.NO_ROUTE) if silently else Ended(Cause.REJECTED, sip_status=503))
        self.over = True

    def hangup(self) -> None:
        """Our side asks for the end."""
        self.end(Cause.STOPPED)

    def _say(self, event: Event) -> None:
        if not self.over:
            self._events.put_nowait(event)


class ScriptedCarrier:
    """A carrier whose calls are all `ScriptedCall`.

    Attributes:
        invites: how many INVITEs left for each call, whichever line sent them, less those that reached nobody.
        sent: how many INVITEs left for each call over each trunk.
        calls: those that are not over.
    """

    def __init__(self, trunk: str, invites: Counter[UUID], sent: Counter[tuple[UUID, str]]) -> None:
        self.invites = invites
        self.sent = sent
        self._trunk = trunk
        self.dead = asyncio.Event()
        self._placed: list[ScriptedCall] = []

    @property
    def calls(self) -> list[ScriptedCall]:
        """Calls that are not over, in the order of their INVITEs."""
        return [call for call in self._placed if not call.over]

    async def start(self) -> None:
        """Nothing to bring up."""

    async def place(self, dial: Dial) -> ScriptedCall:
        """Send the INVITE: count it."""
        self.invites[dial.uuid] += 1
        self.sent[dial.uuid, self._trunk] += 1
        call = ScriptedCall(dial, self.invites)
        self._placed.append(call)
        return call

    async def close(self) -> None:
        """Hang everything up."""
        for call in self.calls:
            call.hangup()


class ShakyLedger(Ledger):
    """The line's ledger behind a network that can hold a write back, and lose the answer to one.

    Attributes:
        flowing: cleared: writes wait before they reach the server.
        losing: how many of the next writes are committed without an answer.
        busy: writes under way.
    """

    def __init__(self, engine: AsyncEngine, line_id: int) -> None:
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.losing = 0
        self.busy = 0
        super().__init__(engine, line_id)

    @property
    def at_rest(self) -> bool:
        """Nothing is being written, or what is cannot go on."""
        return not self.flowing.is_set() or not (self.busy or self._pending)

    def kill(self) -> None:
        """The process is gone, whatever it had in hand."""
        self._writer.cancel()

    async def _write(self, group: list, *, in_doubt: bool) -> set[int]:  # type: ignore[type-arg]
        self.busy += 1
        try:
            await self.flowing.wait()
            taken = await super()._write(group, in_doubt=in_doubt)
        finally:
            self.busy -= 1
        if self.losing:
            self.losing -= 1
            raise ConnectionResetError("the answer was lost")
        return taken


class ShakyFailover(TrunkFailover):
    """The line's failover, behind the same network as its ledger."""

    def __init__(self, engine: AsyncEngine, line_id: int, ledger: ShakyLedger) -> None:
        self._network = ledger
        super().__init__(engine, line_id)

    async def pass_on(self, call_id: int, ended: Ended) -> bool:
        """As the original, held back or without its answer."""
        self._network.busy += 1
        try:
            await self._network.flowing.wait()
            passed_on = await super().pass_on(call_id, ended)
        finally:
            self._network.busy -= 1
        if self._network.losing:
            self._network.losing -= 1
            raise ConnectionResetError("the answer was lost")
        return passed_on
