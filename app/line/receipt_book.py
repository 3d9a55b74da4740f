"""Where a session's receipts go: written in groups, and acknowledged to the centre once they are committed."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.calls.sms_outcome import outcome_of_delivery
from app.carriers.sms import Receipt
from app.core.clock import Clock
from app.core.logging import get_logger
from app.line.receipts import CHUNK, keep_receipts

_RETRY_S = 0.5

log = get_logger(__name__)


class BookClosedError(Exception):
    """The line ends; the centre keeps its copy of the receipt and sends it to the next session."""


@dataclass(slots=True)
class _Entry:
    receipt: Receipt
    received_at: datetime
    kept: asyncio.Future[None]


class ReceiptBook:
    """Takes the receipts of one trunk. `close` before the engine goes.

    Attributes:
        malformed: receipts that could not be read.
        unmatched: receipts that named no message known when they came; most of them are merely early.
    """

    def __init__(self, engine: AsyncEngine, trunk: str, clock: Clock) -> None:
        self.malformed = 0
        self.unmatched = 0
        self._engine = engine
        self._trunk = trunk
        self._clock = clock
        self._pending: list[_Entry] = []
        self._news = asyncio.Event()
        self._writer = asyncio.create_task(self._write_groups(), name="receipts")

    async def keep(self, receipt: Receipt) -> None:
        """Return once the receipt is committed; BookClosedError when that did not come about."""
        if receipt.delivery is None:
            self.malformed += 1
            log.warning("receipt_unreadable", trunk=self._trunk, count=self.malformed)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append(_Entry(receipt, self._clock.now(), kept))
        self._news.set()
        await kept

    async def close(self) -> None:
        """Stop; what is not committed by now is not acknowledged either, and comes again."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        for entry in self._pending:
            if not entry.kept.done():
                entry.kept.set_exception(BookClosedError())

    async def _write_groups(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._pending:
                group = self._pending[:CHUNK]
                try:
                    await self._write(group)
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    # Not acknowledged yet; written again, perhaps a second time, which changes nothing.
                    log.warning("receipts_wait_for_database", receipts=len(group), error=repr(error)[:200])
                    await asyncio.sleep(_RETRY_S)
                    continue
                del self._pending[: len(group)]
                for entry in group:
                    if not entry.kept.done():
                        entry.kept.set_result(None)

    async def _write(self, group: list[_Entry]) -> None:
        rows = [self._row(entry) for entry in group]
        async with self._engine.begin() as connection:
            unmatched = await keep_receipts(connection, rows)
        if unmatched:
            self.unmatched += unmatched
            log.info("receipts_unmatched", trunk=self._trunk, receipts=unmatched, count=self.unmatched)

    def _row(self, entry: _Entry) -> dict[str, Any]:
        receipt = entry.receipt
        outcome = None if receipt.delivery is None else outcome_of_delivery(receipt.delivery)
        return {
            "trunk": self._trunk,
            "message_id": receipt.message_id,
            "status": outcome and outcome.status,
            "reason": outcome and outcome.reason,
            "error": receipt.error or None,
            "text": receipt.text,
            "received_at": entry.received_at,
        }
