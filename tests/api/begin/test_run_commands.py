"""Pause, resume and stop."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.accounts.models import Account
from app.calls.state import CallStatus
from app.runs.state import RunState
from app.wiring import Parts
from tests.api.begin.kit import CAMPAIGNS
from tests.factories import make_calls, make_campaign, make_line, make_run


async def test_pause_resume_and_stop_move_the_run(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign, state=RunState.RUNNING)
        line = await make_line(session)
        await make_calls(session, run, [CallStatus.ANSWERED], line_id=line.id)
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


async def test_a_campaign_may_be_deleted_right_after_the_stop_of_its_scheduled_run(
    api: httpx.AsyncClient, campaign: dict
) -> None:
    path = f"{CAMPAIGNS}/{campaign['id']}"
    later = {"message": "नमस्ते", "schedule_date": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    assert (await api.post(f"{path}/begin/", json=later)).status_code == 200
    stopped = await api.post(f"{path}/stop/")
    assert (stopped.status_code, stopped.json()["data"]["run"]["status"]) == (200, "Terminated")
    assert (await api.delete(f"{path}/delete")).status_code == 200


async def test_a_stop_with_a_call_in_progress_keeps_the_campaign_until_the_call_is_over(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign)
        line = await make_line(session)
        await make_calls(session, run, [CallStatus.ANSWERED, CallStatus.QUEUED], line_id=line.id)
    stopped = await api.post(f"{CAMPAIGNS}/{campaign.id}/stop/")
    assert (stopped.status_code, stopped.json()["data"]["run"]["status"]) == (200, "Running")
    refused = await api.delete(f"{CAMPAIGNS}/{campaign.id}/delete")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "run_active")


@pytest.mark.parametrize("verb", ["pause", "resume", "stop"])
async def test_without_a_run_there_is_nothing_to_move(
    api: httpx.AsyncClient, campaign: dict, verb: str
) -> None:
    answer = await api.post(f"{CAMPAIGNS}/{campaign['id']}/{verb}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "no_active_run")
    assert (await api.get(f"{CAMPAIGNS}/{campaign['id']}/{verb}")).status_code == 405
