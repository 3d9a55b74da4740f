"""Values of tags whose column says what they are: an amount is never read as a phone number, nor a code as an amount.

What the words of a message can be told by (``OTP``, ``रु``, a month) is missing inside a cell of a spreadsheet, so the
name of the column stands for it. A column whose name says nothing is read by its shape, as any text is.
"""

import re
from enum import Enum
from functools import lru_cache
from typing import Final

from app.speech.kinds.cleaning import clean
from app.speech.kinds.credit import can_be_crores
from app.speech.kinds.negatives import MINUS_SIGN
from app.speech.kinds.patterns import parse
from app.speech.kinds.words import spelt_in_groups

_PREFIX: Final = "tags_"


class Kind(Enum):
    """What a column holds."""

    AMOUNT = "amount"
    DATE = "date"
    PHONE = "phone"
    CODE = "code"


_DATES: Final = "date miti deadline dob birthday expiry मिति जन्ममिति म्याद"
_AMOUNTS: Final = (
    "amount amt rakam balance due dues bill fee fees price total rupees rs npr payable installment emi fine "
    "रकम बाँकी बक्यौता महसुल शुल्क मूल्य जम्मा जरिवाना किस्ता रुपैयाँ"
)
_PHONES: Final = "phone mobile telephone tel contact hotline helpline whatsapp फोन मोबाइल सम्पर्क टेलिफोन"
_CODES: Final = (
    "otp code pin token password account acc meter customer consumer sc roll symbol reference ref id txn passport "
    "citizenship license licence policy pan registration ticket कोड ओटीपी पिन खाता मिटर ग्राहक रोल दर्ता"
)
# Looked for in this order among the words of the name: a due date is a date, an account balance an amount.
_NAMES: Final = (
    (Kind.DATE, frozenset(_DATES.split())),
    (Kind.AMOUNT, frozenset(_AMOUNTS.split())),
    (Kind.PHONE, frozenset(_PHONES.split())),
    (Kind.CODE, frozenset(_CODES.split())),
)
_PLAIN_AMOUNT: Final = re.compile(
    r"(?P<minus>-\s?|\(-\)\s?)?(?P<open>\(\s?)?(?P<number>\d[\d,]*(?:\.\d+)?)(?(open)\s?\))(?P<after>-)?"
    r"(?P<mark>\s?\(?[CD]r\.?\)?)?",
    re.IGNORECASE,
)
_MARKS: Final = {"c": " क्रेडिट", "d": " डेबिट"}
_MIDNIGHT: Final = re.compile(r"(?<=\d)[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?$")
_DIGITS: Final = re.compile(r"\d+")
_HIDDEN: Final = re.compile(r"[*#\u2022]+|[Xx]{2,}(?=[\dXx*#-])|(?<=[\dXx*#-])[Xx]{2,}")
_DASHED_DIGITS: Final = re.compile(r"[\s-]*(\d+)")
_PHONE: Final = re.compile(r"\+?[\d\s()-]{3,20}")
_COUNTRY: Final = re.compile(r"(?:\+|00)977[\s-]?")
_MOST_AFTER_POINT: Final = 2


@lru_cache(maxsize=1024)
def kind_of(tag: str) -> Kind | None:
    """What the column behind `tag` (``tags_due_date``) holds; None when its name does not say."""
    words = set(re.split(r"[_\s.-]+", tag.removeprefix(_PREFIX).lower()))
    return next((kind for kind, names in _NAMES if words & names), None)


def in_kind(tag: str, value: str) -> str:
    """`value` of `tag` written so that it is read as what its column holds; any other value as it is.

    An amount keeps its digits, for the words around it say its currency.
    """
    kind = kind_of(tag)
    if kind is None or not any(character.isdigit() for character in value):
        return value
    plain = clean(value).strip()
    match kind:
        case Kind.AMOUNT:
            return _amount(plain)
        case Kind.DATE:
            return _MIDNIGHT.sub("", plain)
        case Kind.PHONE:
            return _phone(plain)
        case Kind.CODE:
            shown = _HIDDEN.sub(" ", plain)
            return _DASHED_DIGITS.sub(lambda match: f" {spelt_in_groups(match[1])} ", shown).strip()


def _amount(plain: str) -> str:
    """Grouped as in South Asia, so that ten digits are a quantity too; 1250.5 is 1,250.50.

    Accounts write less than nothing in brackets or with the minus behind: (1,250.00) and 1250- are (-)1,250.
    """
    match = _PLAIN_AMOUNT.fullmatch(plain)
    number = parse(match["number"]) if match else None
    if match is None or number is None or len(number.fraction) > _MOST_AFTER_POINT:
        return plain
    if match["mark"] and can_be_crores(match["number"]):
        return plain  # 5 Cr: the words around tell what it is
    whole = number.whole.lstrip("0") or "0"
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    fraction = f".{number.fraction:0<2}" if number.fraction.strip("0") else ""
    sign = MINUS_SIGN if match["minus"] or match["open"] or match["after"] else ""
    mark = _MARKS[match["mark"].strip(" (")[0].lower()] if match["mark"] else ""
    return f"{sign}{','.join((*pairs, tail))}{fraction}{mark}"


def _phone(plain: str) -> str:
    if not _PHONE.fullmatch(plain):
        return plain
    national = _COUNTRY.sub("", plain)
    return ", ".join(spelt_in_groups(part) for part in _DIGITS.findall(national))
