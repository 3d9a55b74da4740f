"""The whole path of a message over one SMPP session, beside the client library alone at the same centre."""

import asyncio
import socket
from contextlib import ExitStack, suppress

from app.local.ports import free_port
from bench.figures import Figure, middle
from bench.rows.dispatch import said
from bench.seed import add_account, add_campaign, add_run
from bench.stage import Connection, Stage, until

ROUNDS = 3
WINDOW = 10
_MOST_MESSAGES = 5_000
_DONE = "SELECT sum(n) FROM run_counts WHERE run_id = $1 AND channel = 1 AND status = 5"


async def measure(stage: Stage) -> list[Figure]:
    """Messages a second from the first submission to the last receipt, against the library alone."""
    messages = min(_MOST_MESSAGES, max(500, stage.size // 20))
    port = free_port()
    rates = []
    with stage.process("centre", stage.environment("-"), "bench.sms_centre", str(port)):
        await until(lambda: _listens(port), "the message centre")
        for _ in range(ROUNDS):
            done = await said("bench.sms_alone", str(port), str(messages), str(WINDOW))
            rates.append((await whole_path(stage, messages, port), done["messages"] / done["seconds"]))
    ours, limit = middle(rates)
    return [Figure("messages, whole path, one session", ours, limit, "messages/s", 0.8, at_least=True)]


async def whole_path(stage: Stage, messages: int, port: int) -> float:
    """Messages a second of one line of messages, receipts included."""
    async with stage.database() as (url, connection):
        run_id = await _queued_run(connection, messages)
        environment = stage.environment(
            url,
            sms_centre=f"smpp://127.0.0.1:{port}",
            sms_rate="2000",
            sms_window=str(WINDOW),
        )
        with ExitStack() as stack:
            line = ("app.cli", "line", "--kind", "smpp")
            stack.enter_context(stage.process("sms", environment, *line))
            await until(lambda: _bound(connection), "a session")
            stack.enter_context(stage.process("worker", environment, "app.cli", "worker"))
            await until(lambda: _done(connection, run_id, messages), "the last receipt")
        seconds = await connection.fetchval(
            "SELECT extract(epoch FROM max(ended_at) - min(dialed_at))::float FROM calls WHERE run_id = $1",
            run_id,
        )
    return float(messages / seconds)


async def _queued_run(connection: Connection, messages: int) -> int:
    campaign_id = await add_campaign(connection, await add_account(connection), messages)
    run_id = await add_run(connection, campaign_id, state=1)
    await connection.execute(
        "UPDATE runs SET services = 'SMS', sms_message = message, fanout_done_at = now() WHERE id = $1",
        run_id,
    )
    await connection.execute(
        "INSERT INTO calls (run_id, recipient_id, channel) SELECT $1, id, 1 FROM recipients ORDER BY id",
        run_id,
    )
    await connection.execute("VACUUM ANALYZE calls")
    return run_id


async def _bound(connection: Connection) -> bool:
    return bool(await connection.fetchval("SELECT count(*) FROM lines WHERE state = 0 AND places > 0"))


async def _done(connection: Connection, run_id: int, messages: int) -> bool:
    return (await connection.fetchval(_DONE, run_id) or 0) >= messages


async def _listens(port: int) -> bool:
    with suppress(OSError), socket.socket() as probe:
        probe.settimeout(0.2)
        await asyncio.to_thread(probe.connect, ("127.0.0.1", port))
        return True
    return False
