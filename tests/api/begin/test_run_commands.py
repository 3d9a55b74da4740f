"""Pause, resume and stop."""

import httpx
import pytest

from app.accounts.models import Account
from app.runs.state import RunState
from app.wiring import Parts
from tests.api.begin.kit import CAMPAIGNS
from tests.factories import make_campaign, make_run


async def test_pause_resume_and_stop_move_the_run(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=RunState.RUNNING)
    path = f"{CAMPAIGNS}/{campaign.id}"

    async def move(verb: str) -> tuple[int, str]:
        answer = (await api.post(f"{path}/{verb}/")).json()
        if answer["success"]:
            assert answer["data"]["run"]["id"] == run.id
            return answer["status"], answer["message"]
        return answer["status"], answer["errors"][0]["code"]

    assert await move("resume") == (409, "cannot_resume")
    assert await move("pause") == (200, "Campaign is paused")
    assert await move("pause") == (409, "cannot_pause")
    assert await move("resume") == (200, "Campaign is running")
    assert await move("stop") == (200, "Campaign is stopped")
    assert (await api.get(f"/api/system/runs/{run.id}")).json()["data"]["run"]["stopping"] is True
    assert await move("stop") == (409, "cannot_stop")
    waiting = {job.decode() for job in await parts.redis.zrange("tingting:control", 0, -1)}
    assert waiting == {f"advance_run:{run.id}", f"end_queued:{run.id}"}


@pytest.mark.parametrize("verb", ["pause", "resume", "stop"])
async def test_without_a_run_there_is_nothing_to_move(
    api: httpx.AsyncClient, campaign: dict, verb: str
) -> None:
    answer = await api.post(f"{CAMPAIGNS}/{campaign['id']}/{verb}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "no_active_run")
    assert (await api.get(f"{CAMPAIGNS}/{campaign['id']}/{verb}")).status_code == 405
