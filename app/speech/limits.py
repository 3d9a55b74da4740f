"""How long a text may be, before it is read and after."""

from typing import Final

from app.core.errors import InvalidError, invalid

LONGEST_TEXT: Final = 10_000
"""Characters of a message with its tags filled in; clients are held to 2,000 before that."""

LONGEST_READING: Final = 10_000
"""Characters of what is read out, once abbreviations, numbers and dates are words: ten minutes and more.

Two thousand digits are 12,500, nineteen minutes of sound that cost three seconds of a processor; ten thousand, in a few
requests, would keep everybody else waiting.
"""

CODE: Final = "message_too_long_when_read"


class TooLongError(Exception):
    """A text is over one of the limits, or became so while it was read."""


def too_long() -> InvalidError:
    """The refusal of such a text, field ``message``."""
    return invalid(
        "message",
        CODE,
        f"Read aloud, with its tags, abbreviations and numbers as words, this message is over {LONGEST_READING:,} "
        "characters, some ten minutes; shorten it, the values in it or the account's abbreviations.",
    )
