"""What clients of the API feel while the engine works at full speed on the same machine."""

import httpx

from bench.client import api, timed
from bench.figures import Figure, quantile
from bench.rows.dispatch import done, lines_open, queued_run
from bench.stage import Stage, until

_MOST_CALLS = 10_000
_LOOKS = 200


async def measure(stage: Stage) -> list[Figure]:
    """p99 of campaign details while calls run, against idle."""
    calls = min(_MOST_CALLS, stage.size // 5)
    async with stage.database() as (url, connection):
        run_id = await queued_run(connection, calls)
        account = await connection.fetchval("SELECT account_id FROM runs WHERE id = $1", run_id)
        campaign = await connection.fetchval("SELECT campaign_id FROM runs WHERE id = $1", run_id)
        path = f"/api/system/campaigns/{campaign}/details"
        environment = stage.environment(url)
        async with api(stage, url, account) as (client, _):
            idle = [await look(client, path) for _ in range(_LOOKS)]
            busy = []
            with stage.process("line", environment, "bench.instant"):
                await until(lambda: lines_open(connection, 1), "the start of the line")
                with stage.process("worker", environment, "app.cli", "worker"):
                    await until(lambda: done(connection, run_id, 1), "the first call")
                    while not await done(connection, run_id, calls):
                        busy.append(await look(client, path))
    return [
        Figure(
            f"API p99 while {calls:,} calls run",
            quantile(busy, 0.99),
            quantile(idle, 0.99),
            "ms",
            3.0,
            at_least=False,
            note="calls that end at once, as fast as one line takes them: far more a second than SIP carries",
        )
    ]


async def look(client: httpx.AsyncClient, path: str) -> float:
    """Milliseconds of one look."""
    return (await timed(client, "GET", path))[0]
