"""Turns at work of which a few go on at once, shared fairly between accounts."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 4
OF_ONE_ACCOUNT = 2
"""Of those at once: an account that starts a thousand runs leaves others the rest, and its own small runs one beside a
large one."""


class FairTurns:
    """Lets in `at_once` at a time, `of_one` of each account; those that wait by account, one after the other."""

    def __init__(self, at_once: int = AT_ONCE, of_one: int = OF_ONE_ACCOUNT) -> None:
        self._at_once = at_once
        self._of_one = of_one
        self._working: Counter[int] = Counter()
        # The account whose turn is longest ago comes first.
        self._waiting: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, account_id: int) -> AsyncIterator[None]:
        """Wait for a turn of this account, and hold it for as long as the context lasts."""
        let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(account_id, deque()).append(let_in)
        self._let_in()
        try:
            await let_in
            yield
        finally:
            if let_in.done() and not let_in.cancelled():
                self._working[account_id] -= 1
                self._working += Counter()  # drops what is zero
            self._let_in()

    def _let_in(self) -> None:
        while self._working.total() < self._at_once:
            account_id = next(filter(self._may_work, self._waiting), None)
            if account_id is None:
                return
            queue = self._waiting.pop(account_id)
            let_in = queue.popleft()
            if queue:
                self._waiting[account_id] = queue
            if not let_in.cancelled():
                self._working[account_id] += 1
                let_in.set_result(None)

    def _may_work(self, account_id: int) -> bool:
        return self._working[account_id] < self._of_one
