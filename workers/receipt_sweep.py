"""What becomes of messages by time alone: receipts that crossed their response, and messages without a receipt.

Every control worker does it; the rows are guarded, so that several at once do no more than one.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from app.core.logging import get_logger
from app.line.receipts import CHUNK, drop_old, expire, settle_since
from app.wiring import Parts

_EVERY_S = 1.0
# A receipt comes before its response by less than a response may take, or crosses it by moments.
_CROSSING = timedelta(minutes=5)
_EVER = datetime(2020, 1, 1, tzinfo=UTC)

log = get_logger(__name__)


class ReceiptSweep:
    """Sweeps every second."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        # The first sweep looks at all: nobody may have swept for long.
        self._since = _EVER

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except (SQLAlchemyError, OSError) as error:
                log.warning("receipt_sweep_waits", error=repr(error)[:200])
            await asyncio.sleep(_EVERY_S)

    async def sweep(self) -> None:
        """Settle what crossed, end what has expired, drop what nobody claims."""
        now = self._parts.clock.now()
        engine = self._parts.engine
        async with engine.begin() as connection:
            settled = await settle_since(connection, self._since)
        self._since = now - _CROSSING
        expired = CHUNK
        while expired == CHUNK:
            async with engine.begin() as connection:
                expired = await expire(connection, now)
            if expired:
                log.info("messages_without_receipt", messages=expired)
        async with engine.begin() as connection:
            dropped = await drop_old(connection, now)
        if settled or dropped:
            log.info("receipts_swept", settled=settled, dropped=dropped)
