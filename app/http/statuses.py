"""The one place that knows which HTTP status each failure becomes."""

from app.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    MalformedError,
    NotFoundError,
    ProblemError,
    StorageFullError,
    ThrottledError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
)

STATUSES: dict[type[ProblemError], int] = {
    MalformedError: 400,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    UnsupportedError: 415,
    InvalidError: 422,
    ThrottledError: 429,
    UnavailableError: 503,
    StorageFullError: 507,
}


def status_of(problem: ProblemError) -> int:
    """The HTTP status of a problem; a class of its own counts as the nearest parent that is listed."""
    return next((STATUSES[kind] for kind in type(problem).__mro__ if kind in STATUSES), 422)
