"""Outside the trial, no process starts on a secret that a stranger could guess, and none says what its secrets are."""

import secrets
from collections.abc import Callable

import pytest

from app.core.settings import Settings
from app.wiring import open_parts

DATABASE = "postgresql://tingting:{}@127.0.0.1:5432/tingting"
REDIS = "redis://:{}@127.0.0.1:6379/0"


def strong() -> str:
    return secrets.token_urlsafe(36)


def with_secrets(
    *, jwt: str | None = None, database: str | None = None, redis: str | None = None, **more
) -> Settings:
    return Settings(
        jwt_secret=jwt or strong(),
        database_url=DATABASE.format(database or strong()),
        redis_url=REDIS.format(redis or strong()),
        **more,
    )


def test_random_secrets_are_taken():
    for make in (strong, lambda: secrets.token_hex(32)):
        with_secrets(jwt=make(), database=make(), redis=make()).refuse_weak_secrets()


@pytest.mark.parametrize(
    "key",
    ["x" * 64, "ab" * 32, "changeme" * 8, "your-secret-key-here-at-least-32-characters", "0123456789" * 4],
)
def test_a_signing_key_from_a_manual_is_refused_by_name_and_not_repeated(key):
    with pytest.raises(ValueError, match="TINGTING_JWT_SECRET") as refused:
        with_secrets(jwt=key).refuse_weak_secrets()
    assert key not in str(refused.value)


@pytest.mark.parametrize(
    "password", ["postgres", "short1", "aaaaaaaaaaaaaaaa", "tingting-2026-tingting", "pass%77ord-for-it"]
)
@pytest.mark.parametrize("server", ["database", "redis"])
def test_a_server_password_that_is_short_or_known_is_refused_by_name_and_not_repeated(server, password):
    with pytest.raises(ValueError, match=f"TINGTING_{server.upper()}_URL") as refused:
        with_secrets(**{server: password}).refuse_weak_secrets()
    assert password not in str(refused.value)


def test_an_address_without_a_password_is_left_to_its_server():
    Settings(
        jwt_secret=strong(), database_url="postgresql:///tingting", redis_url="redis://127.0.0.1"
    ).refuse_weak_secrets()


def test_the_trial_which_reaches_nobody_takes_any_key_of_the_right_length():
    with_secrets(jwt="x" * 32, database="postgres", redis="redis", trial=True).refuse_weak_secrets()


def test_a_short_signing_key_is_refused_everywhere_and_never_shown():
    short = "a-short-key"
    with pytest.raises(ValueError, match="at least 32 characters") as refused:
        Settings(jwt_secret=short, trial=True)
    assert short not in str(refused.value)


async def test_nothing_is_opened_with_a_guessable_key():
    with pytest.raises(ValueError, match="TINGTING_JWT_SECRET"):
        async with open_parts(with_secrets(jwt="x" * 64), application="tests"):
            pass


def test_settings_do_not_print_their_secrets():
    jwt, database, redis, sip = strong(), strong(), strong(), strong()
    said = repr(with_secrets(jwt=jwt, database=database, redis=redis, sip_password=sip))
    for secret in (jwt, database, redis, sip):
        assert secret not in said


@pytest.mark.parametrize("part", ["api", "worker", "line"])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TINGTING_JWT_SECRET", "x" * 64),
        ("TINGTING_DATABASE_URL", DATABASE.format("postgres")),
        ("TINGTING_REDIS_URL", REDIS.format("changeme")),
    ],
)
def test_no_part_starts_on_a_weak_secret(tingting: Callable, part: str, variable: str, value: str):
    sound = {
        "TINGTING_JWT_SECRET": strong(),
        "TINGTING_DATABASE_URL": DATABASE.format(strong()),
        "TINGTING_REDIS_URL": REDIS.format(strong()),
        "TINGTING_SIP_TRUNK": "sip:127.0.0.1:1",
    }
    done = tingting(part, **{**sound, variable: value})
    assert done.returncode == 2, done.stderr
    assert variable in done.stderr
    assert done.stderr.count("\n") == 1
    assert value not in done.stderr


def test_a_stack_for_a_real_trunk_does_not_start_on_a_weak_key(tingting: Callable):
    done = tingting("up", TINGTING_SIP_TRUNK="sip:127.0.0.1:1", TINGTING_JWT_SECRET="x" * 64)
    assert done.returncode == 2, done.stderr
    assert "TINGTING_JWT_SECRET" in done.stderr
