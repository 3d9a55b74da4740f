"""How fair shares are decided: whose call comes next, among accounts, their runs and trunks. Pure policy.

Accounts get turns by the weight of their weightiest run, and within an account its runs by theirs: a run of ten calls
is never behind another account's million.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from app.dispatch.pacing_figures import WaitingRun

K = TypeVar("K", bound=Hashable)


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


class FairShares:
    """The turns of accounts, runs and trunks."""

    def __init__(self) -> None:
        self._accounts = Turns()
        self._runs = Turns()
        self._trunks = Turns()
        self._weights: Mapping[int, int] = {}

    def enter(self, waiting: Iterable[WaitingRun], able: Iterable[int], trunks: Iterable[str]) -> None:
        """Those who have a turn from now on.

        Args:
            waiting: runs that have calls to start; they give their accounts weight.
            able: ids of those whose limits allow a call.
            trunks: names of those that have lines with free places.
        """
        weights: dict[int, int] = {}
        for run in waiting:
            weights[run.account_id] = max(weights.get(run.account_id, 0), run.priority)
        self._weights = weights
        self._accounts.enter(weights)
        self._runs.enter(able)
        self._trunks.enter(trunks)

    def next_trunk(self, trunks: Iterable[str]) -> str:
        """Which of these trunks is next."""
        return self._trunks.next(trunks)

    def next_run(self, runs: Iterable[WaitingRun]) -> WaitingRun:
        """Which of these runs is next: that of the account whose turn it is."""
        able = list(runs)
        account = self._accounts.next({run.account_id for run in able})
        of_account = {run.id: run for run in able if run.account_id == account}
        return of_account[self._runs.next(of_account)]

    def took(self, run: WaitingRun, trunk: str, trunk_weight: int) -> None:
        """A call of the run was given to a line of the trunk."""
        self._trunks.took(trunk, trunk_weight)
        self._accounts.took(run.account_id, self._weights[run.account_id])
        self._runs.took(run.id, run.priority)
