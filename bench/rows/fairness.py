"""A run of ten beside another account's whole campaign, and an account of high priority beside both."""

import asyncio
from collections import Counter
from datetime import datetime

from bench.figures import Figure
from bench.instant import CPS
from bench.picture import Series, draw_series
from bench.rows.dispatch import lines_open
from bench.seed import add_account, add_campaign, add_queued_calls, add_run
from bench.stage import RESULTS, Connection, Stage, until

_CPS = 20
_MOST_RECIPIENTS = 50_000
_TEN = 10
_SECONDS = 24
_PICTURE = RESULTS / "fairness.png"


async def measure(stage: Stage) -> list[Figure]:
    """The wait of the small run's first call; the calls a second of each account are drawn."""
    recipients = min(_MOST_RECIPIENTS, stage.size)
    async with stage.database() as (url, connection):
        large = await run_of(connection, "many@example.org", recipients)
        important = await run_of(connection, "high@example.org", recipients)
        ten = await run_of(connection, "ten@example.org", _TEN)
        await connection.execute("UPDATE runs SET state = 0, scheduled_for = now() + interval '1 day'")
        await connection.execute("UPDATE runs SET queue_priority = 4 WHERE id = $1", important)
        environment = {**stage.environment(url), CPS: str(_CPS)}
        with stage.process("line", environment, "bench.instant"):
            await until(lambda: lines_open(connection, 1), "the start of the line")
            with stage.process("worker", environment, "app.cli", "worker"):
                await start(connection, large)
                await until(lambda: dialled(connection, large), "the first call of the large run")
                await asyncio.sleep(_SECONDS / 4)
                begun = await start(connection, ten)
                await asyncio.sleep(_SECONDS / 4)
                await start(connection, important)
                await asyncio.sleep(_SECONDS / 2)
        first = await until(lambda: dialled(connection, ten), "the first call of the small run")
        runs = {large: "a whole campaign", ten: "a run of ten", important: "high priority"}
        draw_series("Calls a second by account", await a_second(connection, runs), _PICTURE)
    waited = (first - begun).total_seconds()
    return [
        Figure(
            "first call of a run of 10 beside another account's campaign",
            waited,
            None,
            "s",
            2,
            at_least=False,
        )
    ]


async def run_of(connection: Connection, email: str, recipients: int) -> int:
    """A run with all its calls queued, of an account of its own."""
    run_id = await add_run(
        connection, await add_campaign(connection, await add_account(connection, email), recipients)
    )
    await add_queued_calls(connection, run_id)
    return run_id


async def start(connection: Connection, run_id: int) -> datetime:
    """Let a run begin now; when that was."""
    begun: datetime = await connection.fetchval(
        "UPDATE runs SET state = 1, started_at = clock_timestamp() WHERE id = $1 RETURNING started_at", run_id
    )
    return begun


async def dialled(connection: Connection, run_id: int) -> datetime | None:
    """When the first call of a run was dialled."""
    found: datetime | None = await connection.fetchval(
        "SELECT min(dialed_at) FROM calls WHERE run_id = $1", run_id
    )
    return found


async def a_second(connection: Connection, runs: dict[int, str]) -> list[Series]:
    """Calls started in each second since the first, by run."""
    rows = await connection.fetch(
        "SELECT run_id, extract(epoch FROM dialed_at - min(dialed_at) OVER ())::int AS second FROM calls "
        "WHERE dialed_at IS NOT NULL"
    )
    counted = Counter((row["run_id"], row["second"]) for row in rows)
    last = max((row["second"] for row in rows), default=0)
    return [
        Series(name, [counted[run_id, second] for second in range(last + 1)]) for run_id, name in runs.items()
    ]
