"""Work that is done once however many ask for it at the same time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedWork(Generic[T]):
    """Work under way, by what it is about; a caller that gives up does not stop it for the others."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[T]] = {}

    async def result(self, key: Hashable, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What comes of the work on `key`, which is begun unless it is under way; what it raises, all are told."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(begin())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until what is under way is done."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _ended(self, key: Hashable, task: "asyncio.Task[T]") -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen: when every caller gave up, nobody else would look
