"""What a cell of a spreadsheet shows of its value, by its number format (ECMA-376 part 1, 18.8.31).

Decimals are rounded and zeros, separators, currencies and percent signs stand as the sheet shows them. Two things are
not taken over: decimals of a whole number without a currency, which would be read aloud, and the order of a date's
parts, which are answered as ISO where day, month and year are all shown.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from app.recipients.cells import CellValue, cell_text

BUILTIN = {
    "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "14": "yyyy-mm-dd",
    "15": "d-mmm-yy", "16": "d-mmm", "17": "mmm-yy", "18": "h:mm", "19": "h:mm:ss", "20": "h:mm", "21": "h:mm:ss",
    "22": "yyyy-mm-dd h:mm", "37": "#,##0;(#,##0)", "38": "#,##0;(#,##0)", "39": "#,##0.00;(#,##0.00)",
    "40": "#,##0.00;(#,##0.00)", "41": "#,##0;(#,##0)", "42": "#,##0;(#,##0)", "43": "#,##0.00;(#,##0.00)",
    "44": "#,##0.00;(#,##0.00)",
}  # fmt: skip
"""Formats that a workbook names by number alone. Those of money show the reader's own currency, so they have none."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[\$(?P<money>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<power>E[+-])|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<end>;)"
    r"|(?P<date>y+|m+|d+|h+|s+|AM/PM|A/P)|(?P<text>@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_FRACTION = re.compile(r"[0#?] */ *[0-9#?]")
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[0-9]+(?:\.[0-9]+)?)")
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip
_QUICK = re.compile(r"[ls]*(?P<whole>#,##0|#?0+|#+0)(?P<rest>(?:[.]0+)?)[ls]*")  # l: literal, s: space
_NEAR_A_HALF = 1e-4  # where a float may lie on the other side of what is written
_MONEY = re.compile(r"(?<![^\W\d_])(?:rs|nrs|npr|re|inr|irs|usd)(?![^\W\d_])|रु|रू", re.IGNORECASE)
_LONGEST = 255  # of the format itself
_LARGEST = 1e15
_MOST_DIGITS = 30

Render = Callable[[CellValue], str]
_Token = tuple[str, str]


@lru_cache(maxsize=1000)
def renderer(code: str) -> Render | None:
    """What writes a value as the format `code` shows it; None when that is no other than `cell_text`."""
    if len(code) > _LONGEST or _FRACTION.search(code):
        return None
    tokens = [_token(found) for found in _TOKEN.finditer(code)]
    kinds = {kind for kind, _ in tokens}
    if "date" in kinds:
        return lambda value: _moment_shown(tokens, value)
    if "power" in kinds or not kinds & {"digit", "general"} or tokens == [("general", "General")]:
        return None
    sections = _sections(tokens)
    quick = _Quick.of(sections[0].tokens) if not any(section.holds for section in sections) else None
    return lambda value: (quick and quick.shown(value)) or _number_shown(sections, value)


def _token(found: re.Match[str]) -> _Token:
    kind = found.lastgroup or "space"
    text = found[kind] if found.lastgroup else ""
    if kind in {"quoted", "escaped", "money", "other"}:
        return "literal", text
    return kind, text


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the up to four parts of a format; `holds` says of which values."""

    tokens: Sequence[_Token]
    holds: Callable[[float], bool] | None
    negative: bool = False


def _sections(tokens: Sequence[_Token]) -> list[_Section]:
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token[0] == "end":
            parts.append([])
        else:
            parts[-1].append(token)
    return [
        _Section([token for token in part if token[0] != "bracket"], _condition(part), negative=index == 1)
        for index, part in enumerate(parts)
    ]


def _condition(part: Sequence[_Token]) -> Callable[[float], bool] | None:
    for kind, text in part:
        found = _CONDITION.fullmatch(text) if kind == "bracket" else None
        if found:
            compared, bound = _COMPARED[found[1]], float(found[2])
            return lambda value: compared(value, bound)
    return None


@dataclass(frozen=True, slots=True)
class _Quick:
    """Positive numbers of the commonest formats, such as ``"Rs. "#,##0.00``, in a fifth of the time."""

    before: str
    behind: str
    written: str
    decimals: int
    keeps_zeros: bool

    @classmethod
    def of(cls, tokens: Sequence[_Token]) -> "_Quick | None":
        """None for a format that is not of that kind."""
        marks = "".join(text if kind in {"digit", "point", "comma"} else kind[0] for kind, text in tokens)
        found = _QUICK.fullmatch(marks)
        if found is None:
            return None
        before, behind = (
            "".join(text for _, text in part)
            for part in (tokens[: found.start("whole")], tokens[found.end("whole") + len(found["rest"]) :])
        )
        decimals = max(0, len(found["rest"]) - 1)
        grouped = "," in found["whole"]
        least = 0 if grouped else found["whole"].count("0") + (decimals + 1 if decimals else 0)
        return cls(before, behind, f"{'0' if least else ''}{least or ''}{',' if grouped else ''}.{decimals}f",
                   decimals, _has_money(tokens))  # fmt: skip

    def shown(self, value: CellValue) -> str | None:
        """None where the long way must be taken."""
        if not isinstance(value, float | int) or isinstance(value, bool) or not 1 <= value < _LARGEST:
            return None
        if abs(value * 10**self.decimals % 1 - 0.5) < _NEAR_A_HALF:
            return None
        text = format(value, self.written)
        if self.decimals and not self.keeps_zeros and text.endswith("0" * self.decimals):
            text = text[: -self.decimals - 1]
        return " ".join(f"{self.before}{text}{self.behind}".split())


def _chosen(sections: Sequence[_Section], value: float) -> _Section:
    if any(section.holds for section in sections):
        held = (section for section in sections if section.holds is None or section.holds(value))
        return next(held, sections[-1])
    if value < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if value == 0 and len(sections) > 2 else sections[0]


def _number_shown(sections: Sequence[_Section], value: CellValue) -> str:
    plain = cell_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return plain
    section = _chosen(sections, value)
    conditional = any(one.holds for one in sections)
    sign = "-" if value < 0 and (conditional or not section.negative) else ""
    shown = _filled(section.tokens, Decimal(repr(abs(value))))
    text = " ".join(f"{sign}{shown}".split())
    # A dash for zero is no value to whoever reads it out: the number itself is.
    return text if any(map(str.isalnum, text)) else plain


def _filled(tokens: Sequence[_Token], value: Decimal) -> str:
    """The value's digits in the places of a section."""
    kinds = [kind for kind, _ in tokens]
    point = kinds.index("point") if "point" in kinds else len(kinds)
    last = max((at for at, kind in enumerate(kinds) if kind == "digit"), default=-1)
    whole_places = [at for at in range(point) if kinds[at] == "digit"]
    places = [at for at in range(point, len(kinds)) if kinds[at] == "digit"]
    value *= Decimal(100) ** kinds.count("percent")
    behind = [at for at, kind in enumerate(kinds) if kind == "comma" and at > (whole_places or [last])[-1]]
    value /= Decimal(1000) ** min(4, len(behind))
    digits = f"{value.quantize(Decimal(1).scaleb(-min(len(places), _MOST_DIGITS)), ROUND_HALF_UP):f}"
    whole, _, decimals = digits.partition(".")
    grouped = any(
        kind == "comma" and whole_places and whole_places[0] < at < whole_places[-1]
        for at, kind in enumerate(kinds)
    )
    if not decimals.strip("0") and not _has_money(tokens):
        decimals = ""
    least = sum(1 for at in whole_places if tokens[at][1] == "0")
    put = _whole(whole, whole_places, least, grouped=grouped)
    put |= _decimals(decimals, places, tokens)
    shown = []
    for at, (kind, text) in enumerate(tokens):
        if kind == "point":
            shown.append("." if decimals and any(put[place] for place in places) else "")
        elif kind == "general":
            shown.append(cell_text(float(value)))
        elif kind in {"literal", "percent", "digit"}:
            shown.append(put.get(at, text))
    return "".join(shown)


def _whole(whole: str, places: Sequence[int], least: int, *, grouped: bool) -> dict[int, str]:
    """Digits before the point by place, from the right; the first place takes those that are left."""
    if not places:
        return {}
    digits = whole.lstrip("0").rjust(least, "0")
    pieces = list(digits)
    if grouped:
        pieces = [
            digit + ("," if left and left % 3 == 0 else "")
            for digit, left in zip(pieces, range(len(pieces) - 1, -1, -1), strict=True)
        ]
    put = dict.fromkeys(places, "")
    for place in reversed(places[1:]):
        put[place] = pieces.pop() if pieces else ""
    put[places[0]] = "".join(pieces)
    return put


def _decimals(decimals: str, places: Sequence[int], tokens: Sequence[_Token]) -> dict[int, str]:
    put = {place: decimals[at : at + 1] for at, place in enumerate(places)}
    for place in reversed(places):
        if tokens[place][1] == "0" or put[place] not in {"0", ""}:
            break
        put[place] = ""
    return put


def _has_money(tokens: Sequence[_Token]) -> bool:
    """Whether a currency stands there, by its sign or its name."""
    text = "".join(text if kind == "literal" else " " for kind, text in tokens)
    return _MONEY.search(text) is not None or any(unicodedata.category(mark) == "Sc" for mark in text)


def _moment_shown(tokens: Sequence[_Token], value: CellValue) -> str:
    letters = {text[0].lower() for kind, text in tokens if kind == "date"}
    if not isinstance(value, date | time):
        return cell_text(value)
    clock, day = letters & {"h", "s"}, letters & {"y", "d"}
    if isinstance(value, time) or (clock and not day):
        return cell_text(value.time() if isinstance(value, datetime) else value)
    if letters >= {"y", "m", "d"}:
        if clock or not isinstance(value, datetime):
            return cell_text(value)
        return value.date().isoformat()
    return "".join(_part(kind, text, value) for kind, text in tokens).strip()


def _part(kind: str, text: str, value: date) -> str:
    """A part of a date that is not shown whole, such as ``Apr-26``."""
    if kind == "literal":
        return text
    if kind != "date":
        return " " if kind == "comma" else ""
    letter, length = text[0].lower(), len(text)
    if letter == "y":
        return f"{value:%Y}" if length > 2 else f"{value:%y}"
    if letter == "d":
        return [f"{value.day}", f"{value:%d}", f"{value:%a}", f"{value:%A}"][min(length, 4) - 1]
    if letter == "m":
        return [f"{value.month}", f"{value:%m}", f"{value:%b}", f"{value:%B}"][min(length, 4) - 1]
    return ""
