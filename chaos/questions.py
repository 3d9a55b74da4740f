"""Questions to the database of a rig, past every part of ours."""

import asyncio
import time
from typing import Any

import asyncpg

from app.local.postgres import Postgres

_CONNECT_S, _ANSWER_S, _AGAIN_S = 5, 60, 0.2


class Questions:
    """Asked ten times a second, so the connection is kept: opening one costs both sides more than the question.

    Args:
        postgres: the server, which may be down now and then.
        patience_s: seconds that one question waits for it.
    """

    def __init__(self, postgres: Postgres, patience_s: float) -> None:
        self._postgres = postgres
        self._patience_s = patience_s
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._asking = asyncio.Lock()

    async def ask(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """The rows; AssertionError when the database does not come back."""
        deadline = time.monotonic() + self._patience_s
        async with self._asking:
            while True:
                try:
                    if self._connection is None:
                        self._connection = await asyncpg.connect(self._postgres.url(), timeout=_CONNECT_S)
                    rows: list[asyncpg.Record] = await self._connection.fetch(
                        query, *values, timeout=_ANSWER_S
                    )
                except (
                    OSError,
                    asyncpg.PostgresConnectionError,
                    asyncpg.OperatorInterventionError,  # it goes down, or comes up
                    asyncpg.InterfaceError,
                ):
                    self.close()
                    assert time.monotonic() < deadline, "the database did not come back"
                    await asyncio.sleep(_AGAIN_S)
                except BaseException:
                    self.close()
                    raise
                else:
                    return rows

    def close(self) -> None:
        """Let the connection go, in whatever state it is."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
