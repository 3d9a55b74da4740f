"""The telephone numbers that a cell of a list holds: most often one, and often enough several."""

import re

from app.core.digits import ascii_digits
from app.core.phone import MOBILE, Number, NumberError, parse_number
from app.recipients.cells import value_of

_BETWEEN = re.compile(
    r"[/\\,;|\n\r]|:::|&|\+(?=[^0-9])|(?<![^\W\d_])(?:or|and|वा|र|अथवा|तथा)(?![^\W\d_])", re.IGNORECASE
)
_MOBILES = re.compile(r"(?<![0-9])(?:\+?977[- ]?|0)?9[678][0-9](?:[- ]?[0-9]){7}(?![0-9])")
# A number whose groups a spreadsheet divides by commas: 9,800,000,001.
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3})+(?:\.0*)?")
# Groups divided by dots: 980.000.0001, 01.4412345. A lone zero behind a dot is a spreadsheet's.
_DOTTED = re.compile(
    r"(?<![0-9.])(?:(?:\+?977[-. ]?|0)?9[678][0-9]{1,3}(?:\.[0-9]{2,5}){1,4}|0[0-9]{1,2}\.[0-9]{6,7})(?![0-9.])"
)
# A shortened number that still has all of its digits: 9.800000012E9.
_POWER = re.compile(r"([0-9])\.([0-9]{9})[eE]\+?0?9|([0-9])\.([0-9]{12})[eE]\+?12")
_LABEL = re.compile(r"^[^0-9+(]+|[^0-9)]+$")
_MAY_HOLD_ONE = re.compile(r"(?:\d\D*){7}")
_LONGEST = 200
_MOST = 10
_LANDLINE_DIGITS = range(8, 10)


def read_cell(cell: str) -> list[Number]:
    """The numbers of a cell that can be called, in the order written: at least one, at most ten.

    Several may be divided by a slash, a comma, ``:::`` or the like. A short one behind a full one has its beginning:
    ``01-4412345/4412346``, ``01-4412345/46``. Words around a number are left out when it is a mobile number or
    begins with 0.

    Raises:
        NumberError: none can be called; it tells of the whole cell.
    """
    # Control characters stay: what is hidden in a number makes it none.
    text = value_of(cell) if cell.isprintable() else cell.strip()
    if _GROUPED.fullmatch(text):
        text = text.partition(".")[0].replace(",", "")
    elif power := _POWER.fullmatch(text):
        text = "".join(filter(None, power.groups()))
    try:
        return [parse_number(text)]
    except NumberError:
        found = (
            _each(_undotted(ascii_digits(text)))
            if len(text) <= _LONGEST and _MAY_HOLD_ONE.search(text)
            else []
        )
        if not found:
            raise
        return found


def _undotted(text: str) -> str:
    """Dots left out where a whole mobile number, or one that begins with an area code, stands between them."""

    def joined(found: re.Match[str]) -> str:
        digits = found[0].replace(".", "")
        return digits if digits.startswith("0") or MOBILE.fullmatch(re.sub("[- ]", "", digits)) else found[0]

    return _DOTTED.sub(joined, text)


def _each(text: str) -> list[Number]:
    found: dict[str, Number] = {}
    last: Number | None = None
    for part in _BETWEEN.split(text):
        for number in _of_part(part, last):
            last = number
            found.setdefault(number.e164, number)
        if len(found) >= _MOST:
            break
    return list(found.values())


def _of_part(part: str, last: Number | None) -> list[Number]:
    bare = _LABEL.sub("", part).strip()
    if not bare:
        return []
    continued = None if last is None else _continued(bare, last)
    if continued is not None:
        return [continued]
    try:
        number = parse_number(bare)
    except NumberError:
        return [parse_number(mobile) for mobile in _MOBILES.findall(part)]
    worded = any(map(str.isalpha, part))
    return [number] if not worded or number.national[0] in "09" else []


def _continued(part: str, last: Number) -> Number | None:
    """The number that `part` means behind the number `last`: its last digits, less of them than make a number."""
    digits = part.replace("-", "").replace(" ", "")
    if not digits.isdecimal() or len(digits) > 7 or digits.startswith("0"):
        return None
    if len(digits) > 3 and len(last.national) not in _LANDLINE_DIGITS:
        return None
    try:
        return parse_number(last.national[: -len(digits)] + digits)
    except NumberError:
        return None
