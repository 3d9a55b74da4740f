"""Sign-ins at the console, on a real PostgreSQL."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import operating, repository, sessions
from app.accounts.models import ConsoleSession
from app.accounts.sessions import Life
from app.core.errors import UnauthenticatedError
from tests.factories import NOW, make_account

LIFE = Life(idle=timedelta(hours=8), whole=timedelta(days=14))


async def signed_in(session, account, now=NOW):
    return await sessions.begin(session, account, life=LIFE, address="192.0.2.7", browser="Firefox", now=now)


async def test_a_token_finds_its_sign_in_and_no_other(session):
    asha, bikash = await make_account(session), await make_account(session)
    first, second = await signed_in(session, asha), await signed_in(session, bikash)

    found = await sessions.find(session, first, life=LIFE, now=NOW)

    assert first != second
    assert found is not None
    assert found[1].id == asha.id
    assert await sessions.find(session, first + "x", life=LIFE, now=NOW) is None


async def test_the_database_holds_no_token_that_could_be_sent(session):
    token = await signed_in(session, await make_account(session))

    kept = await session.scalar(select(ConsoleSession.token_hash))

    assert token.encode() not in kept
    assert len(kept) == 32


async def test_use_keeps_a_sign_in_until_its_whole_life_is_over(session):
    token = await signed_in(session, await make_account(session))
    now, step = NOW, timedelta(hours=7)
    while (found := await sessions.find(session, token, life=LIFE, now=now)) is not None:
        await sessions.note_use(session, found[0], now)
        await session.refresh(found[0])
        now += step

    assert NOW + LIFE.whole <= now < NOW + LIFE.whole + step


async def test_without_use_it_ends_after_the_idle_time(session):
    token = await signed_in(session, await make_account(session))

    assert (
        await sessions.find(session, token, life=LIFE, now=NOW + timedelta(hours=7, minutes=59)) is not None
    )
    assert await sessions.find(session, token, life=LIFE, now=NOW + timedelta(hours=8)) is None


async def test_an_account_that_is_switched_off_is_out_at_once(session):
    account = await make_account(session)
    token = await signed_in(session, account)

    assert await operating.switch_off(session, account, NOW) == 1

    assert await sessions.find(session, token, life=LIFE, now=NOW) is None
    with pytest.raises(UnauthenticatedError):
        await signed_in(session, account)


async def test_what_ends_every_sign_in_spares_the_one_that_asks(session):
    account = await make_account(session)
    kept, other = await signed_in(session, account), await signed_in(session, account)
    mine = await sessions.find(session, kept, life=LIFE, now=NOW)

    assert await repository.usable_sign_ins(session, account.id, NOW) == 2
    assert await repository.revoke_sign_ins(session, account.id, NOW, keep=mine[0].id) == 1

    assert await sessions.find(session, kept, life=LIFE, now=NOW) is not None
    assert await sessions.find(session, other, life=LIFE, now=NOW) is None


async def test_a_renewed_token_shuts_the_old_one_out(session):
    old = await signed_in(session, await make_account(session))
    found = await sessions.find(session, old, life=LIFE, now=NOW)

    new = await sessions.renew(session, found[0].id)

    assert await sessions.find(session, old, life=LIFE, now=NOW) is None
    assert (await sessions.find(session, new, life=LIFE, now=NOW))[0].id == found[0].id


async def test_ended_sign_ins_of_all_accounts_are_deleted_at_the_next_one(session):
    await signed_in(session, await make_account(session))

    await signed_in(session, await make_account(session), NOW + timedelta(hours=9))

    assert len((await session.scalars(select(ConsoleSession))).all()) == 1
