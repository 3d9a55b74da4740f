"""Amounts of money.

``₹`` is read रुपैयाँ without a country: keyboards in Nepal type it for both rupees, and the wrong one would be a
wrong amount. ``INR``, ``भारु`` and ``IRs`` are भारतीय रुपैयाँ.
"""

import re
from typing import Final, NamedTuple

from app.speech.kinds.patterns import (
    CASE_ENDING,
    LATIN,
    LETTER,
    NOT_AFTER_LETTER,
    NUMBER,
    Number,
    either,
    placed,
)
from app.speech.kinds.scales import (
    NEXT_PARTS,
    SCALE,
    amount_of,
    compound,
    factor_of,
    first_part,
    is_scale_alone,
    quantity,
)
from app.speech.kinds.words import MINUS, TO, cardinal, spelt_in_groups


class _Currency(NamedTuple):
    unit: str
    hundredth: str


_RUPEE: Final = _Currency("रुपैयाँ", "पैसा")
_INDIAN: Final = _Currency("भारतीय रुपैयाँ", "पैसा")
_DOLLAR: Final = _Currency("डलर", "सेन्ट")
_EURO: Final = _Currency("युरो", "सेन्ट")
_POUND: Final = _Currency("पाउन्ड", "पेनी")

# Lower case, without dots and spaces.
_BEFORE: Final = {
    **dict.fromkeys(("रु", "रू", "नेरु", "नेरू", "rs", "nrs", "npr", "₹", "रुपैयाँ", "रूपैयाँ"), _RUPEE),
    **dict.fromkeys(("भारु", "भारू", "inr", "irs"), _INDIAN),
    **dict.fromkeys(("$", "us$", "usd"), _DOLLAR),
    **dict.fromkeys(("€", "eur"), _EURO),
    **dict.fromkeys(("£", "gbp"), _POUND),
}
_RUPEES_WRITTEN: Final = (
    "रुपैंयाँ रुपैंया रुपैयां रुपैया रुपियाँ रुपियां रुपिया रुपयाँ रुपया रुपये रुपए रूपैंयाँ रूपैयां रूपैया रूपियाँ रूपिया रूपये"
)
_AFTER: Final = {
    **_BEFORE,
    **dict.fromkeys((*_RUPEES_WRITTEN.split(), "rupees", "rupee", "rupaiya", "rupaiyan"), _RUPEE),
    **dict.fromkeys(("डलर", "dollars", "dollar"), _DOLLAR),
    **dict.fromkeys(("युरो", "euros", "euro"), _EURO),
    **dict.fromkeys(("पाउन्ड", "pounds", "pound"), _POUND),
}
# After one of these, रुपैयाँ belongs to what was before it and the next number is about something else.
_AMOUNT_BEFORE: Final = re.compile(r"(?:\d|सय|हजार|लाख|करोड|अर[बव]|अर्[बव]|खर[बव]|खर्[बव])\s*$")


# A minus touches its amount and nothing before it; महसुल - रु ५०० and रु.-५००/- have a label's dash.
_SIGN_BEFORE: Final = r"(?:(?<!\S)-(?=\S)|\(-\)\s?)"
_SIGN: Final = r"(?:-\s?|\(-\)\s?)"
_PREFIXES: Final = rf"ने\.\s?रु|ने\.\s?रू|भा\.\s?रु|भा\.\s?रू|N\.\s?Rs|{either(_BEFORE)}"
# 1500/-, and 1500।- of keyboards whose slash is a danda.
_STROKE: Final = r"(?:\s?[/।|]\s?[-=](?!\d))"
_WORD_END: Final = rf"(?:(?<=[{LATIN}])(?![{LATIN}])|(?<![{LATIN}])(?:(?![{LETTER}])|(?={CASE_ENDING})))"
_STROKES: Final = re.compile(_STROKE)
_UNIT: Final = rf"(?:\s*(?:{either(_AFTER)}){_WORD_END}\.?)"
# A last number below the lowest scale belongs to a compound only where nothing is counted by it.
_TAIL: Final = (
    rf"(?:\s+(?:\d{{1,2}},\d{{3}}|\d{{1,3}})(?![\d,.:/-]?\d)"
    rf"(?=\s*(?:[/।]-|मात्र|only|रु|रू|Rs|{CASE_ENDING}|[.,;)।]|$)))?"
)
_NOT_MORE: Final = r"(?!\d|,\d|\s*%|[-/]\d)"
_PREFIXED: Final = re.compile(
    rf"(?=[-(रनभ$₹€£A-Z])(?P<minus>{_SIGN_BEFORE})?{NOT_AFTER_LETTER}(?P<unit>{_PREFIXES})[.:=]{{0,2}}\s*(?P<sign>{_SIGN})?(?P<first>{NUMBER})"
    rf"(?:\s?-\s?(?P<last>{NUMBER}){_NOT_MORE})?(?:\s*(?P<scale>{SCALE})(?:(?<=cr)\.)?(?P<more>{NEXT_PARTS}{_TAIL}))?"
    rf"(?P<stroke>{_STROKE})?(?:{_UNIT})?",
    re.IGNORECASE,
)
_BRACKETED: Final = re.compile(
    rf"{NOT_AFTER_LETTER}(?P<unit>{either(_BEFORE)}|ने\.\s?रु|भा\.\s?रु)[.:=]{{0,2}}\s*\(\s*(?P<first>{NUMBER})"
    rf"(?:{_STROKE})?\s*\)",
    re.IGNORECASE,
)
# Typewriters had no point: रु ५०००।५० has fifty paisa.
_DANDA_PAISA: Final = re.compile(
    rf"({NOT_AFTER_LETTER}(?:{_PREFIXES})[.:=]{{0,2}}\s*{NUMBER})[।|](?=\d\d(?!\d))", re.IGNORECASE
)
_EACH: Final = {
    **{word: word for word in ["दिन", "महिना", "वर्ष", "जना", "घण्टा", "व्यक्ति", "लिटर", "युनिट", "किलो"]},
    "day": "दिन", "month": "महिना", "year": "वर्ष", "person": "जना", "hour": "घण्टा", "unit": "युनिट",
    "kg": "किलो", "केजी": "किलो",
}  # fmt: skip
_PER: Final = re.compile(rf"(?<=रुपैयाँ)\s?/\s?({'|'.join(_EACH)})(?![{LETTER}])", re.IGNORECASE)
_SUFFIXED: Final = re.compile(
    rf"(?=[-(\d])(?<!\d)(?<!\d[.,/:])(?<!\d-)(?P<minus>(?<![{LETTER}\d])-|\(-\)\s?)?(?P<first>{NUMBER})(?:\s?-\s?(?P<last>{NUMBER}))?"
    rf"(?:\s*(?P<scale>{SCALE})(?P<more>{NEXT_PARTS}))?"
    rf"(?:\s*(?P<unit>{either(_AFTER)}){_WORD_END}\.?|{_STROKE}(?:{_UNIT})?)",
    re.IGNORECASE,
)
_SCALED: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/:-])(?P<first>{NUMBER})\s*(?P<scale>{SCALE})(?P<more>{NEXT_PARTS})", re.IGNORECASE
)
# १०/१२ लाख: ten or twelve, and no fraction.
_ABOUT: Final = re.compile(rf"(?<!\d)(?<!\d[.,/:-])(\d{{1,3}})/(?=(\d{{1,3}})\s*{SCALE})", re.IGNORECASE)
_SCALED_RANGE: Final = re.compile(
    rf"((?<!\d)(?<!\d[.,/:-]){NUMBER}\s*{SCALE})\s?-\s?(?={NUMBER}\s*{SCALE})", re.IGNORECASE
)


def read(text: str) -> str:
    """``रु १,२५,०००`` (digits already ASCII) is एक लाख पच्चिस हजार रुपैयाँ; ``Rs. 1250.50`` ends in पचास पैसा."""
    text = _SCALED_RANGE.sub(rf"\1 {TO} ", text)
    text = _ABOUT.sub(
        lambda match: f"{cardinal(match[1])} " if int(match[1]) < int(match[2]) else match[0], text
    )
    text = _BRACKETED.sub(_bracketed, text) if "(" in text else text
    text = _PREFIXED.sub(_prefixed, _DANDA_PAISA.sub(r"\1.", text))
    text = _SUFFIXED.sub(_suffixed, text)
    text = _PER.sub(lambda match: f" प्रति {_EACH[match[1].lower()]}", text)
    return _SCALED.sub(_scaled, text)


def _key(written: str) -> str:
    return re.sub(r"[.\s]", "", written.lower())


def _is_about_what_follows(match: re.Match[str]) -> bool:
    """False for the रुपैयाँ of ५०० रुपैयाँ ५ दिनभित्र."""
    words = match["unit"].endswith("पैयाँ")
    return not (
        words and _AMOUNT_BEFORE.search(match.string[max(0, match.start("unit") - 8) : match.start("unit")])
    )


def _bracketed(match: re.Match[str]) -> str:
    """``रु (1,250.00)``: accounts set a negative amount in brackets. Behind the whole word it repeats one in figures."""
    number = amount_of(match["first"])
    if number is None or match["unit"].endswith("पैयाँ"):
        return match[0]
    return placed(match, f"{MINUS} {_money(number, None, _BEFORE[_key(match['unit'])])}")


def _prefixed(match: re.Match[str]) -> str:
    if not _is_about_what_follows(match):
        return match[0]
    sign = match["sign"] or ""
    touches = sign.startswith("-") and not match.string[match.start("sign") - 1].isspace()
    label = sign == "- " or (touches and match["stroke"] is not None)
    return _amounts(
        match, _BEFORE[_key(match["unit"])], negative=bool(match["minus"] or (sign and not label))
    )


def _suffixed(match: re.Match[str]) -> str:
    currency = _AFTER[_key(match["unit"])] if match["unit"] else _RUPEE
    return _amounts(match, currency, negative=bool(match["minus"]))


def _scaled(match: re.Match[str]) -> str:
    """A quantity such as 1.25 lakh without a currency; 5 m and 4 k are not money then but metres and names."""
    number = amount_of(match["first"])
    if number is None or not is_scale_alone(match["scale"]):
        return match[0]
    said = compound(match[0])
    if said is not None:
        return placed(match, said)
    first = first_part(match[0])
    return f"{placed(match, quantity(number, match['scale']))}{_SCALED.sub(_scaled, match[0][len(first) :])}"


def _amounts(match: re.Match[str], currency: _Currency, *, negative: bool) -> str:
    numbers = [amount_of(part) for part in (match["first"], match["last"]) if part]
    first, last = numbers[0], numbers[-1]
    if first is None or last is None:
        return _as_written(match, currency)
    scale, more = match["scale"], match["more"]
    rest = ""
    if scale and more:
        spoken, rest = _compound(match, last, currency)
    else:
        spoken = _money(last, scale, currency)
    if len(numbers) > 1:
        spoken = f"{quantity(first, None)} {TO} {spoken}"
    return placed(match, f"{MINUS} {spoken}" if negative else spoken) + rest


def _as_written(match: re.Match[str], currency: _Currency) -> str:
    """Commas that no amount has: 15,00/- is whole rupees, for nobody marks paisa so; 15,00 alone may be either."""
    if match["last"] or match["scale"] or "." in match["first"]:
        return match[0]
    groups = match["first"].split(",")
    said = cardinal("".join(groups)) if _STROKES.search(match[0]) else ", ".join(map(spelt_in_groups, groups))
    return placed(match, f"{said} {currency.unit}")


def _compound(match: re.Match[str], number: Number, currency: _Currency) -> tuple[str, str]:
    """One amount with its currency at the end; else the amount of the first scale, and the rest as it was written."""
    written = (
        f"{number.whole}{'.' if number.fraction else ''}{number.fraction} {match['scale']}{match['more']}"
    )
    tail = re.search(r"\s([\d,]+)$", match["more"])
    said = compound(written)
    lowest = re.findall(SCALE, written, re.IGNORECASE)[-1]
    if said is not None and (tail is None or int(tail[1].replace(",", "")) < factor_of(lowest)):
        last = f" {cardinal(tail[1].replace(',', ''))}" if tail else ""
        return f"{said}{last} {currency.unit}", ""
    return _money(number, match["scale"], currency), match["more"]


def _money(number: Number, scale: str | None, currency: _Currency) -> str:
    cents = number.fraction.ljust(2, "0")
    if scale or len(cents) > 2:
        return f"{quantity(number, scale)} {currency.unit}"
    if not int(cents):
        return f"{cardinal(number.whole)} {currency.unit}"
    hundredths = f"{cardinal(cents)} {currency.hundredth}"
    return f"{cardinal(number.whole)} {currency.unit} {hundredths}" if int(number.whole) else hundredths
