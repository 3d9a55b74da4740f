import pytest

from app.accounts.operating import add_caller_number
from app.core.errors import InvalidError
from tests.factories import make_account


async def test_a_caller_number_has_one_id_however_it_is_written(session):
    account = await make_account(session)
    first = await add_caller_number(session, account, "01-5970000")
    assert await add_caller_number(session, account, "+977 1 5970000") == first
    assert await add_caller_number(session, account, "9841234567") != first


async def test_two_accounts_may_show_the_same_number(session):
    one, other = await make_account(session), await make_account(session)
    number = "+97715970000"
    assert await add_caller_number(session, one, number) != await add_caller_number(session, other, number)


async def test_what_is_no_number_is_refused(session):
    account = await make_account(session)
    with pytest.raises(InvalidError) as raised:
        await add_caller_number(session, account, "abc")
    assert raised.value.items[0].code == "invalid_number"
