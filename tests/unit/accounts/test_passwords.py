from app.accounts.passwords import NOBODY, hash_password, is_outdated, verify_password


async def test_a_password_matches_its_own_hash_only():
    stored = await hash_password("सुरक्षित पासवर्ड")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify_password(stored, "सुरक्षित पासवर्ड")
    assert not await verify_password(stored, "सुरक्षित पासवर्ड ")
    assert not is_outdated(stored)


async def test_two_hashes_of_one_password_differ():
    assert await hash_password("password") != await hash_password("password")


async def test_nobody_matches_and_costs_what_a_real_hash_costs():
    assert not await verify_password(None, "password")
    assert not is_outdated(NOBODY)


async def test_a_hash_that_cannot_be_read_matches_nothing():
    assert not await verify_password("not a hash", "password")
    assert not await verify_password("", "password")


def test_a_hash_of_another_cost_is_outdated():
    assert is_outdated("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43)
