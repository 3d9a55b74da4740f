"""Runs, their progress and their calls."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.accounts.models import Account
from app.calls.state import CallStatus, WaitingFor
from app.campaigns.models import Campaign
from app.core.clock import FixedClock, to_kathmandu
from app.runs.models import Run
from app.runs.state import RunState
from app.wiring import Parts
from tests.factories import make_calls, make_campaign, make_run

CAMPAIGNS = "/api/system/campaigns"
RUNS = "/api/system/runs"
Q, C, A = CallStatus.QUEUED, CallStatus.CLAIMED, CallStatus.ANSWERED
DONE, HUNG, FAILED = CallStatus.COMPLETED, CallStatus.HUNGUP, CallStatus.FAILED


@pytest.fixture
async def running(parts: Parts, account: Account, clock: FixedClock) -> tuple[Campaign, Run]:
    """Ten recipients, a minute into their run: four calls over, two in progress, four to come."""
    began = clock.now() - timedelta(minutes=1)
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, recipients=10, account_id=account.id)
        run = await make_run(session, campaign, started_at=began, fanout_done_at=began, scheduled_for=began)
        await make_calls(session, run, [DONE, DONE, HUNG, FAILED, A, CallStatus.RINGING, C, Q, Q, Q])
    return campaign, run


@pytest.mark.parametrize("under_campaign", [False, True])
async def test_a_run_shows_its_counts_progress_rate_and_expected_end(
    api: httpx.AsyncClient, running: tuple[Campaign, Run], clock: FixedClock, under_campaign: bool
) -> None:
    campaign, run = running
    path = f"{CAMPAIGNS}/{campaign.id}/runs/{run.id}/" if under_campaign else f"{RUNS}/{run.id}"
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    shown = answer.json()["data"]["run"]
    assert shown["status"] == "Running"
    assert shown["counts"] == {
        "queued": 4,
        "ringing": 1,
        "answered": 1,
        "completed": 2,
        "hungup": 1,
        "failed": 1,
    }
    assert shown["progress"] == {
        "ended": 4,
        "total": 10,
        "percent": 40.0,
        "rate_per_minute": 4.0,
        "expected_end": to_kathmandu(clock.now() + timedelta(minutes=1.5)).isoformat(),
    }
    assert (shown["message"], shown["priority"], shown["statuses"], shown["individual"]) == (
        "नमस्ते",
        "message",
        None,
        None,
    )


async def test_a_run_below_another_campaign_is_not_found(
    api: httpx.AsyncClient, running: tuple[Campaign, Run]
) -> None:
    campaign, run = running
    for tail in ("", "/calls", "/report.csv", "/report.xlsx"):
        assert (await api.get(f"{CAMPAIGNS}/{campaign.id + 1}/runs/{run.id}{tail}")).status_code == 404
        assert (await api.get(f"{CAMPAIGNS}/x/runs/{run.id}{tail}")).status_code == 404


async def test_another_accounts_runs_do_not_exist(
    other_api: httpx.AsyncClient, running: tuple[Campaign, Run]
) -> None:
    _, run = running
    for tail in ("", "/calls", "/report.csv", "/report.xlsx"):
        assert (await other_api.get(f"{RUNS}/{run.id}{tail}")).status_code == 404


async def test_runs_are_listed_newest_first_by_keyset(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        runs = [await make_run(session, campaign, state=RunState.COMPLETED) for _ in range(3)]
        await make_calls(session, runs[2], [DONE, FAILED, FAILED])
    path = f"{CAMPAIGNS}/{campaign.id}/runs/"
    first = (await api.get(path, params={"limit": 2})).json()["data"]
    assert [run["id"] for run in first["runs"]] == [runs[2].id, runs[1].id]
    assert first["runs"][0]["counts"] == {"completed": 1, "failed": 2}
    rest = (await api.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()["data"]
    assert [run["id"] for run in rest["runs"]] == [runs[0].id]
    assert rest["next_cursor"] is None


async def test_calls_are_listed_by_keyset_with_their_figures(
    api: httpx.AsyncClient, parts: Parts, account: Account, clock: FixedClock
) -> None:
    now = clock.now()
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, account_id=account.id)
        run = await make_run(session, campaign)
        await make_calls(
            session,
            run,
            [HUNG],
            reason="callee_hung_up",
            sip_status=200,
            dialed_at=now,
            answered_at=now,
            ended_at=now + timedelta(seconds=2.04),
            played_ms=2_000,
            audio_ms=8_000,
            digits="1",
        )
        second = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, second, [DONE, FAILED, C])
    call = (await api.get(f"{RUNS}/{run.id}/calls/")).json()["data"]["calls"][0]
    expected = {
        "number": "9800000000",
        "attempt": 1,
        "status": "hungup",
        "reason": "callee_hung_up",
        "explanation": "Answered, and the callee hung up before the end.",
        "sip_status": 200,
        "ringing_at": None,
        "answered_at": to_kathmandu(now).isoformat(),
        "duration": 2.0,
        "heard": 2.0,
        "playback": 25,
        "credit_consumed": 1,
        "digits": "1",
    }
    assert {key: call[key] for key in expected} == expected
    page = (await api.get(f"{RUNS}/{second.id}/calls", params={"limit": 2})).json()["data"]
    rest = (await api.get(f"{RUNS}/{second.id}/calls", params={"cursor": page["next_cursor"]})).json()["data"]
    assert [each["status"] for each in page["calls"] + rest["calls"]] == ["completed", "failed", "queued"]
    assert rest["next_cursor"] is None


async def test_calls_are_filtered_by_the_names_that_clients_read(
    api: httpx.AsyncClient, running: tuple[Campaign, Run]
) -> None:
    _, run = running

    async def count(status: str) -> int:
        answer = await api.get(f"{RUNS}/{run.id}/calls", params={"status": status})
        return len(answer.json()["data"]["calls"])

    assert await count("Queued") == 4
    assert await count("failed, hungup") == 2
    assert await count("") == 10
    refused = await api.get(f"{RUNS}/{run.id}/calls", params={"status": "asleep"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown_status")


async def test_details_count_recipients_by_their_latest_call(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        campaign = await make_campaign(session, recipients=5, account_id=account.id)
        everybody = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, everybody, [FAILED, FAILED, DONE, HUNG])
    path = f"{CAMPAIGNS}/{campaign.id}/details"
    details = (await api.get(path)).json()["data"]["details"][0]
    assert details["status_counts"] == {"not started": 1, "completed": 1, "hungup": 1, "failed": 2}
    assert details["status"] == "Completed"
    async with parts.sessions.begin() as session:
        again = await make_run(session, campaign, state=RunState.RUNNING, statuses=[int(FAILED)])
        await make_calls(session, again, [DONE])
    details = (await api.get(path)).json()["data"]["details"][0]
    assert details["status_counts"] == {"not started": 1, "completed": 2, "hungup": 1, "failed": 1}
    assert details["latest_run"]["id"] == again.id


MIDNIGHT = datetime(2026, 11, 24, 18, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("waiting", "what", "until"),
    [
        ([(WaitingFor.NUMBER_CAP, MIDNIGHT)], "number_cap", "2026-11-25T00:00:00+05:45"),
        ([(WaitingFor.NUMBER_CAP, MIDNIGHT), (WaitingFor.NUMBER_BUSY, None)], "number_busy", None),
    ],
)
async def test_a_run_that_can_start_no_call_says_what_it_waits_for(
    api: httpx.AsyncClient, parts: Parts, account: Account, waiting: list, what: str, until: str | None
) -> None:
    async with parts.sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 3, account_id=account.id))
        calls = await make_calls(session, run, [CallStatus.DEFERRED] * len(waiting))
        for call, (waiting_for, not_before) in zip(calls, waiting, strict=True):
            call.waiting_for, call.not_before = waiting_for, not_before
    shown = (await api.get(f"/api/system/runs/{run.id}/")).json()["data"]["run"]
    (listed,) = (await api.get(f"/api/system/campaigns/{run.campaign_id}/runs/")).json()["data"]["runs"]
    for one in (shown, listed):
        assert (one["status"], one["waiting_for"], one["waiting_until"]) == ("Running", what, until)
        assert one["waiting_why"].startswith("Each number that is left")
        assert one["counts"] == {"queued": len(waiting)}
    assert shown["progress"]["expected_end"] is None


async def test_a_run_with_a_call_in_progress_or_in_the_queue_waits_for_nothing(
    api: httpx.AsyncClient, parts: Parts, account: Account
) -> None:
    async with parts.sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 2, account_id=account.id))
        (call, _) = await make_calls(session, run, [CallStatus.DEFERRED, Q])
        call.waiting_for = WaitingFor.NUMBER_BUSY
    shown = (await api.get(f"/api/system/runs/{run.id}/")).json()["data"]["run"]
    assert (shown["waiting_for"], shown["waiting_why"]) == (None, None)
