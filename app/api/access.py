"""What the HTTP side alone needs, made once from the settings at start."""

from dataclasses import dataclass

from app.accounts.throttle import LoginThrottle
from app.accounts.tokens import TokenMaker
from app.api.links import SignedLinks
from app.core.settings import Settings
from app.wiring import Parts


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in.

    Attributes:
        tokens: makes and reads access and refresh tokens.
        throttle: counts attempts to log in.
        links: signs addresses that open without a token.
    """

    tokens: TokenMaker
    throttle: LoginThrottle
    links: SignedLinks


def open_access(settings: Settings, parts: Parts) -> Access:
    """Build from `settings`; ValueError that names the variable when the signing key is missing."""
    secret = settings.required("jwt_secret")
    return Access(
        tokens=TokenMaker(secret, access_ttl_s=settings.access_ttl_s, refresh_ttl_s=settings.refresh_ttl_s),
        throttle=LoginThrottle(parts.redis),
        links=SignedLinks(secret, parts.clock),
    )
