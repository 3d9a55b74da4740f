"""What an account may do beyond its own things. Operators grant rights by name; no account has one by itself."""

from enum import StrEnum

from app.core.errors import ForbiddenError, Item, invalid


class Right(StrEnum):
    """A right by its name, which is stored; never rename one."""

    ADMIN = "admin"


def read_right(name: str) -> Right:
    """The right of that name, in any letter case; InvalidError ``unknown_right`` that lists those there are."""
    try:
        return Right(name.strip().lower())
    except ValueError:
        known = ", ".join(Right)
        raise invalid("right", "unknown_right", f"There is no right {name!r}; there are: {known}.") from None


def require_right(rights: list[str], right: Right) -> None:
    """Raise ForbiddenError ``missing_right`` unless `right` is among an account's `rights`.

    For what an account does with its own things only: another account's things do not exist for it (404).
    """
    if right not in rights:
        message = (
            f"This account lacks the right {right.value!r}; ask the operator of the service to grant it."
        )
        raise ForbiddenError(Item(None, "missing_right", message))
