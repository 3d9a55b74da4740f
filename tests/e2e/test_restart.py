"""What is promised for later is kept by Postgres, whatever is restarted in between."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg

from app.local.home import Home
from app.local.postgres import Postgres
from tests.live import Live, running


def bring_forward(stack: Live, run_id: int, at: datetime) -> None:
    """Travel in time: the hour until a scheduled run has passed but for some seconds."""

    async def change() -> None:
        connection = await asyncpg.connect(Postgres(Home(stack.home)).url())
        await connection.execute("UPDATE runs SET scheduled_for = $2 WHERE id = $1", run_id, at)
        await connection.close()

    asyncio.run(change())


def test_a_schedule_survives_a_restart_of_everything():
    with running() as stack:
        client = stack.client()
        soon, later = client.add(["9811111101"]), client.add(["9811111102"])
        at = datetime.now(UTC) + timedelta(seconds=2)
        due_while_down = client.begin(soon, message="नमस्ते", schedule_date=at.isoformat())
        in_an_hour = datetime.now(UTC) + timedelta(hours=1)
        due_after = client.begin(later, message="नमस्ते", schedule_date=in_an_hour.isoformat())
        stack.stop()
        stack.start()
        client = stack.client()
        assert client.finish(soon, due_while_down)["status"] == "Completed"
        assert client.run(later, due_after)["status"] == "Scheduled"
        assert stack.dialled(["9811111101", "9811111102"]) == {"9811111101": 1}
        at = datetime.now(UTC) + timedelta(seconds=2)
        bring_forward(stack, due_after, at)
        assert client.finish(later, due_after)["status"] == "Completed"
        assert stack.dialled(["9811111102"]) == {"9811111102": 1}
        (invite,) = [e for e in stack.invites() if e["number"] == "+9779811111102"]
        assert datetime.fromisoformat(invite["time"]) >= at
