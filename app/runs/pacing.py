"""How many calls each line may start now, and of which runs. Pure policy: figures in, decision out."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


class Pace:
    """A token bucket: calls a second, with no more saved up than the pause between two looks can need.

    Args:
        rate: calls a second.
        burst: most calls that may start in one look; at least 1.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = max(1.0, burst)
        self._tokens = 1.0
        self._at: float | None = None

    def available(self, now: float) -> int:
        """Whole calls that may start at `now`, seconds on a monotonic clock."""
        if self._at is not None:
            self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = now
        return int(self._tokens)

    def take(self, calls: int) -> None:
        """Book `calls` that were started."""
        self._tokens -= calls


@dataclass(frozen=True, slots=True)
class FreeLine:
    """A line and how many calls it may start now (free places and pace taken together)."""

    id: int
    room: int


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run with calls to start on one channel."""

    id: int
    account_id: int
    queued: int


@dataclass(frozen=True, slots=True)
class Share:
    """Start `calls` calls of run `run_id` on line `line_id`."""

    line_id: int
    run_id: int
    calls: int


def share_out(lines: Iterable[FreeLine], runs: Iterable[WaitingRun], *, turn: int = 0) -> list[Share]:
    """Deal the lines' room to accounts in turns, and within an account to its runs in turns.

    A run of ten calls is never behind another account's million, for each account gets a turn before any gets two.

    Args:
        lines: the lines with room.
        runs: the runs with calls waiting.
        turn: moves the first turn on from look to look, so that one place at a time goes round as well.
    """
    accounts: dict[int, deque[list[int]]] = {}
    for run in sorted(runs, key=lambda run: run.id):
        if run.queued > 0:
            accounts.setdefault(run.account_id, deque()).append([run.id, run.queued])
    order = deque(accounts[account] for account in sorted(accounts))
    if order:
        order.rotate(-(turn % len(order)))
    seats = _seats(lines)
    dealt: dict[tuple[int, int], int] = {}
    for line_id in seats:
        if not order:
            break
        account = order[0]
        run_id = account[0][0]
        dealt[line_id, run_id] = dealt.get((line_id, run_id), 0) + 1
        account[0][1] -= 1
        if account[0][1] == 0:
            account.popleft()
        else:
            account.rotate(-1)
        if account:
            order.rotate(-1)
        else:
            order.popleft()
    return [Share(line_id, run_id, calls) for (line_id, run_id), calls in dealt.items()]


def _seats(lines: Iterable[FreeLine]) -> list[int]:
    """Line ids, one for each call that may start, the lines by turns so that they fill evenly."""
    left = {line.id: line.room for line in lines if line.room > 0}
    seats: list[int] = []
    while left:
        for line_id in list(left):
            seats.append(line_id)
            left[line_id] -= 1
            if left[line_id] == 0:
                del left[line_id]
    return seats
