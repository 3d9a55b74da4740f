"""Blood groups and results of tests: ``O-ve``, ``ए-``, ``O (-)``, ``A+ve``, ``HBsAg -ve``.

A bare sign behind a letter is a group where blood is spoken of; elsewhere it is a grade of a school, which is said
प्लस or माइनस.
"""

import re
from typing import Final

from app.speech.kinds.patterns import LETTER, either

_SAID: Final = {"+": "पोजिटिभ", "-": "नेगेटिभ"}
_GROUPS: Final = {
    "A": "ए", "B": "बी", "AB": "एबी", "O": "ओ", "ए": "ए", "बी": "बी", "बि": "बी", "एबी": "एबी", "एबि": "एबी",
    "ए.बी.": "एबी", "ए.बी": "एबी", "ए बी": "एबी", "ओ": "ओ", "Rh": "आरएच", "RH": "आरएच", "आरएच": "आरएच",
    "आर.एच.": "आरएच",
}  # fmt: skip
_GROUP: Final = either(_GROUPS)
_SIGN: Final = r"(?P<sign>[+-])"
# +ve, -ve, (-ve), + ve, ve+, -ive, +भ: the sign and the word's end, wherever they stand.
_WITH_END: Final = re.compile(
    rf"(?:(?<![{LETTER}])(?P<group>{_GROUP}))?(?P<gap>\s?[-(\[]?\s?){_SIGN}\s?\(?\s?i?(?:ve|भ|भी|भि)(?![{LETTER}])\.?\s?[)\]]?"
    rf"|(?<![{LETTER}])(?P<turned>{_GROUP})\s?ve\s?(?P<last>[+-])",
    re.IGNORECASE,
)
# What the pattern above cannot do without, looked for at signs alone.
_ENDS: Final = re.compile(r"[+-]\s?\(?\s?[iI]?(?:[vV][eE]|भ)|[vV][eE]\s?[+-]")
_BRACKETED: Final = re.compile(rf"(?<![{LETTER}])(?P<group>{_GROUP})\s?[(\[]\s?{_SIGN}\s?[)\]]")
_BARE: Final = re.compile(
    rf"(?<![{LETTER}\d.])(?P<group>{_GROUP})(?P<gap>\s?){_SIGN}(?![^\s,.।)/'\"])(?!\s?\d)"
)
_IN_WORDS: Final = re.compile(
    rf"(?<![{LETTER}\d.])['\"]?(?P<group>{_GROUP})['\"]?[\s-]{{0,2}}(?P<word>(?i:negative|positive|neg|pos))(?![{LETTER}])\.?",
)
_BLOOD: Final = re.compile(
    rf"रगत|रक्त|पोजिटिभ|नेगेटिभ|ब्लड|blood|समूह|समुह|donor|डोनर|दाता|(?<![{LETTER}])(?:group|ग्रुप|Rh)", re.IGNORECASE
)
_GRADE: Final = re.compile(r"ग्रेड|जीपीए|जिपिए|grade|GPA|विद्यार्थी|नतिजा|परीक्षा", re.IGNORECASE)
_AROUND: Final = 48


def read(text: str) -> str:
    """``O-ve रगत`` is ओ नेगेटिभ रगत; ``A+`` among the grades is left for the abbreviations."""
    text = _IN_WORDS.sub(_in_words, text)
    if "+" not in text and "-" not in text:
        return text
    text = _WITH_END.sub(_with_end, text) if _ENDS.search(text) else text
    text = _BRACKETED.sub(lambda match: f"{_GROUPS[match['group']]} {_SAID[match['sign']]}", text)
    return _BARE.sub(_bare, text)


def _with_end(match: re.Match[str]) -> str:
    written = match["group"] or match["turned"]
    group = _GROUPS.get(written) or _GROUPS.get(written.upper(), written) if written else ""
    gap = "" if match.start() == 0 and not group else " "
    return f"{group}{gap}{_SAID[match['sign'] or match['last']]} "


def _in_words(match: re.Match[str]) -> str:
    return f"{_GROUPS[match['group']]} {_SAID['+' if match['word'].lower().startswith('pos') else '-']}"


def _bare(match: re.Match[str]) -> str:
    text = match.string
    around = text[max(0, match.start() - _AROUND) : match.end() + _AROUND]
    if not _BLOOD.search(around) or _GRADE.search(around):
        return match[0]
    return f"{_GROUPS[match['group']]} {_SAID[match['sign']]}"
