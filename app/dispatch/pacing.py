"""Which calls start on which line, and when. Pure policy: figures in, decision out.

The leader looks several times a second and deals a little ahead: each call gets the moment at which it may start, so
that a limit is held from call to call and not from look to look, and a trunk sees an even stream.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.runs.state import QueuePriority

K = TypeVar("K", bound=Hashable)

LOOKAHEAD_S = 0.3
"""Seconds that a look deals ahead: looks may come so late before a limit is not used to the full."""

_NEVER_MET = float("inf")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a trunk, an account or a run may take; None: no limit of its own.

    Attributes:
        cps: new calls a second.
        calls: calls at once.
    """

    cps: float | None = None
    calls: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class FreeLine:
    """A line that takes calls.

    Attributes:
        room: free places.
        cps: new calls a second of the line itself.
        trunk: what it holds; lines of one trunk share that trunk's limits.
    """

    id: int
    room: int
    cps: float = _NEVER_MET
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class TrunkView:
    """A trunk with its limits, its share of the calls beside other trunks, and the calls it holds now."""

    limits: Limits = NO_LIMITS
    weight: int = 1
    held: int = 0


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run with calls to start.

    Attributes:
        queued: calls that wait.
        held, account_held: calls of the run and of its account that lines have in hand.
    """

    id: int
    account_id: int
    queued: int
    priority: QueuePriority = QueuePriority.NORMAL
    limits: Limits = NO_LIMITS
    held: int = 0
    account_limits: Limits = NO_LIMITS
    account_held: int = 0


@dataclass(slots=True)
class Share:
    """Start calls of run `run_id` on line `line_id`, each so many seconds from now."""

    line_id: int
    run_id: int
    delays: list[float] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many."""
        return len(self.delays)


class Turns:
    """Weighted turns that go on from look to look (stride scheduling: Waldspurger and Weihl, 1995).

    Whoever has had least for its weight is next. One that comes, or comes back, starts level with the others, so that
    an idle account saves nothing up.
    """

    def __init__(self) -> None:
        self._had: dict[Hashable, float] = {}

    def enter(self, keys: Iterable[Hashable]) -> None:
        """Those that wait now; who is not among them is forgotten."""
        waiting = set(keys)
        had = {key: turns for key, turns in self._had.items() if key in waiting}
        level = min(had.values(), default=0.0)
        self._had = {key: had.get(key, level) - level for key in waiting}

    def next(self, candidates: Iterable[K]) -> K:
        """Who is next among some of those that wait."""
        return min(candidates, key=lambda key: (self._had[key], str(key)))

    def took(self, key: Hashable, weight: int) -> None:
        """One turn was taken."""
        self._had[key] += 1 / weight


class Pacer:
    """Deals calls to lines; remembers from look to look when each limit allows the next call, and whose turn it is.

    Attributes:
        short_of_places: whether the last look could have started more had there been places.
    """

    def __init__(self) -> None:
        self._next_at: dict[Hashable, float] = {}
        self._accounts = Turns()
        self._runs = Turns()
        self._trunks = Turns()
        self.short_of_places = False

    def deal(
        self,
        lines: Iterable[FreeLine],
        runs: Iterable[WaitingRun],
        trunks: Mapping[str, TrunkView] | None = None,
        *,
        now: float,
    ) -> list[Share]:
        """The calls that may start until `LOOKAHEAD_S` after `now`, seconds of a monotonic clock.

        Accounts get turns by the weight of their weightiest run, and within an account its runs by theirs: a run of
        ten calls is never behind another account's million.
        """
        table = _Table(lines, runs, trunks or {})
        self._trunks.enter({seat.trunk for seat in table.seats})
        self._accounts.enter(table.accounts)
        self._runs.enter(run.id for run in table.runs.values())
        until = now + LOOKAHEAD_S
        while table.seats and table.runs:
            seat = self._next_seat(table, now)
            at = max(now, self._seat_at(seat))
            run = self._next_run(table, at, until)
            if at > until or run is None:
                break
            at = max(at, self._run_at(run))
            if at > until:
                break
            self._book(table, seat, run, at)
            table.give(seat, run, at - now)
        self.short_of_places = bool(table.runs) and not table.seats
        self._forget(now)
        return table.shares

    def _next_seat(self, table: "_Table", now: float) -> FreeLine:
        """The line that may start a call first; of several that may at once, by the turns of their trunks."""
        first = min(max(now, self._seat_at(seat)) for seat in table.seats)
        able = [seat for seat in table.seats if self._seat_at(seat) <= first]
        trunk = self._trunks.next({seat.trunk for seat in able})
        # Lines of one trunk fill evenly.
        return max(
            (seat for seat in able if seat.trunk == trunk), key=lambda seat: (table.room[seat.id], -seat.id)
        )

    def _next_run(self, table: "_Table", at: float, until: float) -> WaitingRun | None:
        """Whose turn it is among those whose limits allow a call at `at`, else the one that may next."""
        able = [run for run in table.runs.values() if self._run_at(run) <= at]
        if not able:
            later = min(table.runs.values(), key=self._run_at)
            return later if self._run_at(later) <= until else None
        account = self._accounts.next({run.account_id for run in able})
        of_account = {run.id: run for run in able if run.account_id == account}
        return of_account[self._runs.next(of_account)]

    def _seat_at(self, seat: FreeLine) -> float:
        return max(self._next_at.get(("line", seat.id), 0.0), self._next_at.get(("trunk", seat.trunk), 0.0))

    def _run_at(self, run: WaitingRun) -> float:
        return max(
            self._next_at.get(("run", run.id), 0.0), self._next_at.get(("account", run.account_id), 0.0)
        )

    def _book(self, table: "_Table", seat: FreeLine, run: WaitingRun, at: float) -> None:
        trunk = table.trunks.get(seat.trunk, _PLAIN_TRUNK)
        for kind, number, cps in (
            ("line", seat.id, seat.cps),
            ("trunk", seat.trunk, trunk.limits.cps),
            ("run", run.id, run.limits.cps),
            ("account", run.account_id, run.account_limits.cps),
        ):
            if cps is not None:
                self._next_at[kind, number] = at + 1 / cps
        self._trunks.took(seat.trunk, trunk.weight)
        self._accounts.took(run.account_id, table.accounts[run.account_id])
        self._runs.took(run.id, run.priority)

    def _forget(self, now: float) -> None:
        """Moments that have passed bind nobody."""
        self._next_at = {key: at for key, at in self._next_at.items() if at > now}


_PLAIN_TRUNK = TrunkView()


class _Table:
    """What is left to deal within one look."""

    def __init__(
        self, lines: Iterable[FreeLine], runs: Iterable[WaitingRun], trunks: Mapping[str, TrunkView]
    ) -> None:
        self.trunks = trunks
        self.seats = [line for line in lines if line.room > 0]
        self.room: dict[int, int] = {line.id: line.room for line in self.seats}
        self.runs = {run.id: run for run in runs if run.queued > 0}
        self.accounts: dict[int, int] = {}
        self._left: dict[Hashable, float] = {}
        for run in self.runs.values():
            self.accounts[run.account_id] = max(self.accounts.get(run.account_id, 0), run.priority)
            self._left["run", run.id] = min(run.queued, _left(run.limits, run.held))
            self._left["account", run.account_id] = _left(run.account_limits, run.account_held)
        for seat in self.seats:
            trunk = trunks.get(seat.trunk, _PLAIN_TRUNK)
            self._left["trunk", seat.trunk] = _left(trunk.limits, trunk.held)
        self.shares: list[Share] = []
        self._by_pair: dict[tuple[int, int], Share] = {}
        self._drop_full()

    def give(self, seat: FreeLine, run: WaitingRun, delay: float) -> None:
        """One call of the run to the line."""
        share = self._by_pair.get((seat.id, run.id))
        if share is None:
            share = self._by_pair[seat.id, run.id] = Share(seat.id, run.id)
            self.shares.append(share)
        share.delays.append(delay)
        self.room[seat.id] -= 1
        taken = (("run", run.id), ("account", run.account_id), ("trunk", seat.trunk))
        for key in taken:
            self._left[key] -= 1
        if self.room[seat.id] <= 0 or any(self._left[key] <= 0 for key in taken):
            self._drop_full()

    def _drop_full(self) -> None:
        self.seats = [s for s in self.seats if self.room[s.id] > 0 and self._left["trunk", s.trunk] > 0]
        self.runs = {
            run.id: run
            for run in self.runs.values()
            if self._left["run", run.id] > 0 and self._left["account", run.account_id] > 0
        }


def _left(limits: Limits, held: int) -> float:
    return _NEVER_MET if limits.calls is None else limits.calls - held
