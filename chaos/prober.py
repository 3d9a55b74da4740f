"""A client that asks the API again and again while it is in trouble, and remembers how it was answered."""

import asyncio
import contextlib
import time
from collections import Counter
from typing import Self

import httpx

from chaos.rig import Rig
from chaos.witness import Report

LONGEST_ANSWER_S = 15.0
_EVERY_S = 0.25


class Prober:
    """Asks while the context is open. 2xx, 4xx, and 503 with Retry-After are right; 500 and silence are not.

    Attributes:
        statuses: how often each HTTP status came.
        longest_s: the slowest answer.
    """

    def __init__(self, rig: Rig, report: Report) -> None:
        self._rig = rig
        self._report = report
        self._asking: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self.statuses: Counter[int] = Counter()
        self.longest_s = 0.0

    async def __aenter__(self) -> Self:
        client = await self._rig.logged_in()
        self._task = asyncio.create_task(self._ask_on(client), name="prober")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.gather(*self._asking)
        self._report.figures["answers"] = "/".join(
            f"{n}x{status}" for status, n in sorted(self.statuses.items())
        )
        self._report.figures["s slowest answer"] = round(self.longest_s, 1)
        self._report.must(not self.statuses[500], f"{self.statuses[500]} answers of 500")

    async def _ask_on(self, client: httpx.AsyncClient) -> None:
        asks = (
            ("GET", "/api/system/campaigns", None),
            (
                "POST",
                "/api/system/campaigns/",
                {"name": "Probe", "services": "PHONE", "individual_number": ["9800000001"]},
            ),
            ("GET", "/api/accounts/user_details/", None),
            ("POST", "/api/system/campaigns/999999999/pause/", None),
        )
        nth = 0
        while True:
            method, path, body = asks[nth % len(asks)]
            task = asyncio.create_task(self._ask(client, method, path, body))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            nth += 1
            await asyncio.sleep(_EVERY_S)

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str, body: object) -> None:
        started = time.monotonic()
        try:
            answer = await client.request(method, path, json=body, timeout=60)
        except httpx.HTTPError as error:
            self._report.must(False, f"{method} {path}: no answer, {error!r}")
            return
        taken = time.monotonic() - started
        self.statuses[answer.status_code] += 1
        self.longest_s = max(self.longest_s, taken)
        self._report.must(taken <= LONGEST_ANSWER_S, f"{method} {path} was answered after {taken:.1f} s")
        if answer.status_code == 503:
            self._report.must("Retry-After" in answer.headers, f"{method} {path}: 503 without Retry-After")
