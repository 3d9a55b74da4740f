"""The API as shipped, and a client of one account."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from app.accounts.tokens import TokenMaker
from app.local.process import Process
from bench.stage import JWT, Stage, until

_UNTIL_ANSWER_S = 300.0


@asynccontextmanager
async def api(
    stage: Stage, database_url: str, account_id: int
) -> AsyncIterator[tuple[httpx.AsyncClient, Process]]:
    """A running API process and a client that is logged in as the account."""
    port = str(stage.api_port())
    environment = stage.environment(database_url, http_port=port, calls_a_day="unlimited")
    maker = TokenMaker(JWT, access_ttl_s=7200, refresh_ttl_s=7200)
    token = maker.access(account_id, uuid4(), datetime.now(UTC))
    with stage.process("api", environment, "app.cli", "api") as process:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_UNTIL_ANSWER_S,
            trust_env=False,
        ) as client:
            await until(lambda: _answers(client), "the start of the API")
            yield client, process


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/live")).is_success
    except httpx.TransportError:
        return False


async def timed(client: httpx.AsyncClient, method: str, path: str, **body: Any) -> tuple[float, Any]:
    """Milliseconds until the answer is read, and its JSON; RuntimeError when it is an error."""
    began = time.perf_counter()
    answer = await client.request(method, path, **body)
    took = (time.perf_counter() - began) * 1000
    if not answer.is_success:
        msg = f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        raise RuntimeError(msg)
    return took, answer.json()
