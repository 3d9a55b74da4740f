"""Phone numbers: what a client wrote becomes E.164, once, here.

Only numbers of Nepal are recipients. Short codes are too short to be possible and so are never taken; Nepal's
numbering plan has no premium range. Sources: E.164 (ITU-T), the NP metadata of `phonenumbers`.
"""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import ValidationResult

from app.core.digits import ascii_digits

REGION = "NP"
COUNTRY_CODE = 977

# Almost every row of a recipient file is a mobile number: 2.5 million a second here, 91 thousand by `phonenumbers`.
MOBILE = re.compile(r"(?:\+977|00977|977)?(0?(9[678][0-9]{8}))")
"""A mobile number: in a full match the groups are the national form and its ten digits, as `parse_number` has them."""

_WRITTEN = re.compile(r"\+?[0-9]{1,20}")
# A spreadsheet that took the column for decimals writes 9876543210.0 or 9876543210.; read as a separator, the dot
# would make another possible number of it.
_DECIMAL_ZERO = re.compile(r"([0-9]+)\.0*")
# A spreadsheet's mark that a cell is text.
_TEXT_MARKS = " \t'’‘`"
_SEPARATORS = re.compile(r"[ \t\u2212()]|\u00a0")
_NO_MOBILE_LENGTH = re.compile(r"\+977(?:9[678][0-9]{9}|98[0-9]{6})")
_FOREIGN = re.compile(r"(?:\+|00)(?!977)[1-9]")
_LONGEST_EXACT_FLOAT = 2**53
_TOO_LONG = 10**20
_LONGEST_WRITTEN = 100


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be dialled.

    Attributes:
        e164: with plus and country code, such as ``+9779876543210``; what is stored and compared.
        national: digits only, as the client sent it less the country code; a leading 0 that was sent stays
            (``014412345``). What answers show.
    """

    e164: str
    national: str


def lacks_mobile_length(e164: str) -> bool:
    """Whether a number begins as a mobile one does and has 11 or 8 digits: some were added or left out."""
    return _NO_MOBILE_LENGTH.fullmatch(e164) is not None


class NumberError(ValueError):
    """Not the number of a recipient.

    Attributes:
        code: ``empty_number``, ``foreign_number`` or ``invalid_number``.
        message: what to do about it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def parse_number(value: object) -> Number:
    """The number that `value` stands for.

    Args:
        value: a string or a whole number. A string may hold ASCII, Devanagari or Arabic-Indic digits (NFKC first),
            spaces, dashes, brackets, and begin with +977, 00977, 977 or 0. At most 20 digits.

    Raises:
        NumberError: when it is empty, of another country, or cannot be a number in Nepal.
    """
    text = value if isinstance(value, str) else _as_text(value)
    found = MOBILE.fullmatch(text)
    if found is None:
        text = _tidy(text)
        found = MOBILE.fullmatch(text)
        if found is None:
            return _by_numbering_plan(text)
    return Number(f"+977{found[2]}", found[1])


def _as_text(value: object) -> str:
    """A JSON value as the digits it means; bool is an int to Python and is refused first."""
    if value is None:
        raise _empty()
    if isinstance(value, bool):
        raise _invalid("true and false are not phone numbers; send digits.")
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONGEST_EXACT_FLOAT:
        value = int(value)
    if isinstance(value, int) and 0 <= value < _TOO_LONG:
        return str(value)
    raise _invalid("This is not a phone number; send it as a string of digits, such as 9812345678.")


def _tidy(text: str) -> str:
    """Plus and ASCII digits alone, or a NumberError that says what else was found."""
    if not text or text.isspace():
        raise _empty()
    if len(text) > _LONGEST_WRITTEN:
        raise _invalid("This is too long for a phone number; send one number of at most 20 digits.")
    # One character may become eighteen.
    text = unicodedata.normalize("NFKC", text.lstrip(_TEXT_MARKS))[:_LONGEST_WRITTEN]
    # Numbers copied from a phone's contacts come wrapped in invisible direction marks (U+202A … U+202C).
    kept = "".join(
        mark for mark in ascii_digits(text) if unicodedata.category(mark) not in {"Cf", "Pd", "Zs"}
    )
    kept = _SEPARATORS.sub("", kept)
    decimal = _DECIMAL_ZERO.fullmatch(kept)
    kept = decimal[1] if decimal else kept
    if not kept:
        raise _empty()
    if not _WRITTEN.fullmatch(kept):
        raise _refusal(kept)
    return kept


def _refusal(kept: str) -> NumberError:
    """Why the characters that are left cannot be a number."""
    if re.fullmatch(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+", kept):
        return _invalid(
            "A spreadsheet has shortened this number (9.87E+09); format the column as text and save again."
        )
    if re.fullmatch(r"\+?[0-9]+", kept):
        return _invalid(
            "This has more than 20 digits; send one number of a person in Nepal, such as 9812345678."
        )
    return _invalid(
        "Only digits, spaces, dashes, brackets and a leading + are read; send one number, such as 9812345678."
    )


def _by_numbering_plan(text: str) -> Number:
    """What the quick pattern does not know: landlines, toll-free numbers, and lengths that are merely possible."""
    try:
        parsed = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise _foreign_or_invalid(text) from None
    if parsed.country_code != COUNTRY_CODE:
        raise _foreign_or_invalid(text)
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise _invalid("The area code is missing; write a landline as 01-4412345 and a mobile as 9812345678.")
    # A national number never begins with 0: one that still does after the prefix was taken off was mistyped.
    if reason != ValidationResult.IS_POSSIBLE or parsed.italian_leading_zero:
        raise _foreign_or_invalid(text)
    digits = str(parsed.national_number)
    before = text.removesuffix(digits)
    return Number(f"+{COUNTRY_CODE}{digits}", f"0{digits}" if before.endswith("0") else digits)


def _foreign_or_invalid(text: str) -> NumberError:
    if _FOREIGN.match(text):
        return NumberError("foreign_number", "Only numbers in Nepal (+977) can be called.")
    return _invalid(
        "No number in Nepal has this form; mobiles have 10 digits, landlines 8 with the area code."
    )


def _empty() -> NumberError:
    return NumberError("empty_number", "The number is empty; send one such as 9812345678.")


def _invalid(message: str) -> NumberError:
    return NumberError("invalid_number", message)
