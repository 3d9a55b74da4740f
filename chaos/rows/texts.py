"""Row 15: an account whose texts swell as they are read, beside live calls of another."""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from typing import Any, Self

import httpx

from app.calls.state import CallStatus, LineState
from app.local import ports
from app.local.people import add_account
from chaos.campaign import Begun, begin, finish
from chaos.prober import Prober
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.witness import LISTENS, Numbers, Report, judge, outcomes

LONGEST_SILENCE_S = 5.0
"""Of a line: a third of its lease, behind which it is given no calls."""
_LOOK_S = 0.2
_HANGS_UP = 80
_READ_AT_BEGIN = 20
_LIVE = "यो लामो सूचना हो, कृपया अन्त्यसम्म सुन्नुहोस्। " * 8
"""Half a minute."""
_MESSAGE = "{tags_x}" * 20
_SAID = ("रु १२,३४५,६७८.९० मिति २०८१/०५/१२ " * 8)[:200]
_SWELLING = ("क " * 240, "9" * 499, "९ " * 249, "½" * 499, "12:30 " * 83, "म.न.पा." * 71, "\ufdfa" * 499)
"""What begin does not see, for it reads the first twenty texts: all within 10,000 characters until they are read."""
_LONG = "नमस्ते राम जी " * 33
"""With this twenty times in it, a text may just be read: ten minutes that take seconds to speak."""


async def swelling(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 15: no call of the other account is cut, no line misses its beat, the API answers."""
    report = Report()
    live = await begin(rig, numbers.take(scale.times(60, 20), [LISTENS]), message=_LIVE)
    await rig.until(lambda: _all_answered(rig, live), "live calls")
    graves = len(rig.graves)
    async with _Stranger(rig) as stranger, Prober(rig, report), _Beats(rig, report):
        run = await stranger.begin(numbers.take(scale.times(1000, 60), [_HANGS_UP]), _values(scale))
        await stranger.pester_until_over(live, run)
    report.figures["texts that swell"] = len(run.numbers) - _READ_AT_BEGIN
    report.figures["requests of that account"] = stranger.answered.total()
    _judge_swelling(report, await outcomes(rig, run.run_id), stranger.answered)
    report.must(len(rig.graves) == graves, f"parts that died: {rig.graves[graves:][:5]}")
    counts = await judge(rig, live.run_id, live.numbers, report)
    heard = counts[CallStatus.COMPLETED.name.lower()]
    report.figures["heard to the end"] = heard
    report.must(heard == len(live.numbers), f"live calls that were not heard to the end: {counts}")
    return report


def _values(scale: Scale) -> Iterable[str]:
    long = scale.times(50, 4)
    return [*["राम"] * _READ_AT_BEGIN, *[_LONG] * long, *islice(cycle(_SWELLING), 10_000)]


def _judge_swelling(
    report: Report, said: dict[str, list[tuple[CallStatus, str | None]]], answered: Counter[int]
) -> None:
    reasons = Counter(attempts[-1][1] for attempts in said.values() if attempts)
    refused = reasons["message_too_long_when_read"]
    report.figures["refused as too long"] = refused
    report.must(refused > 0, f"no text was refused: {reasons}")
    report.must(not reasons["interrupted"], f"its own calls were cut: {reasons}")
    report.must(answered[422] > 0, f"no request was refused: {answered}")
    report.must(not any(status >= 500 and status != 503 for status in answered), f"answers: {answered}")


async def _all_answered(rig: Rig, run: Begun) -> bool:
    query = "SELECT count(*) AS n FROM calls WHERE run_id = $1 AND status = $2"
    rows = await rig.fetch(query, run.run_id, int(CallStatus.ANSWERED))
    return bool(rows[0]["n"] == len(run.numbers))


class _Stranger:
    """Another account, which asks for all that can be read.

    Attributes:
        answered: how often each HTTP status came.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._http = httpx.AsyncClient(
            base_url=f"http://{ports.LOOPBACK}:{rig.http_port}", timeout=60, trust_env=False
        )
        self.answered: Counter[int] = Counter()

    async def __aenter__(self) -> Self:
        email, password = f"{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(18)
        await add_account(self._rig.postgres.url(), email=email, password=password)
        who = {"email": email, "password": password}
        answer = await self._rig.patiently(lambda: self._http.post("/api/accounts/login/", json=who))
        self._http.headers["Authorization"] = f"Bearer {answer.json()['data']['token']['access']}"
        table = {"abbreviations": {"क": _SAID}}
        await self._rig.patiently(lambda: self._http.put("/api/system/abbreviations/", json=table))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def begin(self, numbers: Sequence[str], values: Iterable[str]) -> Begun:
        """A run of these numbers, with a value for each."""
        campaign = await self._add(numbers, values)
        path = f"/api/system/campaigns/{campaign}/begin/"
        answer = await self._rig.patiently(lambda: self._http.post(path, json={"message": _MESSAGE}))
        return Begun(campaign, int(answer.json()["data"]["run"]["id"]), list(numbers))

    async def pester_until_over(self, *runs: Begun) -> None:
        """Ask for test voices, previews and begins of such texts, four at a time, until these runs are over."""
        refused = await self._add([f"98999999{nth:02d}" for nth in range(8)], [_SWELLING[0]] * 8)
        asks = (
            ("/api/system/test/voice/", {"message": _SWELLING[0]}),
            (f"/api/system/campaigns/{refused}/preview/", {"message": _MESSAGE}),
            (f"/api/system/campaigns/{refused}/begin/", {"message": _MESSAGE}),
            ("/api/system/test/voice/", {"message": "९ " * 999}),
        )
        pestering = [asyncio.create_task(self._ask_on(path, body)) for path, body in asks]
        try:
            for run in runs:
                await finish(self._rig, run)
        finally:
            for task in pestering:
                task.cancel()
            await asyncio.gather(*pestering, return_exceptions=True)

    async def _ask_on(self, path: str, body: dict[str, str]) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                self.answered[(await self._http.post(path, json=body)).status_code] += 1
            await asyncio.sleep(_LOOK_S)

    async def _add(self, numbers: Sequence[str], values: Iterable[str]) -> int:
        rows = "".join(f"{number},{value}\n" for number, value in zip(numbers, values, strict=False))
        answer = await self._rig.patiently(
            lambda: self._http.post(
                "/api/system/campaigns/",
                data={"name": "Swelling", "services": "PHONE"},
                files={"send_to_number_file": ("numbers.csv", f"phone,x\n{rows}".encode(), "text/csv")},
            )
        )
        return int(answer.json()["data"]["details"][0]["id"])


class _Beats:
    """Watches how long lines are silent, while the context is open."""

    def __init__(self, rig: Rig, report: Report) -> None:
        self._rig = rig
        self._report = report
        self._seen: dict[int, tuple[Any, float]] = {}
        self._longest_s = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch(), name="beats")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._report.figures["s longest silence of a line"] = round(self._longest_s, 1)
        silent = f"a line was silent for {self._longest_s:.1f} s"
        self._report.must(self._longest_s < LONGEST_SILENCE_S, silent)

    async def _watch(self) -> None:
        query = "SELECT id, heartbeat FROM lines WHERE state <> $1"
        while True:
            rows = await self._rig.fetch(query, int(LineState.GONE))
            now = time.monotonic()
            for row in rows:
                heartbeat, since = self._seen.get(row["id"], (None, now))
                if heartbeat != row["heartbeat"]:
                    since = now
                self._seen[row["id"]] = (row["heartbeat"], since)
                self._longest_s = max(self._longest_s, now - since)
            await asyncio.sleep(_LOOK_S)
