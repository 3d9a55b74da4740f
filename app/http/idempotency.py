"""Idempotency keys: the same key and body within 24 hours gives the first answer, and does nothing again.

Only answers that did something are kept. A request that was refused (4xx) or failed (5xx) changed nothing, so the
same key may be used to try again, with the mistake mended or not.
"""

import json
from hashlib import sha256
from typing import Protocol

from fastapi import Request
from fastapi.responses import Response

from app.accounts import idempotency
from app.accounts.idempotency import Answered, Claim
from app.actions.work import Work
from app.core.errors import invalid
from app.http.body import Body
from app.wiring import Parts

REPLAY_HEADER = "Idempotent-Replay"
_LONGEST_KEY = 255


class ReplayedError(Exception):
    """Not a failure: ends the request with the answer that was kept."""

    def __init__(self, answer: Answered) -> None:
        super().__init__("answered before")
        self.answer = answer


class Answer(Protocol):
    """A good answer, in any door's envelope."""

    status: int

    def model_dump_json(self, *, by_alias: bool) -> str: ...


class Once:
    """This request's claim on its key, if it sent one."""

    def __init__(self, work: Work, claimed: Claim | None) -> None:
        self._work = work
        self._claimed = claimed

    async def keep(self, answer: Answer) -> Response:
        """The response for `answer`, kept in the request's own transaction. Every path of the route ends with it."""
        body = answer.model_dump_json(by_alias=True).encode()
        if self._claimed is not None:
            await idempotency.keep(self._work.session, self._claimed, answer.status, body)
        return Response(body, status_code=answer.status, media_type="application/json")


async def claim_key(
    parts: Parts, work: Work, account_id: int, key: str | None, request: Request, body: Body
) -> Once:
    """The claim on `key` for this request.

    Raises:
        InvalidError: ``invalid_idempotency_key``.
        ConflictError: the key is in use, or was used with another body.
        ReplayedError: it was answered before.
    """
    if key is None:
        return Once(work, None)
    if not 1 <= len(key) <= _LONGEST_KEY:
        message = f"An Idempotency-Key has 1 to {_LONGEST_KEY} characters."
        raise invalid("Idempotency-Key", "invalid_idempotency_key", message)
    line = json.dumps([request.method, request.url.path.rstrip("/")]).encode()
    fingerprint = sha256(line + await body.digest()).digest()
    async with parts.sessions.begin() as session:
        claimed = await idempotency.claim(session, account_id, key, fingerprint, parts.clock.now())
    if isinstance(claimed, Answered):
        raise ReplayedError(claimed)
    work.after_rollback(lambda: _release(parts, claimed))
    return Once(work, claimed)


async def _release(parts: Parts, claimed: Claim) -> None:
    async with parts.sessions.begin() as session:
        await idempotency.release(session, claimed)


async def replay(_: Request, error: Exception) -> Response:
    """Handler of `ReplayedError`."""
    if not isinstance(error, ReplayedError):
        raise error
    answer = error.answer
    headers = {REPLAY_HEADER: "true"}
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)
