"""How a door words its refusals: each door has a way of its own, chosen by the start of the path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import Scope

from app.core.errors import (
    ConflictError,
    Item,
    ProblemError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
)
from app.http.statuses import status_of


class Refuse(Protocol):
    """Makes the answer that says what is wrong."""

    def __call__(
        self,
        scope: Scope,
        status: int,
        items: Sequence[Item],
        *,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One door's way.

    Attributes:
        refuse: its shape of an error.
        challenge: ``WWW-Authenticate`` of a 401 (RFC 9110, 11.6.1); None where one signs in on a page.
    """

    refuse: Refuse
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Dialects:
    """Every door's way, as the application keeps it in ``state.dialects``.

    Attributes:
        usual: for paths that begin with none of the others.
        by_prefix: by the start of the path, such as ``/console`` or ``/api/v1``; of several the longest counts.
    """

    usual: Dialect
    by_prefix: Mapping[str, Dialect] = field(default_factory=dict)

    def of(self, path: str) -> Dialect:
        """The dialect of the door at `path`."""
        named = [prefix for prefix in self.by_prefix if f"{path}/".startswith(f"{prefix}/")]
        return self.by_prefix[max(named, key=len)] if named else self.usual


def dialect_of(scope: Scope) -> Dialect:
    """The dialect that the request is answered in."""
    dialects: Dialects = scope["app"].state.dialects
    return dialects.of(scope["path"])


def refusal(
    scope: Scope,
    status: int,
    items: Sequence[Item],
    *,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A bad answer to the request."""
    return dialect_of(scope).refuse(scope, status, items, data=data, headers=headers)


def answer_problem(scope: Scope, problem: ProblemError) -> Response:
    """The answer to an expected failure, with the headers that its status calls for."""
    dialect = dialect_of(scope)
    headers: dict[str, str] = {}
    if isinstance(problem, UnauthenticatedError) and dialect.challenge is not None:
        headers["WWW-Authenticate"] = dialect.challenge
    if isinstance(problem, (ThrottledError, UnavailableError)):
        headers["Retry-After"] = str(problem.retry_after)
    data = problem.data if isinstance(problem, ConflictError) else None
    return dialect.refuse(scope, status_of(problem), problem.items, data=data, headers=headers)
