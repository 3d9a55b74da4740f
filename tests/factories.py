"""Rows for tests, made through the tables themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Account
from app.calls.models import Call, Line
from app.calls.state import CallStatus
from app.campaigns.models import Campaign
from app.recipients.models import Recipient
from app.runs.models import Run
from app.runs.state import RunState

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


async def make_account(session: AsyncSession) -> Account:
    account = Account(email=f"{uuid4().hex}@example.org", username="tester", password_hash="-")
    session.add(account)
    await session.flush()
    return account


async def make_campaign(session: AsyncSession, recipients: int = 3, **values: object) -> Campaign:
    account_id = values.pop("account_id", None) or (await make_account(session)).id
    given = {"name": "Test", "services": "PHONE", "voice_input": "np_rija", "recipient_count": recipients}
    campaign = Campaign(account_id=account_id, **{**given, **values})
    session.add(campaign)
    await session.flush()
    if recipients:
        rows = [
            {"campaign_id": campaign.id, "number": f"+97798{n:08d}", "national": f"98{n:08d}"}
            for n in range(recipients)
        ]
        await session.execute(insert(Recipient), rows)
    return campaign


async def recipient_ids(session: AsyncSession, campaign: Campaign) -> list[int]:
    query = select(Recipient.id).where(Recipient.campaign_id == campaign.id).order_by(Recipient.id)
    return list(await session.scalars(query))


async def make_run(session: AsyncSession, campaign: Campaign, **values: object) -> Run:
    given = {
        "state": RunState.RUNNING,
        "services": "PHONE",
        "voice_input": "np_rija",
        "message": "नमस्ते",
        "first": "message",
        "ring_timeout_s": 5,
        "recipients": campaign.recipient_count,
        "scheduled_for": NOW,
    }
    run = Run(campaign_id=campaign.id, account_id=campaign.account_id, **{**given, **values})
    session.add(run)
    await session.flush()
    return run


async def make_line(
    session: AsyncSession, places: int = 10, cps: float = 35, trunk: str = "sip:127.0.0.1", kind: str = "sip"
) -> Line:
    line = Line(kind=kind, trunk=trunk, places=places, cps=cps, host="test", pid=1)
    session.add(line)
    await session.flush()
    return line


async def make_calls(
    session: AsyncSession,
    run: Run,
    statuses: Sequence[CallStatus],
    *,
    line_id: int | None = None,
    **values: object,
) -> list[Call]:
    query = select(Recipient.id).where(Recipient.campaign_id == run.campaign_id).order_by(Recipient.id)
    ids = list(await session.scalars(query))
    calls = [
        Call(run_id=run.id, recipient_id=recipient, status=status, line_id=line_id, **values)
        for recipient, status in zip(ids, statuses, strict=False)
    ]
    session.add_all(calls)
    await session.flush()
    return calls
