import pytest

from app.accounts.service import add_caller_number
from app.core.errors import InvalidError, NotFoundError
from tests.factories import make_account


async def test_a_caller_number_has_one_id_however_it_is_written(session):
    account = await make_account(session)
    first = await add_caller_number(session, account.email, "01-5970000")
    assert await add_caller_number(session, account.email.upper(), "+977 1 5970000") == first
    assert await add_caller_number(session, account.email, "9841234567") != first


async def test_two_accounts_may_show_the_same_number(session):
    one, other = await make_account(session), await make_account(session)
    number = "+97715970000"
    assert await add_caller_number(session, one.email, number) != await add_caller_number(
        session, other.email, number
    )


async def test_what_is_no_number_and_nobodys_email_are_refused(session):
    account = await make_account(session)
    with pytest.raises(InvalidError) as raised:
        await add_caller_number(session, account.email, "abc")
    assert raised.value.items[0].code == "invalid_number"
    with pytest.raises(NotFoundError):
        await add_caller_number(session, "nobody@example.org", "9841234567")
