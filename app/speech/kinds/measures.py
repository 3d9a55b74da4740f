"""Units behind a number, percent and degrees. The number itself is left for `numbers`."""

import re
from typing import Final

from app.speech.kinds.patterns import (
    CASE_ENDING,
    LETTER,
    NOT_AFTER_LETTER,
    NOT_BEFORE_LETTER,
    NUMBER,
    either,
    placed,
)
from app.speech.kinds.units import LATIN_UNITS, NEPALI_UNIT, nepali_unit
from app.speech.kinds.words import TO

_TIMES_OF_DAY: Final = ("घण्टा", "दिन")

_WORD: Final = either(LATIN_UNITS)
_UNIT: Final = re.compile(rf"(?<=\d)\s?({_WORD})(?![A-Za-z\d^]|(?<=[A-Za-z%°])/)")
_NEPALI: Final = re.compile(
    rf"(?<=\d)\s?(?P<unit>{NEPALI_UNIT})(?:\s?/\s?(?P<per>{NEPALI_UNIT}|घण्टा|दिन))?(?:(?![{LETTER}])|(?={CASE_ENDING}))"
)
# What is counted before a unit goes through as a number; alone, in a label, a unit is said as well.
_FEET: Final = re.compile(r"(?<!\d)(?<!\d[.,/-])(\d{1,2})\s?'\s?(\d{1,2})\s?(?:\"|''|\u2033)")
# 5 मि.ली.-10 मि.ली. and 5ml - 10ml
_BETWEEN: Final = re.compile(
    rf"((?<=\d)\s?(?:{NEPALI_UNIT}|{_WORD}))\s?-\s?(?={NUMBER}\s?(?:{NEPALI_UNIT}|{_WORD})(?![{LETTER}]))"
)
_ALONE: Final = re.compile(
    rf"{NOT_AFTER_LETTER}(?P<unit>(?:कि|मि|से)\.\s?(?:मी|मि|ली|लि|ग्रा)\.?){NOT_BEFORE_LETTER}"
)
_AROUND: Final = re.compile(r"(?<!\d)(?<!\d[/.,-])24\s?[/x]\s?7(?![\d/.,-])")
_COMPARISONS: Final = {
    "<": "{} भन्दा कम", ">": "{} भन्दा बढी", "≤": "बढीमा {}", "<=": "बढीमा {}", "≥": "कम्तीमा {}", ">=": "कम्तीमा {}",
    "±": "प्लस माइनस {}",
}  # fmt: skip
_COMPARED: Final = re.compile(rf"(<=|>=|[<>≤≥±])\s?({NUMBER})")
_PLUS: Final = re.compile(r"(?<![\d\w])\+\s?(?=\d{1,4}(?!\d))")
# मि. is short for metres and minutes: for minutes behind hours, and before what is waited for.
_SHORT: Final = re.compile(r"(\d{1,2})\s?मि(\.?)")
_HOURS_BEFORE: Final = re.compile(r"\d\s?(?:घ\.|घण्टा|घन्टा)\s?$")
_WAITED_FOR: Final = re.compile(
    r"\s?(?:पछि|ढिलो|अघि|भित्र|पर्ख|कुर्|लाग्|उमाल|बाँकी|आराम|हिँड|हिड|व्यायाम|विश्राम|पहिले|छिटो|सम्म\s(?:पर्ख|कुर्|उमाल|राख))"
)
_MOST_WAITED: Final = 60
_PRESSURE: Final = re.compile(
    rf"({NOT_AFTER_LETTER}(?:रक्तचाप|रक्त\sचाप|बी\.?\s?पी\.?|बि\.?\s?पि\.?|B\.?P\.?|blood\spressure|प्रेसर|pressure)[^\d\n]{{0,24}})"
    r"(\d{2,3})\s?/\s?(\d{2,3})(?![\d/])|(?<![\d/])(\d{2,3})\s?/\s?(\d{2,3})(?=\s?mm\s?Hg)",
    re.IGNORECASE,
)
_BY: Final = "बाई"
_TIMES: Final = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)")
_SIGNED: Final = re.compile(rf"(?<![^\s(:=,])(?<![\d)]\s)-(?={NUMBER}\s?(?:%|°|डिग्री|degree))")


def read(text: str) -> str:
    """``12 kg`` becomes ``12 किलोग्राम``, ``-5°C`` माइनस ``5 डिग्री सेल्सियस``."""
    text = _SHORT.sub(_minutes, text) if "मि" in text else text
    text = _PRESSURE.sub(rf"\1\2\4 {_BY} \3\5", text) if "/" in text else text
    text = _AROUND.sub("चौबिसै घण्टा", text) if "24" in text else text
    text = _COMPARED.sub(lambda match: f" {_COMPARISONS[match[1]].format(match[2])} ", text)
    text = _PLUS.sub(" प्लस ", text)
    text = _TIMES.sub(" गुणा ", text)
    text = _SIGNED.sub(" माइनस ", text)
    text = _FEET.sub(r"\1 फिट \2 इन्च ", text)
    text = _BETWEEN.sub(rf"\1 {TO} ", text)
    text = _UNIT.sub(_named, _NEPALI.sub(_named_in_nepali, text))
    return _ALONE.sub(lambda match: nepali_unit(match["unit"]), text)


def _minutes(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    if text[start - 1 : start].isdecimal() or text[max(0, start - 1) : start] in {".", ","}:
        return match[0]
    behind_hours = _HOURS_BEFORE.search(text[max(0, start - 12) : start]) and not re.match(
        rf"[{LETTER}.]", text[end : end + 1]
    )
    waited = match[2] and int(match[1]) <= _MOST_WAITED and _WAITED_FOR.match(text, end)
    return f"{match[1]} मिनेट" if behind_hours or waited else match[0]


def _named_in_nepali(match: re.Match[str]) -> str:
    per = match["per"]
    over = f" प्रति {per if per in _TIMES_OF_DAY else nepali_unit(per)}" if per else ""
    return placed(match, f"{nepali_unit(match['unit'])}{over}")


def _named(match: re.Match[str]) -> str:
    follows = match.string[match.end() : match.end() + 1]
    glued = match[1] == "%" or not re.match(rf"[{LETTER}]", follows)  # 50%को is one word
    return f" {LATIN_UNITS[match[1]]}{'' if glued else ' '}"
