"""Turns at costly work: so many at once in a process, and of them so many of one account."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.core.errors import Item, ThrottledError

_RETRY_S = 5


@dataclass(slots=True)
class _Line:
    """One account's own line."""

    gate: asyncio.Semaphore
    waiting: int = field(default=0)


class Turns:
    """Hands out turns in the order asked for, but never more than `each` to one account.

    An account's requests line up behind one another before they join the common line, so that one with a hundred of
    them delays another account's by no more than `each` of its own.

    Args:
        at_once: turns in all.
        each: of one account.
        lined_up: requests of one account that may have a turn or wait for one.
    """

    def __init__(self, at_once: int, *, each: int = 1, lined_up: int = 20) -> None:
        self._common = asyncio.Semaphore(at_once)
        self._each, self._lined_up = each, lined_up
        self._lines: dict[int, _Line] = {}

    @asynccontextmanager
    async def of(self, account_id: int) -> AsyncIterator[None]:
        """A turn of this account, for as long as the context lasts.

        Raises:
            ThrottledError: ``too_many_at_once``.
        """
        line = self._lines.setdefault(account_id, _Line(asyncio.Semaphore(self._each)))
        if line.waiting >= self._lined_up:
            message = (
                "This account has too many requests of this kind under way. Wait for some of them to end."
            )
            raise ThrottledError(Item(None, "too_many_at_once", message), retry_after=_RETRY_S)
        line.waiting += 1
        try:
            async with line.gate, self._common:
                yield
        finally:
            line.waiting -= 1
            if not line.waiting:
                del self._lines[account_id]
