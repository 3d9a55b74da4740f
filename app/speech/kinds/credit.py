"""Credit and debit marks of bank messages: ``12,345.67 Cr``, ``Dr. NPR 260.00``, ``A/C Dr by Rs 500``.

``Cr`` is also short for crore, and ``Dr.`` for a doctor. Behind a number that has paisa or follows an account's words
it is the mark: no crore is counted to the paisa, and a balance a hundred thousand times too large is the worse mistake.
"""

import re
from typing import Final

from app.speech.kinds.patterns import LATIN, LETTER, NOT_AFTER_LETTER, NUMBER

_SAID: Final = {"c": "क्रेडिट", "d": "डेबिट", "क": "क्रेडिट", "ड": "डेबिट"}
_UNIT: Final = r"(?:रुपैयाँ|रूपैयाँ|रुपियाँ|rupees?|/-|रु\.?|Rs\.?|NPR)"
_MARK: Final = r"(?P<mark>[CD]\.?R|(?:क्रे|डे)(?=\.))"
_BEHIND: Final = re.compile(
    rf"(?<!\d)(?<!\d[.,])(?P<number>{NUMBER})(?P<unit>\s?{_UNIT})?(?P<gap>\s*\)?\s*[(\[]?\s*){_MARK}(?P<dot>\.?)(?![{LETTER}.])(?P<close>\s*[)\]])?",
    re.IGNORECASE,
)
_AMOUNT: Final = (
    r"(?:from|to|in)\s(?:your\s)?A/?C|"
    rf"(?:रु|रू|Rs|NRs|NPR|INR|USD|₹|\$)[.:]?\s*[-(]?\s*\d|{NUMBER}(?<=\.\d\d)|\d{{1,3}}(?:,\d{{2,3}})+"
)
_BEFORE: Final = re.compile(
    rf"(?<![{LATIN}.])([CD])\.?R\.?(?P<link>\s*[:=-]\s*|\s+(?:by|of|for|with|रकम)[.:]?\s+|\s+am(?:oun)?t[.:]?\s+|\s*)(?={_AMOUNT})",
    re.IGNORECASE,
)
_ACCOUNT_MARK: Final = re.compile(
    rf"((?:{NOT_AFTER_LETTER}(?:A/?C|acct?|account|खाता|खातामा|मौज्दात|balance|bal)|[*#X]\d{{2,}})[.:]?\s+)([CD])R\b\.?(?!\s*[A-Z][a-z])",
    re.IGNORECASE,
)
_PAIR: Final = re.compile(rf"(?<![{LATIN}])([CD])R\.?\s*/\s*([CD])R\b\.?", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"\s?[(\[]\s?([CD])R\.?\s?[)\]]", re.IGNORECASE)
_HAS_MARK: Final = re.compile(r"[cd]\.?r|क्रे\.|डे\.", re.IGNORECASE)

_CURRENCY_BEFORE: Final = re.compile(r"(?:रु|रू|Rs|NPR|₹|रुपैयाँ)[.:=]{0,2}\s*[-(]*\s*$", re.IGNORECASE)
_ACCOUNT_BEFORE: Final = re.compile(
    rf"{NOT_AFTER_LETTER}(?:A/?C|acct?|account|खाता|खातामा|खाताबाट|खाताको|मौज्दात|balance|bal|ledger|statement|बाँकी|"
    r"ब्यालेन्स)(?![A-Za-z])",
    re.IGNORECASE,
)
_BUDGET: Final = re.compile(
    r"बजेट|लगानी|परियोजना|आयोजना|लागत|पूँजी|पुँजी|अनुदान|ठेक्का|budget|project|worth|capital|cost|invest",
    re.IGNORECASE,
)
_NO_NAME: Final = r"छ|छन्|भयो|भएको|गरियो|हो|बाँकी|मा|को|र|रहेको|मौज्दात|जम्मा|on|by|from|to|is|and"
_DOCTOR_AFTER: Final = re.compile(rf"\s+(?:[A-Z][a-z]|(?!(?:{_NO_NAME})(?![{LETTER}]))[{LETTER}])")
_CONTEXT: Final = 40
_LARGEST_CRORE: Final = 3  # digits; crores by the thousand are written as अरब
_PAISA: Final = 2


def read(text: str) -> str:
    """``रु 1,250.99CR`` is ``रु 1,250.99 क्रेडिट``; ``Rs 5 Cr`` stays for the amounts, ``Dr. Ram`` for the titles."""
    if not _HAS_MARK.search(text):
        return text
    text = _PAIR.sub(lambda match: f"{_SAID[match[1].lower()]} {_SAID[match[2].lower()]} ", text)
    text = _BEHIND.sub(_behind, text)
    text = _BRACKETED.sub(lambda match: f" {_SAID[match[1].lower()]} ", text)
    text = _BEFORE.sub(_before, text)
    return _ACCOUNT_MARK.sub(lambda match: f"{match[1]}{_SAID[match[2].lower()]}", text)


def _behind(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _CONTEXT) : match.start()]
    kept = _is_crore if match["mark"][0] in "cC" else _is_doctor
    if kept(match, before):
        return match[0]
    # The dot stays where it may end the sentence, and a bracket that closes the amount.
    follows = match.string[match.end() : match.end() + 2].strip()
    dot = "." if match["dot"] and not match["close"] and not follows else ""
    closing = ")" if ")" in match["gap"] else ""
    return f"{match['number']}{match['unit'] or ''}{closing} {_SAID[match['mark'][0].lower()]}{dot} "


def _before(match: re.Match[str]) -> str:
    link = "" if "am" in match["link"].lower() else match["link"].rstrip(":=- ")
    return f"{_SAID[match[1].lower()]}{link} "


def can_be_crores(number: str) -> bool:
    """Whether `number`, with ``Cr`` behind it, may count crores: up to three digits and no paisa."""
    whole, _, fraction = number.partition(".")
    return "," not in whole and len(whole) <= _LARGEST_CRORE and whole[0] != "0" and len(fraction) < _PAISA


def _is_crore(match: re.Match[str], before: str) -> bool:
    number = match["number"]
    if match["unit"] or match["gap"].strip() or "," in number:
        return False
    of_a_budget = _BUDGET.search(before) or _BUDGET.search(match.string[match.end() : match.end() + _CONTEXT])
    if not can_be_crores(number):
        whole, _, fraction = number.partition(".")
        return bool(of_a_budget) and len(whole) <= _LARGEST_CRORE + 1 and not fraction.endswith("0")
    return not _ACCOUNT_BEFORE.search(before)


def _is_doctor(match: re.Match[str], before: str) -> bool:
    """Doctors have a dot or a name behind them, and no amount in front."""
    number = match["number"]
    exact = "," in number or number[-3:-2] == "." or match["unit"] or _CURRENCY_BEFORE.search(before)
    if not exact and not _ACCOUNT_BEFORE.search(before):
        return True
    name = _DOCTOR_AFTER.match(match.string, match.end())
    return name is not None and (bool(match["dot"]) or name[0].strip().isascii())
