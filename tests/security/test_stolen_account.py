"""A stolen account can be closed: whoever has its password or tokens is out, and its runs ring nobody."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI
from sqlalchemy import func, insert, select, text

from app.accounts.models import Account
from app.accounts.operating import account_of, grant, revoke, switch_on
from app.accounts.rights import Right
from app.api.signed_in import Requires
from app.calls.models import Call
from app.calls.state import CallStatus, Channel
from app.campaigns.models import Campaign
from app.db.engine import make_sessions
from app.dispatch.finishing import finish_runs
from app.dispatch.leader_view import waiting_runs
from app.dispatch.starting import advance
from app.dispatch.stopping import end_queued, runs_to_end
from app.runs.models import Run
from app.runs.state import RunState
from app.runs.switched_off_accounts import close_account, stop_runs
from tests.factories import NOW, make_campaign, make_line, make_run, recipient_ids

LOGIN = "/api/accounts/login/"
PASSWORD = "a long enough password"


@pytest.fixture
async def sessions(engine, clean_database):
    return make_sessions(engine)


async def _run(sessions, **values) -> Run:
    async with sessions.begin() as session:
        return await make_run(session, await make_campaign(session, 3), **values)


async def _state(sessions, run: Run) -> RunState:
    async with sessions() as session:
        return await session.scalar(select(Run.state).where(Run.id == run.id))


async def test_closing_an_account_stops_each_of_its_runs_and_no_other(sessions):
    async with sessions.begin() as session:
        first = await make_campaign(session, 3)
        account = await session.get_one(Account, first.account_id)
        runs = [
            await make_run(session, first, state=RunState.SCHEDULED, scheduled_for=NOW + timedelta(days=1))
        ]
        runs += [
            await make_run(session, await make_campaign(session, 3, account_id=account.id), state=state)
            for state in (RunState.RUNNING, RunState.PAUSED)
        ]
        over = await make_run(
            session, await make_campaign(session, 3, account_id=account.id), state=RunState.COMPLETED
        )
    others = await _run(sessions)

    async with sessions.begin() as session:
        closed = await close_account(session, await account_of(session, account.email), NOW)

    assert closed.runs == [run.id for run in runs]
    assert [await _state(sessions, run) for run in runs] == [RunState.STOPPING] * 3
    assert await _state(sessions, over) is RunState.COMPLETED
    assert await _state(sessions, others) is RunState.RUNNING


async def test_a_scheduled_run_of_an_account_switched_off_by_sql_never_starts(engine, sessions):
    run = await _run(sessions, state=RunState.SCHEDULED, scheduled_for=NOW)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE accounts SET is_active = false"))

    await advance(sessions, run.id, NOW + timedelta(minutes=1))
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Call)) == 0
        assert [stopped.run_id for stopped in await stop_runs(session)] == [run.id]
    async with sessions.begin() as session:
        assert await stop_runs(session) == [], "told once"
        assert await finish_runs(session, NOW) == [run.id]
    assert await _state(sessions, run) is RunState.TERMINATED


async def test_a_running_run_of_an_account_switched_off_by_sql_gives_out_no_call_and_ends(engine, sessions):
    run = await _run(sessions)
    async with sessions.begin() as session:
        line = await make_line(session)
        first, *others = await recipient_ids(session, await session.get_one(Campaign, run.campaign_id))
        queued = [{"run_id": run.id, "recipient_id": other} for other in others]
        await session.execute(insert(Call), queued)
        claimed = {"run_id": run.id, "recipient_id": first, "status": CallStatus.CLAIMED, "line_id": line.id}
        await session.execute(insert(Call), [claimed])
    async with engine.begin() as connection:
        assert (await waiting_runs(connection))[Channel.VOICE]
        await connection.execute(text("UPDATE accounts SET is_active = false"))
        assert not (await waiting_runs(connection))[Channel.VOICE]

    async with sessions.begin() as session:
        await stop_runs(session)
        assert await runs_to_end(session) == [run.id]
    await end_queued(sessions, run.id, NOW)
    async with sessions() as session:
        ended = (await session.scalars(select(Call.status).where(Call.run_id == run.id))).all()
    assert ended == [CallStatus.TERMINATED] * 3


async def test_an_account_that_is_switched_on_again_brings_nothing_back(client, account, parts):
    token = (await client.post(LOGIN, json={"email": account.email, "password": PASSWORD})).json()["data"][
        "token"
    ]
    async with parts.sessions.begin() as session:
        known = await account_of(session, account.email)
        assert (await close_account(session, known, datetime.now(UTC))).sign_ins == 1
        await switch_on(session, known)

    details = await client.get(
        "/api/accounts/user_details", headers={"Authorization": f"Bearer {token['access']}"}
    )
    assert (details.status_code, details.json()["errors"][0]["code"]) == (401, "token_revoked")
    renewed = await client.post("/api/accounts/token/refresh/", json={"refresh": token["refresh"]})
    assert renewed.status_code == 401
    again = await client.post(LOGIN, json={"email": account.email, "password": PASSWORD})
    assert again.status_code == 200


async def test_a_token_renewed_while_the_account_is_closed_is_worth_nothing(client, account, parts):
    pairs = [
        (await client.post(LOGIN, json={"email": account.email, "password": PASSWORD})).json()["data"][
            "token"
        ]
        for _ in range(5)
    ]

    async def close() -> None:
        async with parts.sessions.begin() as session:
            known = await account_of(session, account.email, lock=True)
            await close_account(session, known, datetime.now(UTC))
            await switch_on(session, known)

    renewals = [
        client.post("/api/accounts/token/refresh/", json={"refresh": pair["refresh"]}) for pair in pairs
    ]
    answers, _ = await asyncio.gather(asyncio.gather(*renewals), close())

    renewed = [answer.json() for answer in answers if answer.status_code == 200]
    for pair in (*pairs, *renewed):
        details = await client.get(
            "/api/accounts/user_details", headers={"Authorization": f"Bearer {pair['access']}"}
        )
        assert details.status_code == 401
        once_more = await client.post("/api/accounts/token/refresh/", json={"refresh": pair["refresh"]})
        assert once_more.status_code == 401


async def test_a_reused_refresh_token_ends_access_tokens_of_its_sign_in_too(client, account):
    first = (await client.post(LOGIN, json={"email": account.email, "password": PASSWORD})).json()["data"][
        "token"
    ]
    other = (await client.post(LOGIN, json={"email": account.email, "password": PASSWORD})).json()["data"][
        "token"
    ]
    second = (await client.post("/api/accounts/token/refresh/", json={"refresh": first["refresh"]})).json()
    reused = await client.post("/api/accounts/token/refresh/", json={"refresh": first["refresh"]})
    assert reused.status_code == 401

    statuses = [
        (
            await client.get(
                "/api/accounts/user_details", headers={"Authorization": f"Bearer {pair['access']}"}
            )
        ).status_code
        for pair in (first, second, other)
    ]
    assert statuses == [401, 401, 200]


@pytest.fixture
async def guarded(service: FastAPI, app):
    """A route that asks for the right to administer."""

    @service.get("/guarded-by-a-right")
    async def route(account: Annotated[Account, Depends(Requires(Right.ADMIN))]) -> int:
        return account.id

    yield "/guarded-by-a-right"
    service.router.routes.pop()


async def test_a_right_is_asked_for_and_holds_from_the_next_request_on(
    api: httpx.AsyncClient, guarded, account, parts
):
    async def change(what) -> None:
        async with parts.sessions.begin() as session:
            await what(session, await account_of(session, account.email, lock=True), Right.ADMIN)

    refused = await api.get(guarded)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "missing_right")
    await change(grant)
    assert (await api.get(guarded)).json() == account.id
    await change(revoke)
    assert (await api.get(guarded)).status_code == 403
