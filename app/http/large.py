"""What is too large for JSON or a form, and belongs into a file."""

from typing import Any

from app.core.errors import Item, TooLargeError

MOST_LISTED = 100_000
"""Items of one list. A file of numbers is read beside the service and never held in memory."""

_ADVICE = (
    "Send the numbers as a file: a .csv or .xlsx in the part send_to_number_file of multipart/form-data, "
    "or uploaded before to POST /api/system/files/ and named there."
)


def use_a_file(why: str, field: str | None = None) -> TooLargeError:
    """413 ``use_a_file``: `why`, a whole sentence, and how a file is sent."""
    return TooLargeError(Item(field, "use_a_file", f"{why} {_ADVICE}"))


def refuse_long_lists(fields: dict[str, Any]) -> None:
    """Refuse fields that are lists of over `MOST_LISTED` items; TooLargeError ``use_a_file`` names the first."""
    for name, value in fields.items():
        if isinstance(value, list) and len(value) > MOST_LISTED:
            raise use_a_file(f"{name} holds {len(value):,} items; a list may hold {MOST_LISTED:,}.", name)
