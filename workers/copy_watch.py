"""Notices a database that is an older copy of itself: of what it has forgotten, it would call people again.

A number, the epoch, grows in PostgreSQL while a control worker leads, and Redis or Valkey keeps it too. A database
whose number is behind that one was put back from a copy, or is a replica that missed the end. An emptied queue server
knows nothing: then only what `tingting restore` left in the database tells.
"""

import asyncio
import contextlib
import time

from sqlalchemy.exc import SQLAlchemyError

from app.core.logging import get_logger
from app.installation.repository import installation
from app.queue.redis import OUTAGES
from app.runs.paused_after_restore import hold_all, hold_if_restored, why_behind
from app.wiring import Parts

EVERY_S = 10.0
"""Between two steps of the epoch. Calls made between a copy's moment and the next step go unnoticed when the process is
killed before it; an orderly stop makes a step as well."""
_LAST_STEP_S = 3.0

log = get_logger(__name__)


class CopyWatch:
    """The epoch in both places; used by the leader alone."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stepped_at: float | None = None

    async def step(self) -> None:
        """Compare, pause every run when the database is behind or was restored, and let the epoch grow."""
        async with self._parts.sessions.begin() as session:
            row = await installation(session)
            held = await hold_if_restored(session, row)
            if held:
                log.error("restored_runs_held", runs=held)
            key = f"tingting:epoch:{row.uuid}"
            known = await self._known(key)
            if row.epoch < known:
                held = await hold_all(session, why_behind(row.epoch, known))
                log.error("database_is_an_older_copy", epoch=row.epoch, known=known, runs_held=held)
                row.epoch = known
            row.epoch += 1
            epoch = row.epoch
        # After the commit: the queue server must never be ahead of a database that is whole.
        try:
            await self._parts.redis.set(key, epoch)
        except OUTAGES as error:
            log.warning("epoch_not_kept", error=repr(error))
        self._stepped_at = time.monotonic()

    async def step_if_due(self) -> None:
        """A step, when the last was `EVERY_S` ago."""
        if self._stepped_at is None or time.monotonic() - self._stepped_at >= EVERY_S:
            await self.step()

    async def last_step(self) -> None:
        """On the way out, by who has led: a copy taken before an orderly stop is told from one taken after it."""
        if self._stepped_at is not None:
            with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
                await asyncio.wait_for(self.step(), _LAST_STEP_S)

    async def _known(self, key: str) -> int:
        try:
            kept = await self._parts.redis.get(key)
        except OUTAGES as error:
            # Calls go on without Redis, and so does this: the next step asks again.
            log.warning("epoch_not_compared", error=repr(error))
            return 0
        return int(kept) if kept else 0
