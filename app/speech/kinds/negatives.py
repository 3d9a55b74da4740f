"""Amounts below nothing, as statements and ledgers write them: ``(1,250.00)``, ``1250-``, ``-1250`` behind a balance.

Each becomes ``(-)1250``, the one form that the kinds after this take for a minus. A dash is a minus only where it can
be no other: in ``शुल्क:- ५००`` and ``महसुल - ५००`` it belongs to the label, and at the start of a line it is a bullet.
"""

import re
from typing import Final

from app.speech.kinds.patterns import LETTER, NOT_AFTER_LETTER, NUMBER

MINUS_SIGN: Final = "(-)"

_BALANCE: Final = (
    r"(?:मौज्दात|मौज्जात|ब्यालेन्स|ब्यालेन्‍स|बेलेन्स|ब्यालेंस|balance|bal|बाँकी|बाकी|बचत|नाफा|घाटा|नोक्सान|नोक्सानी|शेष|net|profit|loss|"
    r"closing|opening|खुद|अन्तर|difference|outstanding|रकम|amount|amt|temperature|temp|तापक्रम|तापमान)"
)
_STATED: Final = r"(?:मौज्दात|मौज्जात|ब्यालेन्स|बेलेन्स|balance|bal|net|नाफा|घाटा|नोक्सान|नोक्सानी|शेष|profit|loss)"
_LINK: Final = r"\.?(?:\s(?:रकम|amount|is))?\s*[:=]?\s*"
_PAISA: Final = r"\d(?:[\d,]*\d)?\.\d\d(?!\d)"
_LABEL: Final = re.compile(
    rf"(?<=[{LETTER}).\]])\s?:\s?-+(?=\s*[\d(])(?!\d[\d.]*\s?(?:°|डिग्री))|(?<=[{LETTER}).\]]):-+\s"
)
_BRACKETED: Final = re.compile(
    rf"(^\s*|{NOT_AFTER_LETTER}{_BALANCE}{_LINK})\(\s*({_PAISA})\s*\)|({NOT_AFTER_LETTER}{_STATED}{_LINK})\(\s*({NUMBER})\s*\)",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,/:-])({NUMBER})-(?=[\s.,;:!?)।]|$)(?!\s*(?:\d|मात्र|only))", re.IGNORECASE
)
_MARK_BEHIND: Final = re.compile(rf"(?<!\d)(?<!\d[.,/:-])({NUMBER})\s?\(\s?-\s?\)")
_EXACT: Final = re.compile(r"\d,\d|\.\d\d$")
_BEFORE_TRAILING: Final = re.compile(rf"(?:{_BALANCE}{_LINK}|(?:रु|रू|Rs|NPR|₹|\$)[.:]?\s*)$", re.IGNORECASE)
_AFTER_BALANCE: Final = re.compile(
    rf"({NOT_AFTER_LETTER}{_BALANCE}{_LINK})(?<!-)(?<=\s)-(?=\d)", re.IGNORECASE
)
_CONTEXT: Final = 24


def read(text: str) -> str:
    """``मौज्दात (1,250.00)`` is ``मौज्दात (-)1,250.00``, and so is ``मौज्दात 1,250.00-``."""
    text = _LABEL.sub(": ", text)
    if "(" in text:
        text = _MARK_BEHIND.sub(rf"{MINUS_SIGN}\1", text)
        text = _BRACKETED.sub(lambda m: f"{m[1] or m[3] or ''}{MINUS_SIGN}{m[2] or m[4]}", text)
    if "-" in text:
        text = _TRAILING.sub(_trailing, text)
        text = _AFTER_BALANCE.sub(rf"\1{MINUS_SIGN}", text)
    return text


def _trailing(match: re.Match[str]) -> str:
    """A dash behind a number closes a range or a list's number unless the number is an amount."""
    before = match.string[max(0, match.start() - _CONTEXT) : match.start()]
    alone = match[0] == match.string.strip()
    if alone or _EXACT.search(match[1]) or _BEFORE_TRAILING.search(before):
        return f"{MINUS_SIGN}{match[1]}"
    return match[0]
