"""Whether a line's trunk is there: asked by OPTIONS, said in `tingting status` and in the line's readiness.

Calls are given to a line whatever is found here. Some trunks answer no OPTIONS, and a call that is answered shows more.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from app.carriers.sip_options import ASK_S
from app.core.checks import Check, CheckFailedError
from app.core.clock import Clock
from app.dispatch import lines

EVERY_S = 30.0
AGAIN_S = 5.0
"""Sooner while the trunk is silent, and before the line is open."""


class Asked(Protocol):
    """The part of a carrier that knows its trunk."""

    async def ask_trunk(self) -> str:
        """What the trunk answers; `TimeoutError` or `OSError` when nothing does."""
        ...

    def heard_since(self, moment: float) -> bool:
        """Whether the trunk has answered any call since `moment` of the event loop's clock."""
        ...


class TrunkWatch:
    """Asks the trunk of one line, and tells the line's row.

    Args:
        carrier: holds the trunk.
        line_id: the line's id; 0 until it is open.
        engine: of the service's database.
        clock: for the moment since when the trunk is silent.
    """

    def __init__(self, carrier: Asked, line_id: Callable[[], int], engine: AsyncEngine, clock: Clock) -> None:
        self._carrier = carrier
        self._line_id = line_id
        self._engine = engine
        self._clock = clock

    @property
    def check(self) -> Check:
        """The trunk as a part of the line's readiness."""
        return Check(
            "trunk",
            self._ask,
            "Calls over it end failed until it answers: check TINGTING_SIP_TRUNK, the way to it, and its operator.",
            every_s=EVERY_S,
            again_s=AGAIN_S,
            timeout_s=ASK_S + 4,
        )

    async def _ask(self) -> None:
        line_id = self._line_id()
        if not line_id:
            raise CheckFailedError("The line is not open yet.")
        begun = asyncio.get_running_loop().time() - EVERY_S
        why = ""
        said: str | None = None
        try:
            said = await self._carrier.ask_trunk()
        except (OSError, TimeoutError) as error:
            why = str(error) or "no answer to OPTIONS"
            if self._carrier.heard_since(begun):
                said = "calls are answered, OPTIONS is not"
        async with self._engine.begin() as connection:
            await lines.note_trunk(connection, line_id, said, self._clock.now())
        if said is None:
            raise CheckFailedError(f"The trunk does not answer ({why}).")
