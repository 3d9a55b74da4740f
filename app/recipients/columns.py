"""Columns of a recipient file: what tags they become."""

import re
import unicodedata
from collections.abc import Sequence

from app.core.errors import invalid

FIELD = "send_to_number_file"
PREFIX = "tags_"
LONGEST_NAME = 100
"""Characters of a tag's name, prefix included."""

_UNTAGGABLE = re.compile(r"[{}|]")


def plain_name(name: str) -> str:
    """`name` so that what looks alike is alike: NFC, no marks that cannot be seen, no spaces around."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(mark for mark in composed if unicodedata.category(mark) != "Cf").strip()


def tag_name(column: str) -> str:
    """The tag of a column: ``Due Date`` becomes ``tags_due_date``, ``tags_age`` stays; '' for a blank column.

    Braces and bars, which a message gives a meaning, are left out.
    """
    name = "_".join(_UNTAGGABLE.sub("", plain_name(column)).lower().split())
    name = "".join(mark for mark in name if mark.isprintable())
    bare = name.removeprefix(PREFIX)
    return f"{PREFIX}{bare}" if bare else ""


def tag_columns(header: Sequence[str], number_at: int) -> list[tuple[int, str]]:
    """Index and tag of every named column but that of the numbers, in file order.

    Raises:
        InvalidError: ``duplicate_column`` when two columns become the same tag, ``cell_too_long`` for a name
            over `LONGEST_NAME`.
    """
    found: dict[str, int] = {}
    for index, column in enumerate(header):
        name = "" if index == number_at else tag_name(column)
        if not name:
            continue
        if len(name) > LONGEST_NAME:
            message = (
                f"The name of column {index + 1} is over {LONGEST_NAME - len(PREFIX)} characters; shorten it."
            )
            raise invalid(FIELD, "cell_too_long", message)
        if name in found:
            message = (
                f"Columns {found[name] + 1} (“{header[found[name]].strip()}”) and {index + 1} (“{column.strip()}”) "
                f"would both become the tag {name}; rename one of them."
            )
            raise invalid(FIELD, "duplicate_column", message)
        found[name] = index
    return [(index, name) for name, index in found.items()]
