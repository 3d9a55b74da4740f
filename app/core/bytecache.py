"""A cache of byte strings under one size, so that many calls with the same audio share one buffer."""

from collections import OrderedDict
from collections.abc import Hashable


class ByteCache:
    """Least recently used first out; keeps at most `capacity` bytes of values."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._values: OrderedDict[Hashable, bytes] = OrderedDict()

    def get(self, key: Hashable) -> bytes | None:
        """The value of `key`, which becomes the most recently used."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: bytes) -> None:
        """Keep `value`; one that alone is over the capacity is not kept."""
        if len(value) > self._capacity:
            return
        self._size += len(value) - len(self._values.pop(key, b""))
        self._values[key] = value
        while self._size > self._capacity:
            _, dropped = self._values.popitem(last=False)
            self._size -= len(dropped)
