"""Text that a program spoilt when it saved a list: Nepali letters that its encoding had no place for."""

import re

_REPLACED = "\N{REPLACEMENT CHARACTER}"
# The first two bytes of most Devanagari letters in UTF-8, as Windows-1252 and Latin-1 show them.
_MISREAD = re.compile("à¤|à¥")
_NEPALI = re.compile("[ऀ-ॿ]")


def is_lost(text: str) -> bool:
    """Whether letters of `text` were replaced by question marks, or are the bytes of others."""
    return are_marks(text) or _REPLACED in text or _MISREAD.search(text) is not None


def are_marks(text: str) -> bool:
    """Whether nothing of `text` is left but question marks."""
    return "??" in text and not text.strip("?\xa0 .,()/-")


def recovered(text: str) -> str | None:
    """What `text` was before its bytes were taken for other letters; None when that is not certain."""
    for encoding in ("cp1252", "latin-1"):
        try:
            found = text.encode(encoding).decode()
        except UnicodeError:
            continue
        return found if _NEPALI.search(found) else None
    return None
