"""What an upload may be called."""

import unicodedata

from app.core.errors import invalid

LONGEST_NAME = 255
_JOINERS = "\u200c\u200d"  # they shape Devanagari; every other invisible character can only deceive


def last_segment(value: str) -> str:
    """The name at the end of a path, whichever slash it is written with, without characters that cannot be seen."""
    end = value.replace("\\", "/").rpartition("/")[2]
    shown = "".join(
        character
        for character in unicodedata.normalize("NFC", end)
        if character in _JOINERS or not unicodedata.category(character).startswith("C")
    )
    return shown.strip()


def clean_name(value: str) -> str:
    """The name to store an upload under.

    Raises:
        InvalidError: field ``file``: ``invalid_name`` when nothing is left of it, ``name_too_long``.
    """
    name = last_segment(value)
    if name.strip(".") == "":
        raise invalid("file", "invalid_name", "The file needs a name, such as numbers.csv.")
    if len(name) > LONGEST_NAME:
        raise invalid(
            "file", "name_too_long", f"The file's name is over {LONGEST_NAME} characters. Shorten it."
        )
    return name
