"""Whose turn it is, where texts wait for a process: the shorter ones first, but no text for ever."""

import asyncio
import heapq
from collections import deque
from itertools import count
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_PATIENCE_S: Final = 0.003
"""Seconds for each character of a text in which others may come and go ahead of it: ten times what it takes to speak.

One account's texts of ten thousand characters, three seconds each, then keep another's short ones waiting for one of
them and not for all.
"""


class Turns(Generic[T]):
    """Hands out things that are used by one text at a time."""

    def __init__(self) -> None:
        self._free: deque[T] = deque()
        self._waiting: list[tuple[float, int, asyncio.Future[T]]] = []
        self._order = count()

    async def take(self, characters: int) -> T:
        """One of the things, for a text of so many characters; to be given back."""
        if self._free:
            return self._free.popleft()
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[T] = loop.create_future()
        heapq.heappush(self._waiting, (loop.time() + characters * _PATIENCE_S, next(self._order), turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(turn.result())
            raise

    def give(self, thing: T) -> None:
        """Let the next have it."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(thing)
                return
        self._free.append(thing)
