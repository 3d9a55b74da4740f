"""What a campaign's own fields may hold; pure, so that a client hears of every fault at once."""

import re

from app.campaigns import tags
from app.core.errors import InvalidError, Item, all_invalid, invalid

NAME_LIMIT = 255
DESCRIPTION_LIMIT = 5_000
MESSAGE_LIMIT = 2_000
"""Characters of a message as written, tags included: about two minutes and a half of speech."""

PHONE = "PHONE"
SMS = "SMS"
BOTH = "SMS & PHONE"

_NO_MESSAGE = frozenset({"null", "undefined", "none", "nil", "nan", "[object object]"})
"""What JavaScript, Python and others make of a message that is not there. As a call to thousands it is a fault."""
_LONGEST_SERVICES = 50
_BETWEEN = re.compile(r"\s*(?:[&,+/]|\band\b)\s*", re.IGNORECASE)


def parse_services(value: str) -> str:
    """The service as it is stored: ``PHONE``, ``SMS`` or ``SMS & PHONE``.

    Any case and either order of the two are taken, for clients write ``phone`` and ``PHONE & SMS`` as well.

    Raises:
        InvalidError: field ``services``, code ``unknown_service``.
    """
    # A blank may belong to what is before or behind it: over many of them the pattern takes the square of their number.
    named = (
        {part.upper() for part in _BETWEEN.split(value.strip())} if len(value) <= _LONGEST_SERVICES else set()
    )
    if named == {PHONE, SMS}:
        return BOTH
    if len(named) == 1 and (name := named.pop()) in {PHONE, SMS}:
        return name
    raise invalid("services", "unknown_service", "services must be PHONE, SMS or SMS & PHONE.")


def check_name(value: str) -> str:
    """The name without surrounding blanks; InvalidError when nothing is left or it is over 255 characters."""
    name = value.strip()
    if not name:
        raise invalid("name", "empty", "name must not be empty.")
    return _within("name", name, NAME_LIMIT)


def check_description(value: str) -> str:
    """The description without surrounding blanks, at most 5,000 characters; it may be empty."""
    return _within("description", value.strip(), DESCRIPTION_LIMIT)


def check_message(value: str, field: str = "message") -> str | None:
    """The message, or another template that a client sends in `field`, as it will be kept; None when it is blank.

    Only its form is checked here. Whether its tags are known is asked when a run begins, since recipients with
    further columns may be added until then.

    Raises:
        InvalidError: of that field; ``too_long``, ``no_message``, or what is wrong with its braces.
    """
    message = value.strip()
    if not message:
        return None
    try:
        _within("message", message, MESSAGE_LIMIT)
        refuse_no_message(message)
        tags.parse(message)
    except InvalidError as error:
        raise as_field(error, field) from error
    return message


def refuse_no_message(message: str) -> None:
    """Raise InvalidError, field ``message``, code ``no_message``, when all of it is a program's word for nothing."""
    text = message.strip()
    if text.lower() in _NO_MESSAGE:
        told = f"message is the word {text} alone, which programs write for nothing; send a text, or leave it out."
        raise invalid("message", "no_message", told)


def as_field(error: InvalidError, field: str) -> InvalidError:
    """The same faults, of another field that holds a template."""
    return all_invalid(
        [Item(field, item.code, item.message.replace("message is", f"{field} is", 1)) for item in error.items]
    )


def _within(field: str, value: str, limit: int) -> str:
    if len(value) > limit:
        raise invalid(
            field, "too_long", f"{field} is {len(value)} characters long; at most {limit} are kept."
        )
    return value
