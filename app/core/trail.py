"""The trail: who did what, a line each in the log of the process that did it. No body, number or password is in it."""

from app.core.logging import TRAIL, get_logger

_log = get_logger(TRAIL)


def tell(event: str, **values: object) -> None:
    """Write one line, at any level of the log; within a request it carries the request's id and its account."""
    _log.info(event, **values)
