"""Web and mail addresses: the name of the place is read, the path is not."""

import re
from typing import Final

from app.speech.latin.words import is_english, nepali

_DOT: Final = "डट"
_AT: Final = "एट"

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})"
_HOST: Final = rf"{_LABEL}(?:\.{_LABEL}){{1,8}}"
_MAIL: Final = re.compile(rf"(?<![A-Za-z0-9])([A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}})@({_HOST})")
_URL: Final = re.compile(
    rf"(?:https?|ftp)://(?:www\.)?({_HOST})?[^\s।<>\"']*|(?<![A-Za-z0-9])www\.({_HOST})[^\s।<>\"']*",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    rf"(?<![A-Za-z0-9.@])((?:{_LABEL}\.){{1,6}}(?:com|org|net|np|gov|edu|info|io|app|in))(?![A-Za-z0-9])"
    r"(?:/[^\s।<>\"',]*)?",
    re.IGNORECASE,
)


def read(text: str) -> str:
    """``https://nea.org.np/bill?id=7`` is "nea डट org डट np"; ``info@nea.org.np`` has एट in it."""
    text = _MAIL.sub(lambda match: f" {_name(match[1])} {_AT} {_name(match[2])} ", text)
    text = _URL.sub(lambda match: f" {_name(match[1] or match[2] or '')} ", text)
    return _BARE.sub(lambda match: f" {_name(match[1])} ", text)


def _name(host: str) -> str:
    host = re.sub(r"(?<![A-Za-z0-9])[a-z]{2,3}(?![A-Za-z0-9])", _letters, host)
    return re.sub(r"[._%+-]+", lambda match: f" {_DOT} " if "." in match[0] else " ", host.strip("."))


def _letters(match: re.Match[str]) -> str:
    """A short part is an abbreviation, and said by its letters, unless it is a word: nea is एनईए, com is not."""
    return match[0] if nepali(match[0]) or is_english(match[0]) else match[0].upper()
