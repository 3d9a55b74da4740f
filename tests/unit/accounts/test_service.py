from datetime import UTC, datetime

import pytest

from app.accounts import repository, service
from app.core.errors import ConflictError, InvalidError, UnauthenticatedError

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


async def test_an_account_is_made_with_its_email_in_lower_case(session):
    account = await service.create_account(session, email=" Asha@Example.COM ", password="three long words")

    assert account.email == "asha@example.com"
    assert account.username == "asha"
    assert account.is_active
    assert account.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("email", "password", "field", "code"),
    [
        ("asha", "three long words", "email", "invalid_email"),
        ("a@b@c", "three long words", "email", "invalid_email"),
        ("a b@c", "three long words", "email", "invalid_email"),
        ("", "three long words", "email", "invalid_email"),
        ("a" * 250 + "@example.com", "three long words", "email", "invalid_email"),
        ("asha@example.com", "short", "password", "password_too_short"),
        ("asha@example.com", "x" * 1001, "password", "password_too_long"),
    ],
)
async def test_an_account_that_cannot_be_is_refused_by_field(session, email, password, field, code):
    with pytest.raises(InvalidError) as caught:
        await service.create_account(session, email=email, password=password)

    assert (caught.value.items[0].field, caught.value.items[0].code) == (field, code)


async def test_an_email_has_one_account_in_whatever_case(session):
    await service.create_account(session, email="asha@example.com", password="three long words")

    with pytest.raises(ConflictError) as caught:
        await service.create_account(session, email="ASHA@example.com", password="three long words")

    assert caught.value.items[0].code == "email_taken"


async def test_a_hash_of_an_old_cost_is_renewed_at_login(session):
    account = await service.create_account(session, email="asha@example.com", password="three long words")
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("three long words")
    account.password_hash = old
    await session.flush()

    await service.authenticate(session, "asha@example.com", "three long words", NOW)

    stored = await repository.find_by_email(session, "asha@example.com")
    await session.refresh(stored)
    assert stored.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_wrong_password_leaves_the_hash_alone(session):
    account = await service.create_account(session, email="asha@example.com", password="three long words")
    before = account.password_hash

    with pytest.raises(UnauthenticatedError):
        await service.authenticate(session, "asha@example.com", "something else", NOW)

    assert account.password_hash == before
