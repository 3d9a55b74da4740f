"""Access and refresh tokens: JSON Web Tokens (RFC 7519), HS256 and nothing else. No other module reads them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID, uuid4

from jose import jwt
from jose.exceptions import JOSEError

from app.core.errors import Item, UnauthenticatedError

ALGORITHM = "HS256"
ISSUER = "tingting"
AUDIENCE = "tingting-api"
_LONGEST = 4096
_REQUIRED = ("iat", "iss", "aud", "sub", "jti")

Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid access token says; `family` is the sign-in that it came of, with which its `jti` begins."""

    account_id: int
    family: UUID


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """What a valid refresh token says; `jti_hash` is how the database knows it."""

    account_id: int
    jti_hash: bytes


@dataclass(frozen=True, slots=True)
class NewRefresh:
    """A refresh token just made; the database keeps the hash, the client the token."""

    token: str
    jti_hash: bytes
    expires_at: datetime


class TokenMaker:
    """Makes and reads tokens under one secret.

    Args:
        secret: the signing key.
        access_ttl_s: life of an access token, seconds.
        refresh_ttl_s: life of a refresh token, seconds.
    """

    def __init__(self, secret: str, *, access_ttl_s: int, refresh_ttl_s: int) -> None:
        self._secret = secret
        self._access_ttl = timedelta(seconds=access_ttl_s)
        self._refresh_ttl = timedelta(seconds=refresh_ttl_s)

    def access(self, account_id: int, family: UUID, now: datetime) -> str:
        """A new access token of the sign-in `family`, with which it ends."""
        ends = now + self._access_ttl
        return self._make("access", account_id, now, ends, family.hex + uuid4().hex)

    def refresh(self, account_id: int, now: datetime) -> NewRefresh:
        """A new refresh token."""
        jti, expires_at = uuid4().hex, now + self._refresh_ttl
        token = self._make("refresh", account_id, now, expires_at, jti)
        return NewRefresh(token, _hashed(jti), expires_at)

    def read_access(self, token: str, now: datetime) -> AccessClaims:
        """The claims of a valid access token; UnauthenticatedError ``token_invalid`` or ``token_expired``."""
        claims = self._read("access", token, now)
        return AccessClaims(_account_id(claims), _family(claims))

    def read_refresh(self, token: str, now: datetime) -> RefreshClaims:
        """The claims of a valid refresh token; errors as for `read_access`."""
        claims = self._read("refresh", token, now)
        return RefreshClaims(_account_id(claims), _hashed(claims["jti"]))

    def _make(self, kind: Kind, account_id: int, now: datetime, expires_at: datetime, jti: str) -> str:
        claims = {
            "token_type": kind,
            "exp": int(expires_at.timestamp()),
            "iat": int(now.timestamp()),
            "jti": jti,
            "user_id": account_id,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
        }
        token: str = jwt.encode(claims, self._secret, algorithm=ALGORITHM)
        return token

    def _read(self, kind: Kind, token: str, now: datetime) -> dict[str, Any]:
        claims = self._verified(token)
        if claims.get("token_type") != kind:
            raise _invalid(f"This is not {'an access' if kind == 'access' else 'a refresh'} token.")
        expires, issued = claims.get("exp"), claims["iat"]
        if type(expires) is not int or type(issued) is not int or not isinstance(claims["jti"], str):
            raise _invalid("The token is not one of ours.")
        if expires <= now.timestamp():
            message = (
                "The token has expired. Refresh it at POST /api/accounts/token/refresh/ or log in again."
            )
            raise UnauthenticatedError(Item(None, "token_expired", message))
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST:
            raise _invalid("The token is too long to be one of ours.")
        # Without `require_aud` jose takes a token that names no audience at all. `require_exp` would have it look at
        # the machine's clock whatever `verify_exp` says: `_read` sees to `exp`, by the clock that is passed in.
        options: dict[str, bool] = {f"require_{claim}": True for claim in _REQUIRED} | {"verify_exp": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options
            )
        except (JOSEError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
            raise _invalid("The token is not valid. Log in again.") from None
        return claims


def _account_id(claims: dict[str, Any]) -> int:
    account_id = claims.get("user_id")
    if type(account_id) is not int or str(account_id) != claims["sub"]:
        raise _invalid("The token is not one of ours.")
    return account_id


def _family(claims: dict[str, Any]) -> UUID:
    try:
        return UUID(hex=claims["jti"][:32])
    except ValueError:
        raise _invalid("The token is not one of ours.") from None


def _hashed(jti: str) -> bytes:
    return sha256(jti.encode()).digest()


def _invalid(message: str) -> UnauthenticatedError:
    return UnauthenticatedError(Item(None, "token_invalid", message))
