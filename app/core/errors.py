"""What can go wrong, in the domain's words. `app.http.statuses` alone knows which HTTP status each becomes.

Every problem carries items: the field it concerns (or None), a stable code that clients may compare, and a
sentence that says what to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is wrong.

    Attributes:
        field: dotted path of the input, such as ``individual_number.1``; None when no single field is to blame.
        code: stable, snake_case; never reworded once released.
        message: what to do about it, for a person.
    """

    field: str | None
    code: str
    message: str


class ProblemError(Exception):
    """Base of all expected failures; the message is the first item's."""

    def __init__(self, *items: Item) -> None:
        self.items: tuple[Item, ...] = items
        super().__init__(items[0].message if items else "")

    @classmethod
    def of(cls, code: str, message: str, field: str | None = None) -> "ProblemError":
        """A problem with a single item."""
        return cls(Item(field, code, message))


class MalformedError(ProblemError):
    """The bytes cannot be read as what they claim to be."""


class InvalidError(ProblemError):
    """Readable, but a value is wrong."""


class UnauthenticatedError(ProblemError):
    """Nobody is known to be asking."""


class ForbiddenError(ProblemError):
    """The account is known, and may not do this with its own things."""


class NotFoundError(ProblemError):
    """No such thing for this account; another account's things do not exist either."""


class ConflictError(ProblemError):
    """Right in itself, but not in the present state.

    Attributes:
        data: what the answer's `data` carries, such as the id of the run in the way.
    """

    def __init__(self, *items: Item, data: dict[str, object] | None = None) -> None:
        super().__init__(*items)
        self.data = data or {}


class TooLargeError(ProblemError):
    """Over a size limit."""


class UnsupportedError(ProblemError):
    """A format or content type that is not read."""


class ThrottledError(ProblemError):
    """Too many attempts; `retry_after` in whole seconds."""

    def __init__(self, *items: Item, retry_after: int) -> None:
        super().__init__(*items)
        self.retry_after = retry_after


class UnavailableError(ProblemError):
    """Something that this service stands on is down; worth another try in `retry_after` seconds."""

    def __init__(self, *items: Item, retry_after: int = 5) -> None:
        super().__init__(*items)
        self.retry_after = retry_after


class StorageFullError(ProblemError):
    """No room is left to store what was sent."""


def invalid(field: str | None, code: str, message: str) -> InvalidError:
    """An `InvalidError` with one item, field first as it reads in the answer."""
    return InvalidError(Item(field, code, message))


def all_invalid(items: Sequence[Item]) -> InvalidError:
    """An `InvalidError` with every item found, so that a client mends them all at once."""
    return InvalidError(*items)
