"""What the HTTP side alone needs, made once from the settings at start."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from app.accounts.rates import Rates
from app.accounts.throttle import LoginThrottle
from app.accounts.tokens import TokenMaker
from app.core.settings import Settings
from app.core.turns import Turns
from app.files.room import Storage
from app.http.links import SignedLinks
from app.wiring import Parts


@dataclass(frozen=True, slots=True)
class CostlyTurns:
    """Turns of this process.

    Attributes:
        voice: at being spoken. The speech processes are few, and serve in the order asked.
        files: at having a file read, decoded or stored.
        large_bodies: at having a large JSON body or plain form in memory: parsed, it takes several times its length.
    """

    voice: Turns = field(default_factory=lambda: Turns(32))
    files: Turns = field(default_factory=lambda: Turns(8, each=2))
    large_bodies: Turns = field(default_factory=lambda: Turns(1))


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in.

    Attributes:
        tokens: makes and reads access and refresh tokens.
        throttle: counts attempts to log in.
        links: signs addresses that open without a token.
        rates: counts what is costly, for each account.
        turns: at costly work in this process.
        storage: what uploads may take of the disks.
    """

    tokens: TokenMaker
    throttle: LoginThrottle
    links: SignedLinks
    rates: Rates
    turns: CostlyTurns
    storage: Storage


def open_access(settings: Settings, parts: Parts) -> Access:
    """Build from `settings`; ValueError that names the variable when the signing key is missing."""
    secret = settings.required("jwt_secret")
    return Access(
        tokens=TokenMaker(secret, access_ttl_s=settings.access_ttl_s, refresh_ttl_s=settings.refresh_ttl_s),
        throttle=LoginThrottle(parts.redis),
        links=SignedLinks(secret, parts.clock),
        rates=Rates(parts.redis),
        turns=CostlyTurns(),
        storage=_storage(settings, parts),
    )


def _storage(settings: Settings, parts: Parts) -> Storage:
    kept = parts.blobs.folder or Path(tempfile.gettempdir())
    return Storage(settings.storage_quota_bytes, settings.disk_reserve_bytes, kept)
