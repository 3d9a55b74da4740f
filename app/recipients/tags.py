"""The tag values of one recipient as a request gives them."""

from collections.abc import Mapping

from app.core.errors import Item, all_invalid, invalid
from app.recipients.cells import clean, is_no_value
from app.recipients.columns import LONGEST_NAME, tag_name
from app.recipients.files.limits import ImportLimits

FIELD = "available_tags"
LONGEST_VALUE = ImportLimits().cell_chars
MOST_TAGS = ImportLimits().columns
MOST_CHARACTERS = ImportLimits().row_chars
_NO_TEXT = "[object Object]"
"""What JavaScript makes of an object that was put where a text belongs."""
_LONGEST_SENT = 4 * LONGEST_NAME
"""Of a name as sent, with marks that cannot be seen."""


def read_tags(given: Mapping[str, object]) -> dict[str, str | None]:
    """Values by full tag name; None where the client takes a value away with null.

    Names are taken with and without ``tags_``, as the columns of a file are. Numbers become text. What means no value
    in a file, such as ``null``, means none here: JavaScript writes it into forms.

    Raises:
        InvalidError: field ``available_tags.<name>``: ``bad_tag``, ``duplicate_tag``, ``wrong_type``, ``too_long``;
            ``too_many_tags`` for over 200.
    """
    faults: list[Item] = []
    found: dict[str, str | None] = {}
    if len(given) > MOST_TAGS:
        raise all_invalid(
            [Item(FIELD, "too_many_tags", f"At most {MOST_TAGS} tags are kept for a recipient.")]
        )
    for sent, value in given.items():
        # As long as no name can be is not even looked through.
        name = tag_name(sent) if len(sent) <= _LONGEST_SENT else sent
        fault = _fault_of_name(name, found) or _fault_of_value(value)
        if fault is None:
            text = "" if value is None else clean(str(value))
            found[name] = None if value is None else "" if is_no_value(text) else text
        else:
            faults.append(Item(f"{FIELD}.{sent[:LONGEST_NAME]}", *fault))
    if faults:
        raise all_invalid(faults)
    return found


def refuse_too_much(tags: Mapping[str, str]) -> None:
    """Raise InvalidError, field ``available_tags``, code ``too_long``, for over `MOST_CHARACTERS`, names included."""
    if sum(len(name) + len(value) for name, value in tags.items()) > MOST_CHARACTERS:
        message = f"All tags of a recipient, with their names, have at most {MOST_CHARACTERS:,} characters together."
        raise invalid(FIELD, "too_long", message)


def _fault_of_name(name: str, found: Mapping[str, object]) -> tuple[str, str] | None:
    if not name:
        return "bad_tag", "A tag needs a name, such as tags_name."
    if len(name) > LONGEST_NAME:
        return "too_long", f"The name of a tag has at most {LONGEST_NAME} characters."
    if name in found:
        return "duplicate_tag", f"The tag {name} is given twice."
    return None


def _fault_of_value(value: object) -> tuple[str, str] | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == _NO_TEXT:
        return "wrong_type", "The value of a tag is a text or a number."
    if len(str(value)) > LONGEST_VALUE:
        return "too_long", f"The value of a tag has at most {LONGEST_VALUE} characters."
    return None
