"""What an uploaded file is called, in each of the ways in which clients write letters that are not ASCII."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers

_LONGEST = 2_000
"""Characters of a name that is looked through; its own rule refuses what is left over 255."""

# RFC 5987, 3.2: charset'language'octets. RFC 7578 forbids it in forms; .NET sends it beside the other all the same.
_EXTENDED = re.compile(
    r";\s*filename\*\s*=\s*\"?([\w!#$%&+^`{}~-]+)'[\w-]*'([^;\"\s]*)", re.ASCII | re.IGNORECASE
)
_ENCODED_WORD = re.compile(r"=\?[\w-]+(?:\*[\w-]+)?\?[bq]\?[^?\s]*\?=", re.ASCII | re.IGNORECASE)


def file_name(headers: Headers, plain: str) -> str:
    """The name of a part: from ``filename*`` (RFC 5987), else from `plain`, which may hold encoded words (RFC 2047).

    What cannot be decoded stays as it was sent.

    Args:
        headers: of the part, octets as Latin-1.
        plain: its ``filename``, decoded from UTF-8.
    """
    extended = _EXTENDED.search(headers.get("content-disposition", "")[: 2 * _LONGEST])
    if extended:
        name = _in_charset(unquote_to_bytes(extended[2]), extended[1])
        if name:
            return name
    if len(plain) <= _LONGEST and _ENCODED_WORD.search(plain):
        return _from_words(plain)
    return plain


def _from_words(plain: str) -> str:
    try:
        words = decode_header(plain)
    except (HeaderParseError, ValueError):
        return plain
    found = [
        word if isinstance(word, str) else _in_charset(word, charset or "utf-8") for word, charset in words
    ]
    return plain if None in found else "".join(filter(None, found))


def _in_charset(octets: bytes, charset: str) -> str | None:
    try:
        return octets.decode(charset)
    except (LookupError, ValueError):
        return None
