"""Numbers that name something: phones, one-time passwords, accounts, meters. Read digit by digit, with pauses.

Decided by shape (Nepal's numbering plan: mobiles 96 to 98 and eight more, area codes 0x and 0xx, +977), by
length (ten digits and more, or a leading zero, are no quantity) and by the words around.
"""

import re
from typing import Final

from app.speech.kinds.patterns import CODE_END, LATIN, LETTER, NOT_AFTER_LETTER, NUMBER_WORD, placed
from app.speech.kinds.words import spelt, spelt_as_grouped, spelt_in_groups

_PLUS: Final = "प्लस"
_FREE: Final = r"(?<!\d)(?<!\d[.,])"

_INTERNATIONAL: Final = re.compile(
    rf"(?<![\d])(\+|00(?=977))\s?(\d{{1,4}}(?:[\s-]?\(?\d{{1,10}}\)?){{1,5}}){CODE_END}"
)
_MOBILE: Final = re.compile(
    rf"{_FREE}(?<!\d-)((?:977[ -]?)?9[678]\d{{1,3}}(?:[ -]?\d{{2,7}}){{1,3}}){CODE_END}"
)
_LANDLINE: Final = re.compile(
    rf"{_FREE}(?<!\d-)\(?(0\d{{1,3}})\)?\s?[ -]?\s?(\d{{5,7}}|\d{{3}}[ -]\d{{3,4}}){CODE_END}"
)
_PAIR: Final = re.compile(
    rf"{_FREE}(?<!\d-)\(?(0\d{{1,3}})\)?\s?-?\s?(\d{{6,7}})\s?/\s?(\d{{2,7}}){CODE_END}"
)
_HYPHENED: Final = re.compile(rf"{_FREE}(?<!\d-)(\d{{1,5}}(?:-\d{{2,8}}){{1,4}}){CODE_END}(?!-)")
# Nobody counts to nine digits without a comma: it is a tax number.
_LONG: Final = re.compile(
    r"(?<!\d)(?<!\d[.,])(\d{10,}|\d{9}(?!\s?(?:जना|वटा|हजार|लाख|करोड|%)))(?![\d%]|\.\d)"
)
_LEADING_ZERO: Final = re.compile(rf"{_FREE}(0\d+){CODE_END}")
_AFTER_LETTERS: Final = re.compile(rf"(?<=[{LATIN}])-?(\d{{3,}}){CODE_END}")

_CODE: Final = r"(\d{3,}(?: \d{3,6}|[/.-]\d{2,6}){0,4}|\d{1,2}(?:[/.-]\d{1,6}){2,4})"
_CODE_END: Final = r"(?![\d%]|[.,:/-]\d)"
_STRONG: Final = (
    r"(?:O\.?T\.?P|ओटीपी|ओ\.टी\.पी|PIN|पिन(?:कोड)?|कोड|code|token|टोकन|पासवर्ड|password|passcode|IMEI|"
    rf"a/c|(?:Txn|Ref|User|Customer|Bill|Consumer)\.?\s?(?:ID|{NUMBER_WORD})?|ID|आईडी|{NUMBER_WORD})"
)
_WEAK: Final = (
    r"(?:टेलिफोन|फोन|मोबाइल|मोबाईल|सम्पर्क|हटलाइन|हेल्पलाइन|टोल\s?फ्री|डायल|भाइबर|ह्वाट्सएप|"
    r"telephone|phone|mobile|mob|tel|contact|hotline|helpline|toll\s?free|dial|call|whatsapp|viber)"
)
_LINK: Final = r"\s*(?:[:=#.\-]|हो|छ|is|भनेको)?\s*[\"'(]?\s*"
_SPACED_LINK: Final = r"(?:\s*(?:[:=#]|हो|छ|is|भनेको)\s*|\s)[\"'(]?"
_NAMED: Final = re.compile(
    rf"({NOT_AFTER_LETTER}{_STRONG}{_LINK}|{NOT_AFTER_LETTER}{_WEAK}\s*(?:{NUMBER_WORD})?{_LINK}){_CODE}{_CODE_END}",
    re.IGNORECASE,
)
# Before telephones: a code that begins with a zero has the shape of a landline.
_SECRET: Final = re.compile(
    rf"({NOT_AFTER_LETTER}(?:OTP|ओटीपी|PIN|पिन|कोड|code|token|टोकन|पासवर्ड|password)(?:\s{NUMBER_WORD})?{_SPACED_LINK})"
    rf"(\d{{4,8}}){CODE_END}",
    re.IGNORECASE,
)
_OTP_LATER: Final = re.compile(
    rf"({NOT_AFTER_LETTER}(?:O\.?T\.?P|ओटीपी|PIN|पिन|कोड|code)(?:\s+(?:[{LETTER}]{{1,20}})){{1,4}}\s*[:-]?\s*)(\d{{4,8}}){CODE_END}"
    r"(?!\s*(?:दिन|घण्टा|मिनेट|सेकेन्ड|पटक|जना|वटा|रु|min|sec|hour|day|time))",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(
    rf"{_FREE}(?<!-){_CODE}(?=\s*(?:{NUMBER_WORD}\s*)?(?:मा|to)?\s*(?:फोन|कल|सम्पर्क|डायल|एसएमएस|SMS|call)(?![A-Za-z])"
    rf"|\s*(?:नम्बर|नं))",
    re.IGNORECASE,
)
_BEFORE_OTP: Final = re.compile(
    rf"{_FREE}(\d{{4,8}})(?=\s+(?:is|हो)?\s*(?:your|तपाईंको|तपाईको|तपाइँको)[^.।\d]{{0,30}}(?:OTP|code|PIN|ओटीपी|कोड|पिन))",
    re.IGNORECASE,
)
_HOTLINE_OR_PHONE: Final = frozenset({3, 4})
_FEWEST_PHONE_DIGITS: Final = 6
_NO_RANGE_FROM: Final = 8


def read(text: str) -> str:
    """``9841234567`` is नौ आठ चार एक, दुई तीन चार, पाँच छ सात; ``OTP 4829`` keeps its name."""
    text = _SECRET.sub(lambda match: f"{match[1]}{spelt_in_groups(match[2])}", text)
    if "+" in text or "00" in text:
        text = _INTERNATIONAL.sub(_international, text)
    text = _PAIR.sub(_pair, text) if "/" in text else text
    text = _LANDLINE.sub(
        lambda match: placed(match, f"{spelt(match[1])}, {spelt_as_grouped(match[2])}"), text
    )
    text = _MOBILE.sub(_mobile, text)
    text = _NAMED.sub(_named, text)
    text = _OTP_LATER.sub(lambda match: f"{match[1]}{spelt_in_groups(match[2])}", text)
    text = _CALLED.sub(lambda match: placed(match, spelt_as_grouped(match[1])), text)
    text = _BEFORE_OTP.sub(lambda match: placed(match, spelt_in_groups(match[1])), text)
    text = _HYPHENED.sub(_hyphened, text) if "-" in text else text
    for pattern in (_AFTER_LETTERS, _LONG, _LEADING_ZERO):
        text = pattern.sub(lambda match: placed(match, spelt_in_groups(match[1])), text)
    return text


def _pair(match: re.Match[str]) -> str:
    """Two subscribers behind one area code, 01-4123456/4123457 or 01-4123456/57."""
    return placed(match, f"{spelt(match[1])}, {spelt_as_grouped(match[2])}, {spelt_as_grouped(match[3])}")


def _international(match: re.Match[str]) -> str:
    if not 7 <= len(re.sub(r"\D", "", match[2])) <= 15:
        return match[0]
    digits = match[2]
    if digits.startswith("977"):
        digits = f"977 {digits[3:]}"
    prefix = _PLUS if match[1] == "+" else spelt(match[1])
    return placed(match, f"{prefix} {spelt_as_grouped(digits)}")


def _mobile(match: re.Match[str]) -> str:
    country = "977" if match[1].startswith("977") else ""
    rest = match[1][len(country) :].strip(" -")
    if len(re.sub(r"\D", "", rest)) != 10:
        return match[0]
    return placed(match, f"{spelt(country)}, {spelt_as_grouped(rest)}" if country else spelt_as_grouped(rest))


def _named(match: re.Match[str]) -> str:
    digits = len(re.sub(r"\D", "", match[2]))
    weak = re.match(_WEAK, match[1], re.IGNORECASE) and not re.search(NUMBER_WORD, match[1], re.IGNORECASE)
    if weak and digits not in _HOTLINE_OR_PHONE and digits < _FEWEST_PHONE_DIGITS:
        return match[0]  # मोबाइल 15000 is a price
    space = "" if match[1][-1].isspace() else " "
    return f"{match[1]}{space}{spelt_as_grouped(match[2])}"


def _hyphened(match: re.Match[str]) -> str:
    parts = match[1].split("-")
    digits = sum(map(len, parts))
    alike = len(parts) == 2 and len(parts[0]) == len(parts[1]) and parts[0] < parts[1]
    if len(parts) == 2 and (digits < _NO_RANGE_FROM or alike):
        return match[0]  # a range, for the numbers
    return placed(match, spelt_as_grouped(match[1]))
