"""On a running service: whoever switches an account off ends its calls and its sign-ins, and nobody more is rung."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.models import Call
from app.calls.state import CallStatus
from app.local import people
from app.local.home import Home
from app.local.postgres import Postgres
from app.local.transaction import within
from app.runs.models import Run
from app.runs.state import RunState
from tests.live import Client, Live, wait_for

LONG = "यो सूचना ध्यान दिएर सुन्नुहोस् । " * 8


class Stolen:
    """An account of which somebody else has the password too, on a running stack."""

    def __init__(self, live: Live) -> None:
        self.email, self.password = f"{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(16)
        self._url = Postgres(Home(live.home)).url()
        aside(people.add_account(self._url, email=self.email, password=self.password))
        self.client = Client(SimpleNamespace(url=live.url, email=self.email, password=self.password))

    def sql(self, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        return aside(within(self._url, work))

    def state(self, run: int) -> RunState:
        return self.sql(lambda session: session.scalar(select(Run.state).where(Run.id == run)))

    def counts(self, run: int) -> dict[CallStatus, int]:
        query = select(Call.status, func.count()).where(Call.run_id == run).group_by(Call.status)

        async def work(session: AsyncSession) -> dict[CallStatus, int]:
            return dict((await session.execute(query)).all())

        return self.sql(work)


def aside(work: Any) -> Any:
    """Run `work` on a loop of its own: that of the tests is this thread's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@pytest.fixture
def stolen(live: Live) -> Stolen:
    return Stolen(live)


def test_disable_hangs_up_calls_in_progress_and_cancels_what_is_scheduled(live: Live, stolen: Stolen):
    talking = [f"98171000{n:02d}" for n in range(8)]
    later = [f"98172000{n:02d}" for n in range(8)]
    client = stolen.client
    first, second = client.add(talking), client.add(later)
    run = client.begin(first, message=LONG)
    wait_for(lambda: stolen.counts(run).get(CallStatus.ANSWERED) == len(talking), "calls in progress")
    scheduled = client.begin(second, message=LONG, schedule_date=soon(3))

    said = live.tingting("accounts", "disable", "--email", stolen.email)

    assert f"stopped runs: {run}, {scheduled}" in said
    assert client.http.get("/api/accounts/user_details/").status_code == 401
    for number in (run, scheduled):
        wait_for(
            lambda number=number: stolen.state(number) is RunState.TERMINATED, f"the end of run {number}"
        )
    assert stolen.counts(run) == {CallStatus.TERMINATED: len(talking)}
    assert stolen.counts(scheduled) == {}
    assert live.dialled(later) == {}
    told = [json.loads(line) for line in (live.home / "logs" / "commands.log").read_text().splitlines()]
    assert [event["stopped_runs"] for event in told if event["event"] == "account_disabled"][-1] == [
        run,
        scheduled,
    ]


def test_a_scheduled_run_of_an_account_switched_off_by_sql_rings_nobody(live: Live, stolen: Stolen):
    numbers = [f"98173000{n:02d}" for n in range(4)]
    run = stolen.client.begin(stolen.client.add(numbers), message=LONG, schedule_date=soon(3))
    off = text("UPDATE accounts SET is_active = false WHERE email = :email")

    stolen.sql(lambda session: session.execute(off, {"email": stolen.email}))

    wait_for(lambda: stolen.state(run) is RunState.TERMINATED, "the end of the run")
    assert live.dialled(numbers) == {}
    told = [json.loads(line) for line in (live.home / "logs" / "worker.log").read_text().splitlines()]
    (stopped,) = [event for event in told if event["event"] == "run_stopped" and event["run"] == run]
    assert stopped["why"] == "account_off"
