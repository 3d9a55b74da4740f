"""Password hashes: Argon2id at the cost in OWASP's password storage sheet: 19 MiB, t=2, p=1 (23 ms measured)."""

import asyncio
import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from app.core.errors import invalid

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
_SAFE = 3
"""Least score of zxcvbn, 0 to 4: safe from ten thousand guesses a second at a stolen hash for hours (10^8 guesses)."""
_WEIGHED = 40
"""Characters that are weighed: the time grows with the square of the length, and a strong beginning is enough."""
_LOCAL_WORDS = ("tingting", "nepal", "kathmandu", "namaste", "pokhara", "admin", "password")
# Without what is mistaken for another when it is read out over a telephone.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Hash of a random password that nobody kept: an unknown email costs the same time as a wrong password.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$pDPz6l3y+M+ImS0XxHo6Xw$8RYHn/BLs5T008LqBi+Z+SzRtJOFhpo6FZJLz+YzNlA"


async def hash_password(password: str) -> str:
    """The hash to store, computed in a thread (Argon2 lets go of the interpreter's lock)."""
    return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`; None, for an account that does not exist, takes as long."""
    matches = await asyncio.to_thread(_verify, stored or NOBODY, password)
    return matches and stored is not None


async def refuse_weak(field: str, password: str, about: Sequence[str], shortest: int | None = None) -> None:
    """Refuse a password that is short, long or among the first that are guessed.

    What is guessed first is what zxcvbn keeps: lists of common passwords, names and words, and how people vary them.

    Args:
        field: named by the error.
        password: as the owner chose it.
        about: what others know of the owner, such as the email, which guesses begin with.
        shortest: characters; lowered only for a trial's account, whose password may then be a common one too.

    Raises:
        InvalidError: ``password_too_short``, ``password_too_long``, ``password_too_common``.
    """
    least = SHORTEST_PASSWORD if shortest is None else shortest
    if len(password) < least:
        raise invalid(field, "password_too_short", f"The password needs at least {least} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise invalid(field, "password_too_long", f"At most {LONGEST_PASSWORD:,} characters are allowed.")
    if shortest is not None:
        return
    warning = await asyncio.to_thread(_weakness, password, about)
    if warning is not None:
        message = f"{warning} Choose one that is hard to guess, such as four words that have no link."
        raise invalid(field, "password_too_common", message)


def _weakness(password: str, about: Sequence[str]) -> str | None:
    # Its lists take 80 ms to load, which only who sets a password waits for.
    from zxcvbn import zxcvbn

    weighed = zxcvbn(password[:_WEIGHED], user_inputs=[*_LOCAL_WORDS, *about])
    if weighed["score"] >= _SAFE:
        return None
    return str(weighed["feedback"]["warning"] or "This password is easy to guess.")


def one_time_password() -> str:
    """A password to be read out and typed once: sixteen characters at random, 79 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def is_outdated(stored: str) -> bool:
    """Whether `stored` was made with another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        # Want of memory, say, is no wrong password: it ends the request and stands in the log.
        return False
