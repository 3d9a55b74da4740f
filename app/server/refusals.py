"""Answers to what is no request yet: written by the connection itself, in the envelope of every other answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from app.api.envelope import failure
from app.core.errors import Item


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status with its one item."""

    status: HTTPStatus
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


def head_too_large(most: int) -> Refusal:
    """431: the request line and its headers, or the trailers behind its body, are over `most` bytes."""
    message = f"The headers are over {most // 1024} KiB together. Send fewer or shorter ones."
    return Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", message)


def head_late(seconds: float) -> Refusal:
    """408: the headers did not end within `seconds`."""
    message = f"The headers did not arrive within {seconds:g} seconds. Check the connection and try again."
    return Refusal(HTTPStatus.REQUEST_TIMEOUT, "headers_late", message)


def too_many(*, in_all: bool) -> Refusal:
    """429 or 503: too many connections of one address, or `in_all`."""
    if in_all:
        message = "The service has as many connections as it can hold. Try again in a few seconds."
        return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too_many_connections", message, {"Retry-After": "5"})
    message = "This address has too many connections open. Close some, or use each for several requests."
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too_many_connections", message, {"Retry-After": "5"})


def bad_request(why: str) -> Refusal:
    """400: this is not HTTP."""
    return Refusal(HTTPStatus.BAD_REQUEST, "invalid_request", f"{why} Let an HTTP client build it.")


def written(refusal: Refusal, headers: Mapping[str, str]) -> bytes:
    """The whole answer, with `headers` beside its own; the connection is closed behind it."""
    item = Item(None, refusal.code, refusal.message)
    body = bytes(failure(refusal.status, [item]).body)
    lines = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        **headers,
        **refusal.headers,
    }
    head = f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}\r\n"
    head += "".join(f"{name.lower()}: {value}\r\n" for name, value in lines.items())
    return head.encode() + b"\r\n" + body
