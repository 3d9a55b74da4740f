"""How much an account may store, and what must stay free on a disk for all others."""

import asyncio
import math
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Item, StorageFullError, TooLargeError

_FREE_OF_CHARGE = 256 * 1024
"""Bytes of a body that are held in memory and not counted: most bodies."""
_LOOK_EVERY = 8 * 1024**2


def over_quota(quota: int) -> TooLargeError:
    """The refusal of what would bring an account over `quota` bytes."""
    message = (
        f"The files of this account, with those being sent, would be over {_shown(quota)}, the most it may store. "
        "Delete some: DELETE /api/system/files/<id>/. GET /api/system/files/ lists them."
    )
    return TooLargeError(Item(None, "storage_quota", message))


@dataclass(slots=True)
class Storage:
    """Counts what is on its way in, in this process, beside what is stored.

    Attributes:
        quota: bytes that one account may have stored and under way.
        reserve: bytes that are left free on the disk of `kept`.
        kept: a folder on the disk that fills up: the blob store's, where it is one of this machine.
        passing: the folder of temporary files, often small and in memory, which is emptied by itself.
    """

    quota: int
    reserve: int
    kept: Path
    passing: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    _under_way: Counter[int] = field(default_factory=Counter)

    async def refuse_when_full(self, wanted: int = 0) -> None:
        """Leave the reserve alone: the database may lie on the same disk.

        Raises:
            StorageFullError: ``storage_full`` when `wanted` bytes more would use it.
        """
        free_kept, free_passing = await asyncio.to_thread(lambda: (_free(self.kept), _free(self.passing)))
        if free_kept < self.reserve + wanted or free_passing < wanted:
            message = (
                "The server has no disk space left for files. Its operator must free some; "
                "what needs none goes on."
            )
            raise StorageFullError(Item(None, "storage_full", message))

    @contextmanager
    def incoming(self, account_id: int, stored: Callable[[], Awaitable[int]]) -> Iterator["Incoming"]:
        """Counts one body; `stored` tells how many bytes the account has stored."""
        incoming = Incoming(self, account_id, stored)
        try:
            yield incoming
        finally:
            self._under_way[account_id] -= incoming.counted
            if not self._under_way[account_id]:
                del self._under_way[account_id]

    def count(self, account_id: int, size: int, stored: int) -> None:
        """Count `size` bytes more under way; TooLargeError ``storage_quota`` when they are too many."""
        self._under_way[account_id] += size
        if stored + self._under_way[account_id] > self.quota:
            raise over_quota(self.quota)


class Incoming:
    """One body on its way in."""

    def __init__(self, storage: Storage, account_id: int, stored: Callable[[], Awaitable[int]]) -> None:
        self._storage, self._account_id, self._ask = storage, account_id, stored
        self._stored: int | None = None
        self._seen = 0
        self._looked_at = 0
        self.counted = 0

    async def take(self, size: int) -> None:
        """Count `size` bytes that have come.

        Raises:
            TooLargeError: ``storage_quota``.
            StorageFullError: ``storage_full``.
        """
        self._seen += size
        if self._seen <= _FREE_OF_CHARGE:
            return
        if self._stored is None:
            self._stored = await self._ask()
        if self._seen >= self._looked_at:
            self._looked_at = self._seen + _LOOK_EVERY
            await self._storage.refuse_when_full()
        more = self._seen - self.counted
        self.counted += more
        self._storage.count(self._account_id, more, self._stored)


def _free(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        # A folder that is gone has no room to tell of; storing into it says what is wrong.
        return math.inf


def _shown(size: int) -> str:
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size:,} bytes"
