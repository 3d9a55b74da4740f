"""Log lines that anybody could have written without end: one in a while, with the number of those left out."""

import time
from collections.abc import Callable

from app.core.logging import get_logger

log = get_logger(__name__)

EVERY_S = 10.0


class Seldom:
    """Warns at most once in `every_s` seconds for each event and reason, and says how often it happened meanwhile.

    The values beside the event are those of the line that is written; reasons must be few and our own words.
    """

    def __init__(self, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._clock = every_s, clock
        self._kept: dict[tuple[str, str], tuple[float, int]] = {}

    def note(self, event: str, reason: str, **values: object) -> None:
        """Count one, and write a line if the last is long enough ago; ``times``: how many since that one."""
        now = self._clock()
        last, left_out = self._kept.get((event, reason), (-self._every_s, 0))
        if now - last < self._every_s:
            self._kept[event, reason] = (last, left_out + 1)
            return
        self._kept[event, reason] = (now, 0)
        log.warning(event, reason=reason, times=left_out + 1, **values)
