import pytest

from app.accounts.models import Account
from app.accounts.operating import account_of
from app.calls.state import CallStatus, Channel
from app.core.errors import InvalidError, NotFoundError
from app.dispatch.leader_view import trunk_limits, waiting_runs
from app.dispatch.limits import known_trunks, limit_account, limit_run, limit_trunk, read_changes
from app.dispatch.pacing_figures import Limits
from app.runs.models import Run
from app.runs.state import QueuePriority, RunState
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
        await limit_run(session, run.id, read_changes("2.5", "7", queue_priority="high"))
        await limit_account(session, await session.get_one(Account, account.id), read_changes(calls="9"))
    after = await seen(engine)
    assert (after.limits, after.account_limits) == (Limits(2.5, 7), Limits(None, 9))
    assert (after.priority, after.held, after.account_held, after.queued) == (QueuePriority.HIGH, 2, 2, 1)


async def test_what_a_change_does_not_name_stays(engine, sessions, running):
    run, account = running
    trunk = (await trunks_with_lines(sessions))[0]
    for changes in (
        read_changes("5", "10"),
        read_changes(weight=3),
        read_changes(),
        read_changes(calls="unlimited"),
    ):
        async with sessions.begin() as session:
            await limit_trunk(session, trunk, changes)
    async with engine.connect() as connection:
        assert await trunk_limits(connection) == {trunk: (Limits(5.0, None), 3)}

    for changes in (
        read_changes("5", "10", queue_priority="low"),
        read_changes(cps="unlimited"),
        read_changes(),
    ):
        async with sessions.begin() as session:
            await limit_run(session, run.id, changes)
            await limit_account(session, await session.get_one(Account, account.id), changes)
    after = await seen(engine)
    assert (after.limits, after.account_limits, after.priority) == (
        Limits(None, 10),
        Limits(None, 10),
        QueuePriority.LOW,
    )


async def trunks_with_lines(sessions) -> list[str]:
    async with sessions() as session:
        return await known_trunks(session)


async def test_what_is_not_there_is_refused_with_the_names_of_what_is(engine, sessions, running):
    run, account = running
    async with sessions() as session:
        with pytest.raises(
            NotFoundError, match=rf"no account for {account.email[:-1]}. Known: {account.email}"
        ):
            await account_of(session, account.email[:-1])
        with pytest.raises(NotFoundError, match=f"No run 1000000000 is under way. Known: {run.id}"):
            await limit_run(session, 10**9, read_changes(cps="1"))
        with pytest.raises(NotFoundError, match=r"no trunk sip:127\.0\.0\.2\. Known: sip:127\.0\.0\.1"):
            await limit_trunk(session, "sip:127.0.0.2", read_changes(cps="1"))
        with pytest.raises(InvalidError):
            read_changes(weight=0)
        assert await limit_trunk(
            session, "sip:new.example.net", read_changes(cps="1"), ["sip:new.example.net"]
        )
        await session.rollback()
    async with engine.connect() as connection:
        assert await trunk_limits(connection) == {}


async def test_a_run_that_is_over_has_no_limits_to_set(sessions, running):
    run, _ = running
    async with sessions.begin() as session:
        (await session.get_one(Run, run.id)).state = RunState.COMPLETED
    async with sessions() as session:
        with pytest.raises(NotFoundError, match="There is none at all"):
            await limit_run(session, run.id, read_changes(cps="1"))


@pytest.mark.parametrize(
    ("cps", "calls"),
    [
        ("0", "unlimited"),
        ("-1", "unlimited"),
        ("x", "unlimited"),
        ("unlimited", "1.5"),
        ("inf", "1"),
        ("1", "0"),
        ("none", "1"),
        ("1", "none"),
    ],
)
def test_what_is_no_limit_is_refused(cps, calls):
    with pytest.raises(InvalidError):
        read_changes(cps, calls)


def test_one_word_alone_is_no_limit():
    assert read_changes("unlimited", "Unlimited") == {"max_cps": None, "max_calls": None}
    assert read_changes("0.5", "10") == {"max_cps": 0.5, "max_calls": 10}
