"""A client that adds a campaign, begins it and waits for its end, over HTTP, whatever happens to the API meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from app.runs.state import RunState
from chaos.rig import Rig

MESSAGE = "नमस्ते"


@dataclass(frozen=True, slots=True)
class Begun:
    """A run under way, and whom it calls."""

    campaign_id: int
    run_id: int
    numbers: list[str]


async def add(rig: Rig, numbers: Sequence[str]) -> int:
    """A campaign with these numbers; its id. Asked for once, however often it must be sent."""
    client = await rig.logged_in()
    csv = "phone\n" + "\n".join(numbers) + "\n"
    headers = {"Idempotency-Key": uuid4().hex}
    answer = await rig.patiently(
        lambda: client.post(
            "/api/system/campaigns/",
            data={"name": "Chaos", "services": "PHONE"},
            files={"send_to_number_file": ("numbers.csv", csv.encode(), "text/csv")},
            headers=headers,
        )
    )
    return int(answer.json()["data"]["details"][0]["id"])


async def begin(rig: Rig, numbers: Sequence[str], **fields: str) -> Begun:
    """A campaign with these numbers, begun."""
    campaign_id = await add(rig, numbers)
    client = await rig.logged_in()
    headers = {"Idempotency-Key": uuid4().hex}
    body = {"message": MESSAGE, **fields}
    answer = await rig.patiently(
        lambda: client.post(f"/api/system/campaigns/{campaign_id}/begin/", json=body, headers=headers)
    )
    return Begun(campaign_id, int(answer.json()["data"]["run"]["id"]), list(numbers))


async def ended(rig: Rig, run: Begun) -> bool:
    """Whether the run is over."""
    rows = await rig.fetch("SELECT state FROM runs WHERE id = $1", run.run_id)
    return rows[0]["state"] in (RunState.COMPLETED, RunState.TERMINATED)


async def ended_calls(rig: Rig, run: Begun) -> int:
    """How many calls of the run have ended."""
    rows = await rig.fetch(
        "SELECT coalesce(sum(n), 0) AS n FROM run_counts WHERE run_id = $1 AND status >= 5", run.run_id
    )
    return int(rows[0]["n"])


async def finish(rig: Rig, run: Begun, within_s: float = 600.0) -> None:
    """Wait for the run's end; AssertionError when it does not come."""

    async def over() -> bool:
        return await ended(rig, run)

    await rig.until(over, f"the end of run {run.run_id}", within_s)
