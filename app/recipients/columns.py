"""Columns of a recipient file: which one holds the numbers, and what tags the others become."""

import re
import unicodedata
from collections.abc import Sequence

from app.core.errors import invalid

FIELD = "send_to_number_file"
PREFIX = "tags_"
LONGEST_NAME = 100
"""Characters of a tag's name, prefix included."""

# In order: when several are there (a contact's name beside a phone), the earlier name is the number's.
NUMBER_COLUMNS = (
    "number", "numbers", "phone", "phones", "phone_number", "phone_numbers", "phonenumber", "phone_no",
    "mobile", "mobiles", "mobile_number", "mobile_numbers", "mobilenumber", "mobile_no",
    "contact", "contacts", "contact_number", "contact_numbers", "contact_no",
    "नम्बर", "नंबर", "नम्वर", "फोन_नम्बर", "फोन_नं", "फोन", "मोबाइल_नम्बर", "मोबाइल_नं", "मोबाइल", "मोबाईल",
    "सम्पर्क_नम्बर", "सम्पर्क",
)  # fmt: skip

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


def number_column(header: Sequence[str]) -> int | None:
    """The index of the column that holds the numbers, None when no name says so.

    Raises:
        InvalidError: ``duplicate_column`` when two columns of that name are there.
    """
    names = [_as_key(cell) for cell in header]
    for wanted in NUMBER_COLUMNS:
        count = names.count(wanted)
        if count > 1:
            message = (
                f"Two columns are named “{header[names.index(wanted)].strip()}”; keep one column of numbers."
            )
            raise invalid(FIELD, "duplicate_column", message)
        if count:
            return names.index(wanted)
    return None


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


def _as_key(cell: str) -> str:
    """A header cell as `NUMBER_COLUMNS` spells it: ``Phone No.`` is ``phone_no``."""
    folded = unicodedata.normalize("NFKC", plain_name(cell)).lower()
    return "_".join(re.split(r"[\s_.:।-]+", folded)).strip("_")
