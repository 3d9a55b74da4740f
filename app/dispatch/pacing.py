"""Which calls start on which line, and when; `app.dispatch.fair_shares` says whose. Pure: figures in, decision out.

The leader looks several times a second and deals a little ahead: each call gets the moment at which it may start, so
that a limit is held from call to call and not from look to look, and a trunk sees an even stream.
"""

from collections.abc import Hashable, Iterable, Mapping

from app.dispatch.fair_shares import FairShares
from app.dispatch.pacing_figures import NEVER_MET, FreeLine, Limits, Share, TrunkView, WaitingRun

LOOKAHEAD_S = 0.3
"""Seconds that a look deals ahead: looks may come so late before a limit is not used to the full."""


class Pacer:
    """Deals calls to lines; remembers from look to look when each limit allows the next call, and whose turn it is.

    Attributes:
        short_of_places: whether the last look could have started more had there been places.
    """

    def __init__(self) -> None:
        self._next_at: dict[Hashable, float] = {}
        self._shares = FairShares()
        self.short_of_places = False

    def deal(
        self,
        lines: Iterable[FreeLine],
        runs: Iterable[WaitingRun],
        trunks: Mapping[str, TrunkView] | None = None,
        *,
        now: float,
    ) -> list[Share]:
        """The calls that may start until `LOOKAHEAD_S` after `now`, seconds of a monotonic clock."""
        table = _Table(lines, runs, trunks or {})
        self._shares.enter(table.waiting, table.runs, {seat.trunk for seat in table.seats})
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
        trunk = self._shares.next_trunk({seat.trunk for seat in able})
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
        return self._shares.next_run(able)

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
        self._shares.took(run, seat.trunk, trunk.weight)

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
        self.waiting = [run for run in runs if run.queued > 0]
        self.runs = {run.id: run for run in self.waiting}
        self._left: dict[Hashable, float] = {}
        for run in self.runs.values():
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
    return NEVER_MET if limits.calls is None else limits.calls - held
