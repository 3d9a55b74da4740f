"""Amounts half in figures and half in words: ``रु ५ लाख पचास हजार``. The currency goes to the end, where it is said."""

import re
from typing import Final

from app.speech.kinds.patterns import CASE_ENDING, DEVANAGARI, NOT_AFTER_LETTER, NUMBER
from app.speech.kinds.scales import SCALE
from app.speech.kinds.words import cardinal

# As people write them beside the spelling that we say.
_SPELLINGS: Final = (
    "दश एघार बाह्र अठार उन्नाईस एक्काईस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस अठ्ठाईस उनन्तीस पैतीस पैंतीस चालिस पैतालिस "
    "पैंतालीस उनन्पचास पचपन्न साठि सत्तरि अस्सी असि नब्बे पचहत्तर पाच पांच छः दुइ"
)
_WORD: Final = "|".join(
    sorted({*_SPELLINGS.split(), *(cardinal(str(number)) for number in range(1, 100))}, key=len, reverse=True)
)
_NEPALI_SCALE: Final = "सय|हजार|लाख|करोड|अर[बव]|अर्[बव]|खर[बव]|खर्[बव]"
_END: Final = rf"(?:(?![{DEVANAGARI}])|(?={CASE_ENDING}))"
_HALF: Final = re.compile(
    rf"{NOT_AFTER_LETTER}(?:रु|रू|ने\.\s?रु|N?Rs|NPR|₹)[.:]?\s*(?P<figures>{NUMBER}\s*{SCALE})"
    rf"(?P<words>(?:\s+(?:{_WORD})\s+(?:{_NEPALI_SCALE}){_END}){{1,4}}(?:\s+(?:{_WORD})(?=\s*(?:मात्र|रु|रू|[,।.]|$)))?)"
    r"(?:\s*(?:रुपैयाँ|रुपैंयाँ|रुपैया|रूपैयाँ|रु\.?))?(?!\s+(?:जना|वटा|ओटा|थान))",
    re.IGNORECASE,
)


def read(text: str) -> str:
    """``रु 5 लाख पचास हजार बुझाउनुहोस्`` is ``5 लाख पचास हजार रुपैयाँ बुझाउनुहोस्``."""
    return _HALF.sub(r"\g<figures>\g<words> रुपैयाँ", text)
