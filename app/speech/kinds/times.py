"""Times of day: quarter hours as people say them, the part of the day when the writing tells it."""

import re
from typing import Final

from app.speech.kinds.patterns import NOT_BEFORE_LETTER, placed
from app.speech.kinds.words import TO, cardinal

_HALF: Final = r"\s*([ap])\.?\s?m\b\.?"
_OCLOCK: Final = r"(\s*बजे|\s*(?:hrs|hours)\b\.?)"
# A label may touch, as in समय:10:30 and समय-10:00.
_FREE: Final = r"(?<!\d)(?<!\d[:.,/-])"
# The visarga for the colon, १ः३०, and other marks that are typed for it.
_COLON: Final = re.compile(r"(?<=\d)\s?[ः꞉∶˸]\s?(?=\d\d(?!\d))")
# ०९ : ३४ as news pages set it; a ratio has no two digits behind its colon, or says that it is one.
_SPACED: Final = re.compile(r"(?<![\d.,:/-])([01]?\d|2[0-3]) : ([0-5]\d)(?![\d.,/]| ?:)")
# १०।३० बजे, and १०-३० बजे where the second can be no hour.
_OTHER_MARKS: Final = re.compile(
    r"(?<!\d)(?<!\d[:.,/-])(\d{1,2})(?:\s?[।|]\s?([0-5]\d)|\s?:\s([0-5]\d)|[-/](00|2[5-9]|[345]\d))(?=\s*बजे)"
)
_DURATION: Final = re.compile(r"(?<!\d)(?<!\d[:.,/-])(\d{1,2}):([0-5]\d)\s*(?:घण्टा|घन्टा)")
_CLOCK: Final = re.compile(
    rf"{_FREE}(\d{{1,2}}):([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:{_HALF}{NOT_BEFORE_LETTER})?{_OCLOCK}?",
    re.IGNORECASE,
)
_PARTS: Final = "बिहान|दिउँसो|दिउसो|साँझ|बेलुका|बेलुकी|राति|अपराह्न|अपरान्ह|पूर्वाह्न|पूर्वान्ह|मध्याह्न|मध्यरात"
_DOTTED: Final = re.compile(
    rf"{_FREE}(\d{{1,2}})\.([0-5]\d)()(?:{_HALF}{NOT_BEFORE_LETTER}{_OCLOCK}?|(){_OCLOCK}|()(?=\s(?:{_PARTS})))",
    re.IGNORECASE,
)
_HOUR: Final = re.compile(rf"{_FREE}(\d{{1,2}})()(){_HALF}{NOT_BEFORE_LETTER}{_OCLOCK}?", re.IGNORECASE)
_BETWEEN: Final = re.compile(
    r"((?::[0-5]\d|[ap]\.?m\.?)\s*(?:बजे)?)\s*-\s*(?=\d{1,2}(?::\d\d|\s*[ap]\.?m))", re.IGNORECASE
)
_HALF_DAY_BETWEEN: Final = re.compile(
    r"(?<!\d)(?<!\d[:.,/-])(\d{1,2})\s*-\s*(?=(\d{1,2})(?::[0-5]\d)?\s*([ap])\.?\s?m\b)", re.IGNORECASE
)
_HOURS_BETWEEN: Final = re.compile(r"(?<!\d)(?<!\d[:.,/-])(\d{1,2})\s*-\s*(?=\d{1,2}(?:[:.]\d\d)?\s*बजे)")
_RATIO_BEFORE: Final = re.compile(r"(?:अनुपात|ratio|scale|स्केल)\s*[:=]?\s*$", re.IGNORECASE)
_PART_BEFORE: Final = re.compile(rf"(?:{_PARTS})(?:को)?[\s,]*$")


def read(text: str) -> str:
    """``17:07`` is साँझ पाँच बजेर सात मिनेट, ``5:30 बजे`` साढे पाँच बजे, ``10:00-17:00`` has देखि between."""
    text = _SPACED.sub(r"\1:\2", text) if " : " in text else text
    text = _OTHER_MARKS.sub(
        lambda match: f"{match[1]}:{match[2] or match[3] or match[4]}", _COLON.sub(":", text)
    )
    text = _DURATION.sub(_lasting, text)
    text = _BETWEEN.sub(rf"\1 {TO} ", text)
    text = _HALF_DAY_BETWEEN.sub(_both_halves, text)
    text = _HOURS_BETWEEN.sub(rf"\1 {TO} ", text)
    for pattern in (_CLOCK, _DOTTED, _HOUR):
        text = pattern.sub(_spoken, text)
    return text


def _both_halves(match: re.Match[str]) -> str:
    """5-7 pm are both in the evening; of 10-2 pm the first is in the morning."""
    crosses = int(match[1]) % 12 > int(match[2]) % 12
    half = {"a": "p", "p": "a"}[match[3].lower()] if crosses else match[3].lower()
    return f"{match[1]} {half}m {TO} "


def _lasting(match: re.Match[str]) -> str:
    """``1:30 घण्टा`` is a time that something takes."""
    hours, minutes = int(match[1]), int(match[2])
    if minutes == 30:
        return placed(match, f"{half_more(hours) if hours else 'आधा'} घण्टा")
    said = f"{cardinal(match[1])} घण्टा"
    return placed(match, f"{said} {cardinal(match[2])} मिनेट" if minutes else said)


def _spoken(match: re.Match[str]) -> str:
    if _RATIO_BEFORE.search(match.string[max(0, match.start() - 16) : match.start()]):
        return match[0]
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or "").lower()
    if hour > 24 or (hour == 24 and minute) or (half and hour == 0):
        return match[0]
    known = bool(half) or hour > 12 or hour == 0
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    part = ""
    if known and not _PART_BEFORE.search(match.string[max(0, match.start() - 24) : match.start()]):
        part = f"{_part_of_day(hour % 24)} "
    return placed(match, part + _on_the_clock(hour % 12 or 12, minute, second))


def _part_of_day(hour: int) -> str:
    """The everyday parts: morning from 4, day from 12, evening from 16, night from 20."""
    if 4 <= hour < 12:
        return "बिहान"
    if 12 <= hour < 16:
        return "दिउँसो"
    return "साँझ" if 16 <= hour < 20 else "राति"


def _on_the_clock(hour: int, minute: int, second: int) -> str:
    """`hour` from 1 to 12."""
    if second:
        return f"{cardinal(str(hour))} बजेर {cardinal(str(minute))} मिनेट {cardinal(str(second))} सेकेन्ड"
    match minute:
        case 0:
            return f"{cardinal(str(hour))} बजे"
        case 15:
            return f"सवा {cardinal(str(hour))} बजे"
        case 30:
            return f"{half_more(hour)} बजे"
        case 45:
            return f"पौने {cardinal(str(hour % 12 + 1))} बजे"
        case _:
            return f"{cardinal(str(hour))} बजेर {cardinal(str(minute))} मिनेट"


def half_more(whole: int) -> str:
    """One half more than `whole`: डेढ for 1½, अढाई for 2½, साढे with the number for the rest."""
    return {1: "डेढ", 2: "अढाई"}.get(whole) or f"साढे {cardinal(str(whole))}"
