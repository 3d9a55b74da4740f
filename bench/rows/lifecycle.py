"""A run from its begin to its stop, at the full size beside a thousandth of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from app.local.process import Process
from bench.client import api, timed
from bench.figures import Figure, middle_of, quantile
from bench.instant import CPS
from bench.seed import add_account, add_campaign
from bench.stage import Connection, Stage, resident_mib, until

_BEGINS = 40
_SLOW_CPS = "20"
_SMALL = 1000
_TERMINATED = 9


@dataclass(frozen=True, slots=True)
class Scene:
    """A database with a large and a small campaign, and the API on it."""

    stage: Stage
    url: str
    connection: Connection
    client: httpx.AsyncClient
    large: int
    small: int

    @property
    def size(self) -> int:
        """Recipients of the large campaign."""
        return self.stage.size

    @asynccontextmanager
    async def workers(self) -> AsyncIterator[tuple[Process, Process]]:
        """A line that starts 20 calls a second, and a control worker that leads."""
        environment = {**self.stage.environment(self.url), CPS: _SLOW_CPS}
        with (
            self.stage.process("line", environment, "bench.instant") as line,
            self.stage.process("worker", environment, "app.cli", "worker") as worker,
        ):
            await until(self._line_open, "the start of the line")
            await until(lambda: leads(worker), "the lead")
            yield line, worker
        await self.connection.execute("UPDATE lines SET state = 2")

    async def _line_open(self) -> bool:
        return bool(await self.connection.fetchval("SELECT count(*) FROM lines WHERE state = 0"))

    async def begin(self, campaign_id: int, **fields: object) -> tuple[float, int]:
        """Milliseconds of the answer, and the run's id."""
        took, answer = await timed(
            self.client, "POST", f"/api/system/campaigns/{campaign_id}/begin/", json=fields
        )
        return took, int(answer["data"]["run"]["id"])

    async def first_dialled(self, run_id: int) -> datetime | None:
        """When a run's first call was about to be dialled."""
        first: datetime | None = await self.connection.fetchval(
            "SELECT min(dialed_at) FROM calls WHERE run_id = $1", run_id
        )
        return first

    async def over(self, run_id: int) -> bool:
        """Whether a run is completed or terminated."""
        return bool(await self.connection.fetchval("SELECT state >= 4 FROM runs WHERE id = $1", run_id))

    async def fanned_out(self, run_id: int) -> bool:
        """Whether every call of a run is written."""
        return bool(
            await self.connection.fetchval(
                "SELECT fanout_done_at IS NOT NULL FROM runs WHERE id = $1", run_id
            )
        )


async def measure(stage: Stage) -> list[Figure]:
    """Begin, fan-out, first call, memory, stop and re-run."""
    async with stage.database() as (url, connection):
        account = await add_account(connection)
        large = await add_campaign(connection, account, stage.size)
        small = await add_campaign(connection, account, min(_SMALL, stage.size))
        async with api(stage, url, account) as (client, _):
            scene = Scene(stage, url, connection, client, large, small)
            figures = await begins(scene)
            async with scene.workers() as (line, worker):
                figures += await memory_small(scene, line, worker)
                figures += await one_run(scene, line, worker)
            figures += await rerun(scene)
    return figures


async def begins(scene: Scene) -> list[Figure]:
    """The time of the answer alone; each run is taken away again."""
    times: dict[int, list[float]] = {scene.large: [], scene.small: []}
    ahead = (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="minutes")
    for _ in range(_BEGINS):
        for campaign_id, found in times.items():
            took, run_id = await scene.begin(campaign_id, schedule_date=ahead)
            found.append(took)
            await scene.connection.execute("DELETE FROM runs WHERE id = $1", run_id)
    large, small = (found[1:] for found in times.values())
    return [
        Figure("begin answer", middle_of(large), middle_of(small), "ms", 1.5, at_least=False),
        Figure("begin answer, p99", quantile(large, 0.99), None, "ms", 100, at_least=False),
    ]


_memory: dict[str, float] = {}


async def memory_small(scene: Scene, line: Process, worker: Process) -> list[Figure]:
    """Note the memory of both workers at the end of a small run's dialling."""
    _, run_id = await scene.begin(scene.small)
    await until(lambda: scene.fanned_out(run_id), "the small fan-out")
    await asyncio.sleep(2)
    _memory.update(line=resident_mib(line.pid), worker=resident_mib(worker.pid))
    await timed(scene.client, "POST", f"/api/system/campaigns/{scene.small}/stop/")
    await until(lambda: scene.over(run_id), "the end of the small run")
    return []


async def one_run(scene: Scene, line: Process, worker: Process) -> list[Figure]:
    """One large run: its first call, its fan-out, what the workers hold, and its stop."""
    connection = scene.connection
    plain_s = await plain_fan_out(scene)
    asked, began = datetime.now(UTC), time.monotonic()
    _, run_id = await scene.begin(scene.large)
    await until(lambda: scene.fanned_out(run_id), "the fan-out")
    fan_out_s = time.monotonic() - began
    # A small fan-out is over before anything is dialled.
    first: datetime = await until(lambda: scene.first_dialled(run_id), "the first call")
    # Before and behind it, for a shared machine may turn half as fast meanwhile.
    plain_s = (plain_s + await plain_fan_out(scene)) / 2
    await asyncio.sleep(2)
    figures = [
        Figure("begin to first INVITE", (first - asked).total_seconds(), None, "s", 1.0, at_least=False),
        Figure("fan-out", scene.size / fan_out_s, scene.size / plain_s, "calls/s", 0.6, at_least=True),
        *(_memory_figure(name, process) for name, process in (("line", line), ("worker", worker))),
    ]
    stopped = datetime.now(UTC)
    began = time.monotonic()
    await timed(scene.client, "POST", f"/api/system/campaigns/{scene.large}/stop/")
    await until(lambda: scene.over(run_id), "the end of the stopped run")
    took = time.monotonic() - began
    last = await connection.fetchval("SELECT max(dialed_at) FROM calls WHERE run_id = $1", run_id)
    late = max(0.0, (last - stopped).total_seconds())
    plain = await plain_stop(scene)
    return [
        *figures,
        Figure("last INVITE after a stop", late, None, "s", 1.0, at_least=False),
        Figure("stop of a whole run", took, plain, "s", 2.0, at_least=False),
    ]


def _memory_figure(name: str, process: Process) -> Figure:
    """What a worker holds now against what it held at the end of the small run's dialling."""
    title = f"resident memory of the {name}, large run against small"
    return Figure(title, resident_mib(process.pid), _memory[name], "MiB", 1.1, at_least=False)


async def plain_fan_out(scene: Scene) -> float:
    """Seconds of one INSERT … SELECT into a table with the same columns and indexes, without the trigger."""
    await scene.connection.execute("DROP TABLE IF EXISTS plain_calls")
    await scene.connection.execute("CREATE TABLE plain_calls (LIKE calls INCLUDING ALL)")
    await scene.connection.execute("CREATE SEQUENCE plain_calls_id OWNED BY plain_calls.id")
    await scene.connection.execute("ALTER TABLE plain_calls ALTER id SET DEFAULT nextval('plain_calls_id')")
    began = time.monotonic()
    await scene.connection.execute(
        "INSERT INTO plain_calls (run_id, recipient_id) "
        "SELECT 1, id FROM recipients WHERE campaign_id = $1 ORDER BY id",
        scene.large,
        timeout=900,
    )
    return time.monotonic() - began


async def plain_stop(scene: Scene) -> float:
    """Seconds of one UPDATE that ends as many calls."""
    await scene.connection.execute("VACUUM ANALYZE plain_calls", timeout=900)
    began = time.monotonic()
    await scene.connection.execute(
        "UPDATE plain_calls SET status = $1, reason = 'stopped', ended_at = now() WHERE run_id = 1 AND status = 0",
        _TERMINATED,
        timeout=900,
    )
    return time.monotonic() - began


async def rerun(scene: Scene) -> list[Figure]:
    """Begin for those whose latest call failed, a tenth of all, until their calls are written."""
    connection = scene.connection
    await connection.execute(
        "UPDATE calls SET status = 8, reason = 'no_route' WHERE id % 10 = 0 "
        "AND run_id = (SELECT max(id) FROM runs WHERE campaign_id = $1)",
        scene.large,
        timeout=900,
    )
    await connection.execute("VACUUM ANALYZE calls", timeout=900)
    environment = scene.stage.environment(scene.url)
    with scene.stage.process("worker", environment, "app.cli", "worker") as worker:
        await until(lambda: leads(worker), "the lead")
        began = time.monotonic()
        _, run_id = await scene.begin(scene.large, status="failed")
        await until(lambda: scene.fanned_out(run_id), "the fan-out of the re-run")
        ours = time.monotonic() - began
    await connection.execute("CREATE TABLE plain_again (LIKE plain_calls INCLUDING ALL)")
    began = time.monotonic()
    await connection.execute(
        "INSERT INTO plain_again (run_id, recipient_id) SELECT 2, r.id FROM recipients r WHERE r.campaign_id = $1 AND "
        "(SELECT c.status FROM calls c WHERE c.recipient_id = r.id AND c.run_id <> $2 ORDER BY c.id DESC LIMIT 1) = 8 "
        "ORDER BY r.id",
        scene.large,
        run_id,
        timeout=900,
    )
    plain = time.monotonic() - began
    return [Figure("re-run of the failed, a tenth of all", ours, plain, "s", 2.0, at_least=False)]


async def leads(worker: Process) -> bool:
    """Whether the worker that was just started has said that it leads."""
    with suppress(OSError):
        return "dispatcher_leads" in Path(worker.program.log).read_text().rpartition("control_worker_up")[2]
    return False
