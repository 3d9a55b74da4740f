"""Row 11: the same thing asked for by many at once."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from chaos.campaign import MESSAGE, add
from chaos.rig import Rig
from chaos.scale import Scale
from chaos.witness import Numbers, Report

CLIENTS = 64
_ADD = "/api/system/campaigns/"


async def races(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 11: parallel begins make one run; one idempotency key makes one campaign; another body is refused."""
    report = Report()
    client = await rig.logged_in()
    rounds, wrong, statuses = scale.times(100, 3), 0, Counter[int]()
    for _ in range(rounds):
        answers = await _begin_at_once(rig, client, numbers)
        statuses.update(answer.status_code for answer in answers)
        wrong += not await _one_run(rig, answers)
    report.figures["rounds of 64 begins"] = rounds
    report.figures["answers"] = "/".join(f"{n}x{status}" for status, n in sorted(statuses.items()))
    report.figures["rounds with more or fewer runs than one"] = wrong
    report.must(wrong == 0, f"{wrong} rounds made more or fewer runs than one")
    report.must(set(statuses) == {200, 409}, f"answers to begins at once: {dict(statuses)}")
    await _one_key(rig, client, numbers, report)
    return report


async def _begin_at_once(rig: Rig, client: httpx.AsyncClient, numbers: Numbers) -> list[httpx.Response]:
    campaign_id = await add(rig, numbers.take(1, [0]))
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {"message": MESSAGE, "schedule_date": tomorrow}
    path = f"/api/system/campaigns/{campaign_id}/begin/"
    return list(await asyncio.gather(*(client.post(path, json=body) for _ in range(CLIENTS))))


async def _one_run(rig: Rig, answers: list[httpx.Response]) -> bool:
    """Whether one begin made a run and all others were told which."""
    made = [a.json()["data"]["run"]["id"] for a in answers if a.status_code == 200]
    told = {a.json()["data"]["run"]["id"] for a in answers if a.status_code == 409}
    if len(made) != 1 or told != {made[0]}:
        return False
    rows = await rig.fetch(
        "SELECT count(*) AS n FROM runs WHERE campaign_id = (SELECT campaign_id FROM runs WHERE id = $1)",
        made[0],
    )
    return bool(rows[0]["n"] == 1)


async def _one_key(rig: Rig, client: httpx.AsyncClient, numbers: Numbers, report: Report) -> None:
    name = f"One of {CLIENTS}"
    body = {"name": name, "services": "PHONE", "individual_number": numbers.take(3, [0])}
    headers = {"Idempotency-Key": uuid4().hex}

    async def until_answered() -> bytes:
        while True:
            answer = await client.post(_ADD, json=body, headers=headers)
            if answer.status_code != 409:
                assert answer.status_code == 201, answer.text
                return answer.content
            await asyncio.sleep(0.2)

    answers = set(await asyncio.gather(*(until_answered() for _ in range(CLIENTS))))
    rows = await rig.fetch("SELECT count(*) AS n FROM campaigns WHERE name = $1", name)
    other = await client.post(_ADD, json={**body, "name": "Another"}, headers=headers)
    report.figures.update({"campaigns of one key": rows[0]["n"], "different answers": len(answers)})
    report.must(rows[0]["n"] == 1, f"one key made {rows[0]['n']} campaigns")
    report.must(len(answers) == 1, f"one key got {len(answers)} different answers")
    report.must(other.status_code == 422, f"a key with another body: {other.status_code}")
