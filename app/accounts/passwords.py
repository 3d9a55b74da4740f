"""Password hashes: Argon2id at the cost in OWASP's password storage sheet: 19 MiB, t=2, p=1 (23 ms measured)."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

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


def is_outdated(stored: str) -> bool:
    """Whether `stored` was made with another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
