"""Addresses that open without a token, for a player or a browser, until they expire."""

import hmac
from hashlib import sha256

from app.core.clock import Clock
from app.core.errors import Item, UnauthenticatedError

LINK_TTL_S = 3600


class SignedLinks:
    """Signs a path and its expiry with HMAC-SHA256 under a key that is used for nothing else."""

    def __init__(self, secret: str, clock: Clock) -> None:
        # A key of its own: a signature made here can never pass for a token's, nor the other way.
        self._key = hmac.digest(secret.encode(), b"tingting signed links", sha256)
        self._clock = clock

    def sign(self, path: str, ttl_s: int = LINK_TTL_S) -> str:
        """`path` (no query) with ``?expires=…&signature=…``; good for `ttl_s` seconds."""
        expires = int(self._clock.now().timestamp()) + ttl_s
        return f"{path}?expires={expires}&signature={self._signature(path, str(expires))}"

    def check(self, path: str, expires: str, signature: str) -> None:
        """Raise UnauthenticatedError ``link_invalid`` or ``link_expired``; the signature is judged first."""
        if not hmac.compare_digest(self._signature(path, expires).encode(), signature.encode()):
            message = "This address is not one that we signed. Ask for a new one."
            raise UnauthenticatedError(Item(None, "link_invalid", message))
        if int(expires) < self._clock.now().timestamp():
            raise UnauthenticatedError(
                Item(None, "link_expired", "This address has expired. Ask for a new one.")
            )

    def _signature(self, path: str, expires: str) -> str:
        return hmac.new(self._key, f"{path}\n{expires}".encode(), sha256).hexdigest()
