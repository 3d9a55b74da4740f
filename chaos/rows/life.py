"""Row 13: the life of a call, in every order that hypothesis can think of."""

import asyncio
import tempfile
from pathlib import Path

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

_UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


async def any_order(scale: Scale) -> Report:
    """Row 13, on a database of its own."""
    examples, steps = scale.times(1_000, 12), 30 if scale.quick else 50
    with tempfile.TemporaryDirectory(prefix="tingting-model-") as folder:
        Path(folder).chmod(0o711)
        server = Postgres(Home.open(Path(folder) / "home"), _UNSAFE_AND_FAST)
        server.start()
        try:
            await asyncio.to_thread(_play, server.url(), examples, steps)
        finally:
            server.stop()
    return Report({"examples": examples, "steps each at most": steps})


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
