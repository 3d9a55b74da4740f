"""All numbers that no other kind took: ordinals, ranges, fractions, negatives, decimals, whole numbers."""

import re
from typing import Final

from app.speech.kinds.patterns import DEVANAGARI, LETTER, NUMBER, parse, placed
from app.speech.kinds.times import half_more
from app.speech.kinds.words import MINUS, POINT, TO, cardinal, decimal, ordinal, spelt, spelt_in_groups

_WHOLE: Final = r"\d{1,3}(?:,\d{2,3})*,\d{3}|\d{1,9}"
_ORDINAL_NE: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/-])({_WHOLE})\s?-?(?:औ[ंँ]|ओ[ंँ]|ौ[ंँ]|(?:लो|रो|थो|ला|रा)(?![{DEVANAGARI}]))"
)
_ORDINAL_EN: Final = re.compile(r"(?<!\d)(?<!\d[.,/-])(\d{1,9})(?:st|nd|rd|th)(?![A-Za-z])", re.IGNORECASE)
_RANGE: Final = re.compile(rf"(?<!\d)(?<!\d[/.,-])({NUMBER})(?:\s?[-~]\s?)({NUMBER})(?![\d/-]|[.,]\d)")
_MIXED: Final = re.compile(
    r"(?<!\d)(?<!\d[/.,-])(?:(\d{1,6})\s+)?(\d{1,6})\s?/\s?(\d{1,6})(?![\d/])(?![.,-]\d)"
)
# After a word a dash belongs to it, as in काठमाडौँ -१० (ward ten); only here does it mean less than zero.
_NEGATIVE: Final = re.compile(r"(^|[(:=,।\n])(\s*)-(?=\.?\d)|\(-\)\s?(?=\.?\d)")
_ANY: Final = re.compile(r"(?<!\d)(?<!\d[.])\.\d+(?:\.\d+)*|\d+(?:[.,]\d+)*")

_QUARTERS: Final = {("1", "2"): "आधा", ("1", "4"): "एक चौथाइ", ("3", "4"): "तीन चौथाइ"}
_OVER: Final = "बटा"
_AND: Final = "पूर्णाङ्क"


def read(text: str) -> str:
    """Every digit that is left becomes a word."""
    text = _ORDINAL_NE.sub(lambda match: placed(match, ordinal(match[1].replace(",", ""))), text)
    text = _ORDINAL_EN.sub(lambda match: placed(match, ordinal(match[1])), text)
    text = _RANGE.sub(_range, text)
    text = _MIXED.sub(_fraction, text)
    text = _NEGATIVE.sub(lambda match: f"{match[1] or ''}{match[2] or ' '}{MINUS} ", text)
    return _ANY.sub(_number, text)


def _range(match: re.Match[str]) -> str:
    first, second = parse(match[1]), parse(match[2])
    if first is None or second is None:
        return match[0]
    if float(f"{first.whole}.{first.fraction or 0}") >= float(f"{second.whole}.{second.fraction or 0}"):
        return match[0]
    return placed(match, f"{decimal(*first)} {TO} {decimal(*second)}")


def _fraction(match: re.Match[str]) -> str:
    whole, upper, lower = match[1], match[2], match[3]
    if whole and (upper, lower) == ("1", "2"):
        return placed(match, half_more(int(whole)))
    part = _QUARTERS.get((upper, lower)) or f"{cardinal(upper)} {_OVER} {cardinal(lower)}"
    return placed(match, f"{cardinal(whole)} {_AND} {part}" if whole else part)


def _number(match: re.Match[str]) -> str:
    written = match[0]
    if written.startswith("."):
        before = match.string[match.start() - 1 : match.start()]
        if not re.match(rf"[{LETTER}]", before) and written.count(".") == 1:
            return placed(match, f"{cardinal('0')} {POINT} {spelt(written[1:])}")
        return f". {_sequence(written)}"
    number = parse(written) if written.count(".") < 2 else None
    if number is not None:
        if number.fraction == "00":  # 1,250.00 is an amount, to the paisa
            return placed(match, cardinal(number.whole))
        return placed(match, decimal(number.whole, number.fraction))
    return placed(match, _sequence(written))


def _sequence(written: str) -> str:
    """Numbers after one another: 5,12.5 is a list of two, 1.2.3 one of three."""
    said: list[str] = []
    for item in written.split(","):
        number = parse(item) if item.count(".") < 2 and item[0] != "." else None
        if number and number.fraction:
            said.append(decimal(number.whole, number.fraction))
        else:
            said += [_element(part) for part in item.split(".") if part]
    return ", ".join(said)


def _element(digits: str) -> str:
    return spelt_in_groups(digits) if digits[0] == "0" and len(digits) > 1 else cardinal(digits)
