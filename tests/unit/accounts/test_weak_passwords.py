import pytest

from app.accounts.passwords import one_time_password, refuse_weak
from app.core.errors import InvalidError

ABOUT = ("asha@example.com", "Asha", "Gurung")


async def _code(password: str, shortest: int | None = None) -> str | None:
    try:
        await refuse_weak("new", password, ABOUT, shortest)
    except InvalidError as error:
        return error.items[0].code
    return None


@pytest.mark.parametrize(
    "password",
    [
        "password12",
        "Password123!",
        "P@ssw0rd2024",
        "qwertyuiop",
        "1234567890",
        "iloveyou12",
        "letmein2026!",
        "Welcome@123",
        "nepal12345",
        "Nepal@12345",
        "kathmandu1",
        "tingting123",
        "Admin@1234",
        "9841234567",
        "asha1234567",
        "asha@example.com",
        "aaaaaaaaaaaa",
        "x" * 1000,
    ],
)
async def test_a_password_that_is_guessed_first_is_refused(password):
    assert await _code(password) == "password_too_common"


@pytest.mark.parametrize(
    "password",
    ["a long password", "correct horse battery", "kO3_bb8-sX2", "सुरक्षित पासवर्ड", "three long words"],
)
async def test_a_password_that_is_hard_to_guess_is_taken(password):
    assert await _code(password) is None


async def test_nine_characters_and_a_thousand_and_one_are_too_few_and_too_many():
    assert await _code("kO3_bb8-s") == "password_too_short"
    assert await _code("kO3_bb8-sX" + "2" * 991) == "password_too_long"


async def test_a_trials_account_may_have_any_password():
    assert await _code("test", shortest=1) is None
    assert await _code("", shortest=1) == "password_too_short"


async def test_one_time_passwords_differ_and_would_be_taken_as_ones_own():
    given = {one_time_password() for _ in range(100)}
    assert len(given) == 100
    assert await _code(given.pop()) is None
