import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.calls.dispatching import trunk_limits, waiting_runs
from app.calls.state import CallStatus, Channel
from app.core.errors import InvalidError, NotFoundError
from app.runs.limits import limit_account, limit_run, limit_trunk, read_limits
from app.runs.pacing import Limits, QueuePriority
from tests.factories import make_calls, make_campaign, make_line, make_run


@pytest.fixture
async def running(sessions):
    """A running run with two calls in hand and one queued."""
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 3))
        line = await make_line(session)
        await make_calls(
            session, run, [CallStatus.RINGING, CallStatus.CLAIMED, CallStatus.QUEUED], line_id=line.id
        )
        account = await session.get_one(Account, run.account_id)
    return run, account


async def seen(engine):
    async with engine.connect() as connection:
        (run,) = (await waiting_runs(connection))[Channel.VOICE]
        return run


async def test_limits_that_are_set_while_a_run_goes_on_reach_the_leader(engine, sessions, running):
    run, account = running
    before = await seen(engine)
    assert (before.limits, before.account_limits, before.priority) == (
        Limits(),
        Limits(),
        QueuePriority.NORMAL,
    )
    async with sessions.begin() as session:
        await limit_run(session, run.id, Limits(2.5, 7), QueuePriority.HIGH)
        await limit_account(session, account.email, Limits(None, 9), None)
    after = await seen(engine)
    assert (after.limits, after.account_limits) == (Limits(2.5, 7), Limits(None, 9))
    assert (after.priority, after.held, after.account_held, after.queued) == (QueuePriority.HIGH, 2, 2, 1)


async def test_a_trunks_limits_are_replaced(engine, sessions):
    async with sessions.begin() as session:
        await limit_trunk(session, "sip:a.example.net", Limits(30.0, None), 3)
    async with sessions.begin() as session:
        await limit_trunk(session, "sip:a.example.net", Limits(None, 50), 1)
    async with engine.connect() as connection:
        assert await trunk_limits(connection) == {"sip:a.example.net": (Limits(None, 50), 1)}


async def test_limits_of_what_is_not_there_are_refused(sessions):
    async with sessions() as session:
        with pytest.raises(NotFoundError):
            await limit_account(session, "nobody@example.org", Limits(), None)
        with pytest.raises(NotFoundError):
            await limit_run(session, 10**9, Limits(), None)
        with pytest.raises(InvalidError):
            await limit_trunk(session, "sip:a.example.net", Limits(), 0)
        assert await session.scalar(select(Account.id).where(Account.email == "nobody@example.org")) is None


@pytest.mark.parametrize(
    ("cps", "calls"), [("0", "none"), ("-1", "none"), ("x", "none"), ("none", "1.5"), ("inf", "1")]
)
def test_what_is_no_limit_is_refused(cps, calls):
    with pytest.raises(InvalidError):
        read_limits(cps, calls)


def test_none_is_no_limit():
    assert read_limits("none", "None") == Limits()
    assert read_limits("0.5", "10") == Limits(0.5, 10)
