"""Row 13: the life of a call, in every order that hypothesis can think of."""

import asyncio
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import asyncpg
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.core.logging import configure_logging
from app.local.home import Home
from app.local.migrate import upgrade
from app.local.postgres import Postgres
from chaos.model import CallLife
from chaos.scale import Scale
from chaos.witness import Report
from chaos.world import World

_PROCESSES = 2
_UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


async def any_order(scale: Scale) -> Report:
    """Row 13, in processes with a database each; they think of other orders, for hypothesis draws them at random."""
    examples, steps = scale.times(1_000, 12), 30 if scale.quick else 50
    processes = 1 if scale.quick else min(_PROCESSES, examples)
    with tempfile.TemporaryDirectory(prefix="tingting-model-") as folder:
        Path(folder).chmod(0o711)
        server = Postgres(Home.open(Path(folder) / "home"), _UNSAFE_AND_FAST)
        server.start()
        try:
            databases = [await _database(server, nth) for nth in range(processes)]
            loop = asyncio.get_running_loop()
            with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
                played = [
                    loop.run_in_executor(pool, _play, url, share, steps)
                    for url, share in zip(databases, _shares(examples, processes), strict=True)
                ]
                await asyncio.gather(*played)
        finally:
            server.stop()
    return Report({"examples": examples, "steps each at most": steps})


def _shares(examples: int, processes: int) -> list[int]:
    return [examples // processes + (nth < examples % processes) for nth in range(processes)]


async def _database(server: Postgres, nth: int) -> str:
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.execute(f'CREATE DATABASE "life_{nth}"')
    await connection.close()
    return server.url(f"life_{nth}")


def _play(url: str, examples: int, steps: int) -> None:
    configure_logging("critical", "console")  # every example ends hundreds of calls
    upgrade(url)
    CallLife.world = World(url)
    try:
        run_state_machine_as_test(
            CallLife,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                # The steps of a failure are many but tell the story; to shrink them would take minutes.
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        CallLife.world.close()
