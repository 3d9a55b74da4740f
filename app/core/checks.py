"""What a process stands on, looked at in turn: each check at most as often as it may cost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core import metrics
from app.core.logging import get_logger
from app.core.vitals import Finding

log = get_logger(__name__)


class CheckFailedError(Exception):
    """Something that a process stands on does not work; the text says what, for a person."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at.

    Attributes:
        part: its name in answers, logs and metrics.
        ask: returns when it works, and raises when it does not.
        advice: what to do when it does not.
        every_s: seconds for which an answer is kept; 0: asked each time.
        again_s: seconds after which it is asked again when it does not work, where that is sooner.
        timeout_s: seconds after which no answer counts as one that it does not work.
    """

    part: str
    ask: Callable[[], Awaitable[None]]
    advice: str
    every_s: float = 0.0
    again_s: float = float("inf")
    timeout_s: float = 2.0


@dataclass(slots=True)
class Checks:
    """Some checks with what they found last."""

    checks: Sequence[Check]
    _found: dict[str, tuple[float, Finding]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def findings(self) -> Mapping[str, Finding]:
        """What works and what does not, by part; never raises and takes no longer than the slowest timeout."""
        async with self._lock:
            found = await asyncio.gather(*(self._of(check) for check in self.checks))
        return {check.part: finding for check, finding in zip(self.checks, found, strict=True)}

    async def _of(self, check: Check) -> Finding:
        kept = self._found.get(check.part)
        if kept is not None:
            lasts = check.every_s if kept[1].ok else min(check.every_s, check.again_s)
            if time.monotonic() - kept[0] < lasts:
                return kept[1]
        finding = await _asked(check)
        # While a process starts, what it stands on starts as well: its first finding is no news.
        if kept is not None and not finding.ok and check.part not in self._told:
            self._told.add(check.part)
            log.error("part_failed", part=check.part, advice=finding.advice)
        elif finding.ok and check.part in self._told:
            self._told.discard(check.part)
            log.info("part_works_again", part=check.part)
        metrics.PART_OK.labels(check.part).set(finding.ok)
        self._found[check.part] = (time.monotonic(), finding)
        return finding


async def _asked(check: Check) -> Finding:
    try:
        async with asyncio.timeout(check.timeout_s):
            await check.ask()
    except CheckFailedError as error:
        return Finding(ok=False, advice=f"{error} {check.advice}".strip())
    except Exception as error:  # noqa: BLE001 - whatever it is, the part does not work
        log.warning("check_failed", part=check.part, error=repr(error)[:300])
        return Finding(ok=False, advice=check.advice)
    return Finding(ok=True)
