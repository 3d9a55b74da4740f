"""What a client looks at, with ten campaign-sizes of calls in the table beside a small table."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

import httpx

from bench.client import api, timed
from bench.figures import Figure
from bench.seed import add_account, add_campaign, add_run
from bench.stage import Connection, Stage

_RUNS = 10
_ROUNDS = 30
_SMALL = 2000
_PAGE = 25
_DEEP = 10_000


async def measure(stage: Stage) -> list[Figure]:
    """Median times of the list, details, progress and a page of calls, large and small by turns."""
    async with (
        table(stage, min(_SMALL, stage.size), deep=10) as small,
        table(stage, stage.size, deep=min(_DEEP, stage.size // _PAGE // 2)) as large,
    ):
        found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in small.paths}
        for _ in range(_ROUNDS):
            for name, (ours, limit) in found.items():
                ours.append((await timed(large.client, "GET", large.paths[name]))[0])
                limit.append((await timed(small.client, "GET", small.paths[name]))[0])
    rows = stage.size * _RUNS
    return [
        Figure(f"{name} at {rows:,} calls", median(ours), median(limit), "ms", 2.0, at_least=False)
        for name, (ours, limit) in found.items()
    ]


@dataclass(frozen=True, slots=True)
class Looks:
    """A client of a table, and what it looks at."""

    client: httpx.AsyncClient
    paths: dict[str, str]


@asynccontextmanager
async def table(stage: Stage, recipients: int, *, deep: int) -> AsyncIterator[Looks]:
    """Ten runs over so many recipients, and the API on them."""
    async with stage.database() as (url, connection):
        account = await add_account(connection)
        campaign = await add_campaign(connection, account, recipients)
        runs = [await add_run(connection, campaign, state=4) for _ in range(_RUNS)]
        await fill(connection, campaign)
        behind = await connection.fetchval(
            "SELECT max(id) FROM (SELECT id FROM calls WHERE run_id = $1 ORDER BY id LIMIT $2)",
            runs[5],
            deep * _PAGE,
        )
        last = await connection.fetchval("SELECT max(id) FROM calls WHERE run_id = $1", runs[5]) - _PAGE // 2
        async with api(stage, url, account) as (client, _):
            yield Looks(
                client,
                {
                    "campaign list": "/api/system/campaigns",
                    "campaign details": f"/api/system/campaigns/{campaign}/details",
                    "run progress": f"/api/system/runs/{runs[5]}/",
                    "a deep page of calls": f"/api/system/runs/{runs[5]}/calls/?limit={_PAGE}&cursor={behind}",
                    "the last page of calls": f"/api/system/runs/{runs[5]}/calls/?limit={_PAGE}&cursor={last}",
                },
            )


async def fill(connection: Connection, campaign_id: int) -> None:
    """A call that is over for each recipient and run, written without trigger and indexes, which are made after."""
    indexes = await connection.fetch(
        "SELECT indexdef, quote_ident(indexname) AS name FROM pg_indexes "
        "WHERE tablename = 'calls' AND indexname <> 'pk_calls'"
    )
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    await connection.execute("ALTER TABLE calls DISABLE TRIGGER USER")
    await connection.execute(
        "INSERT INTO calls (run_id, recipient_id, status, reason, ended_at) "
        "SELECT r.id, p.id, 5 + p.id % 4, 'played', now() FROM runs r JOIN recipients p USING (campaign_id) "
        "WHERE campaign_id = $1 ORDER BY r.id, p.id",
        campaign_id,
        timeout=1800,
    )
    await connection.execute(
        "INSERT INTO run_counts (run_id, channel, status, n) SELECT run_id, channel, status, count(*) FROM calls "
        "GROUP BY run_id, channel, status",
        timeout=1800,
    )
    await connection.execute("ALTER TABLE calls ENABLE TRIGGER USER")
    for index in indexes:
        await connection.execute(index["indexdef"], timeout=1800)
    await connection.execute("VACUUM ANALYZE calls", timeout=1800)
