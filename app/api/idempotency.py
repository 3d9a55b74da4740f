"""The header `Idempotency-Key` of routes that do something."""

from typing import Annotated

from fastapi import Depends, Header, Request

from app.api.bodies import SentBody
from app.api.signed_in import CurrentAccount
from app.http.deps import CurrentWork, PartsDep
from app.http.idempotency import Once, claim_key

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Up to 255 characters of your choice, such as a UUID. Sent again with the same body within "
        "24 hours it gives the first answer and does nothing twice.",
    ),
]


async def _once(
    request: Request,
    account: CurrentAccount,
    body: SentBody,
    parts: PartsDep,
    work: CurrentWork,
    key: KeyHeader = None,
) -> Once:
    return await claim_key(parts, work, account.id, key, request, body)


OnceDep = Annotated[Once, Depends(_once)]
"""Put it behind the body in the signature: a body that is refused must not claim a key."""
