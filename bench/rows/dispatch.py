"""The whole path of a call with a carrier that takes no time, beside arq alone and beside the obvious way."""

import asyncio
import json
import sys
from contextlib import ExitStack

from bench import obvious, plain_arq
from bench.figures import Figure, middle, middle_of
from bench.seed import add_account, add_campaign, add_queued_calls, add_run
from bench.stage import Connection, Stage, until

ROUNDS = 3
_WORTH_REPEATING = 20_000  # recipients; of fewer no figure is taken, they show that it runs
_MOST_CALLS = 20_000
_DONE = "SELECT sum(n) FROM run_counts WHERE run_id = $1 AND status = 5"


async def measure(stage: Stage) -> list[Figure]:
    """Throughput on one line against arq, and the processor time of three lines against one."""
    calls = min(_MOST_CALLS, stage.size // 10)
    rates, costs, arqs = [], [], []
    for _ in range(ROUNDS if stage.size >= _WORTH_REPEATING else 1):
        arq = await plain(stage, calls)
        ours, cost = await whole_path(stage, calls, lines=1)
        _, three = await whole_path(stage, calls, lines=3)
        rates.append((ours, arq))
        costs.append((three, cost))
        arqs.append(arq)
    slow_calls = max(500, calls // 8)
    slow = await obvious_way(stage, slow_calls)
    ours, limit = middle(rates)
    three, one = middle(costs)
    shared = await plain(stage, calls, workers=3) / middle_of(arqs)
    return [
        Figure("dispatch, whole path, one line", ours, limit, "calls/s", 0.8, at_least=True),
        Figure(
            "processor time of a call, three lines against one",
            three,
            one,
            "ms",
            1.15,
            at_least=False,
            note=f"three plain arq workers on one queue: {shared:.2f} of the jobs/s of one",
        ),
        Figure(
            "dispatch against the obvious way",
            middle_of([rate for rate, _ in rates]),
            slow,
            "calls/s",
            2.0,
            at_least=True,
        ),
    ]


async def plain(stage: Stage, jobs: int, *, workers: int = 1) -> float:
    """Jobs a second of plain arq workers on one queue."""
    url = stage.valkey.url(1)
    await plain_arq.fill(url, jobs)
    done = await asyncio.gather(*(said("bench.plain_arq", url) for _ in range(workers)))
    return sum(each["jobs"] for each in done) / max(each["seconds"] for each in done)


async def obvious_way(stage: Stage, calls: int) -> float:
    """Calls a second of the obvious way, its enqueueing not counted."""
    async with stage.database() as (url, connection):
        run_id = await queued_run(connection, calls)
        first = await connection.fetchval("SELECT min(id) FROM calls WHERE run_id = $1", run_id)
        await plain_arq.fill(stage.valkey.url(1), calls, "call", obvious.QUEUE, first)
        done = await said("bench.obvious", url, stage.valkey.url(1))
    return done["jobs"] / done["seconds"]


async def whole_path(stage: Stage, calls: int, *, lines: int) -> tuple[float, float]:
    """Calls a second from the first claim to the last end, and milliseconds of processor a call, servers included."""
    async with stage.database() as (url, connection):
        run_id = await queued_run(connection, calls)
        environment = stage.environment(url)
        with ExitStack() as stack:
            started = [
                stack.enter_context(stage.process(f"line-{n}", environment, "bench.instant"))
                for n in range(lines)
            ]
            await until(lambda: lines_open(connection, lines), "the start of the lines")
            started.append(stack.enter_context(stage.process("worker", environment, "app.cli", "worker")))
            before = stage.cpu_s(*started[:-1])
            await until(lambda: done(connection, run_id, calls), "the end of the run")
            spent = stage.cpu_s(*started) - before
        seconds = await connection.fetchval(
            "SELECT extract(epoch FROM max(ended_at) - min(dialed_at))::float FROM calls WHERE run_id = $1",
            run_id,
        )
    return calls / seconds, spent * 1000 / calls


async def queued_run(connection: Connection, calls: int) -> int:
    """A running run whose calls are all queued."""
    campaign_id = await add_campaign(connection, await add_account(connection), calls)
    run_id = await add_run(connection, campaign_id, state=1)
    await add_queued_calls(connection, run_id)
    return run_id


async def lines_open(connection: Connection, lines: int) -> bool:
    """Whether so many lines have their row."""
    return bool(await connection.fetchval("SELECT count(*) FROM lines WHERE state = 0") >= lines)


async def done(connection: Connection, run_id: int, calls: int) -> bool:
    """Whether so many calls of a run are completed."""
    return (await connection.fetchval(_DONE, run_id) or 0) >= calls


async def said(*argv: str) -> dict[str, float]:
    """What ``python -m argv…`` printed as JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await process.communicate()
    figures: dict[str, float] = json.loads(out)
    return figures
