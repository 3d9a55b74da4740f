"""The claims that one line holds: taken once each, seen to their end, and known while they last."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from app.calls.state import CallStatus
from app.core.clock import steady_now
from app.core.logging import get_logger
from app.line.claims import Claim, ClaimReader
from app.line.ledger import Ledger

_STALE_S = 2.0
"""A process that was frozen for longer between its commit and what leaves after it looks again before it acts.

Well under the lease of a line (`app.calls.models.LEASE`), after which its calls are ended for it.
"""
FROZEN_S = 8.0
"""A process that is frozen for longer than this between its last look and what leaves after it, ends when it wakes.

More than the five seconds after which the SIP stack gives a command up; with `_STALE_S` and the seconds since the
last heartbeat, less than the lease.
"""
_PAUSE_S = 0.5

log = get_logger(__name__)


def is_fresh(known_at: float) -> bool:
    """Whether what was known then may be acted on now; `known_at` in seconds of `steady_now`."""
    return steady_now() - known_at <= _STALE_S


class Work(Protocol):
    """What a line does with its claims."""

    @property
    def known(self) -> frozenset[int]:
        """Ids of the calls that this process has in hand."""
        ...

    @property
    def runs(self) -> frozenset[int]:
        """Ids of the runs that calls in hand belong to."""
        ...

    async def place(self, call_id: int) -> None:
        """See one claim to its end; a second time at once is harmless."""
        ...

    def stop_run(self, run_id: int) -> None:
        """End what can be ended of a run; start nothing more of it."""
        ...

    def hang_up_all(self) -> None:
        """End what can be ended, and start nothing more."""
        ...

    async def until_idle(self) -> None:
        """Wait until nothing is in hand."""
        ...


@dataclass(slots=True)
class Held:
    """A claim in hand; the run is known once the claim was read."""

    run_id: int | None = None


class HeldClaims(ABC):
    """The book-keeping of `Work`; a subclass says in `_see_to` what is done with a claim.

    Attributes:
        closing: set by `hang_up_all`; nothing is started after it.
    """

    def __init__(self, claims: ClaimReader, ledger: Ledger) -> None:
        self._claims = claims
        self._ledger = ledger
        self._held: dict[int, Held] = {}
        self._stopped_runs: set[int] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.closing = False

    @property
    def known(self) -> frozenset[int]:
        """See `Work`."""
        return frozenset(self._held)

    @property
    def runs(self) -> frozenset[int]:
        """See `Work`."""
        return frozenset(held.run_id for held in self._held.values() if held.run_id is not None)

    async def place(self, call_id: int) -> None:
        """See one claim to its end. A job that is delivered twice does so once.

        A claim that cannot be read is left alone; the line's sweep comes back to it.
        """
        if call_id in self._held or self.closing:
            return
        held = self._held[call_id] = Held()
        self._idle.clear()
        try:
            claim = await self._claims.read(call_id)
            if claim is not None:
                held.run_id = claim.run_id
                await self._see_to(claim)
        except (SQLAlchemyError, OSError) as error:
            log.warning("claim_unreadable", call=call_id, error=repr(error)[:200])
        finally:
            del self._held[call_id]
            if not self._held:
                self._idle.set()

    @abstractmethod
    async def _see_to(self, claim: Claim) -> None:
        """Bring one claim to its end."""

    async def _ours_as_of(self, call_id: int, status: CallStatus) -> float | None:
        """When a call whose step to `status` this line has committed was known to be its own; None: it no longer is.

        See `is_fresh`; older only when the line is closing, after which nothing is started anyhow.
        """
        known_at = self._ledger.owned_at
        while not (is_fresh(known_at) or self.closing):
            asked_at = steady_now()
            try:
                if not await self._claims.still_at(call_id, status):
                    log.warning("call_was_taken_away", call=call_id)
                    return None
            except (SQLAlchemyError, OSError) as error:
                log.warning("claim_unreadable", call=call_id, error=repr(error)[:200])
                await asyncio.sleep(_PAUSE_S)
            else:
                known_at = asked_at
        return known_at

    def stop_run(self, run_id: int) -> None:
        """See `Work`."""
        self._stopped_runs.add(run_id)

    def hang_up_all(self) -> None:
        """See `Work`."""
        self.closing = True

    async def until_idle(self) -> None:
        """See `Work`."""
        await self._idle.wait()

    def ended_from_outside(self, run_id: int) -> str | None:
        """The reason for which nothing more of a run may start here; None while it may."""
        if self.closing:
            return "line_closed"
        return "stopped" if run_id in self._stopped_runs else None
