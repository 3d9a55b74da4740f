"""Names of the months of both calendars, as written and as spoken.

Sources: the Bikram Sambat and Gregorian month names of google/language-resources ``ne`` (Apache-2.0) and of
Unicode CLDR (``ne``), in the spelling that newspapers use today.
"""

from typing import Final

YEARS: Final = range(1900, 2200)
"""Years of either calendar that messages speak of."""
FIRST_BS_YEAR: Final = 2045
"""From here on a year is taken as one of Bikram Sambat when nothing beside it says which it is."""
LONGEST_BS_MONTH: Final = 32
"""Days."""

BS_MONTHS: Final = (
    "वैशाख", "जेठ", "असार", "साउन", "भदौ", "असोज", "कात्तिक", "मङ्सिर", "पुस", "माघ", "फागुन", "चैत",
)  # fmt: skip
AD_MONTHS: Final = (
    "जनवरी", "फेब्रुअरी", "मार्च", "अप्रिल", "मे", "जुन",
    "जुलाई", "अगस्ट", "सेप्टेम्बर", "अक्टोबर", "नोभेम्बर", "डिसेम्बर",
)  # fmt: skip
AD_SHORT: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The three letters that programs write."""

_AD_LATIN: Final = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun",
    "july jul", "august aug", "september sept sep", "october oct", "november nov", "december dec",
)  # fmt: skip
_BS_LATIN: Final = (
    "baisakh baishakh vaishakh", "jestha jeth", "asar ashadh asadh ashar", "shrawan saun sawan", "bhadra bhadau",
    "ashwin asoj ashoj", "kartik kattik", "mangsir mansir", "poush pus paush", "magh", "falgun fagun phalgun phagun",
    "chaitra chait",
)  # fmt: skip
_BS_WRITTEN: Final = (
    "वैशाख बैशाख बैसाख", "जेठ जेष्ठ ज्येष्ठ", "असार आषाढ अषाढ", "साउन श्रावण सावन", "भदौ भाद्र भाद्रपद",
    "असोज आश्विन अश्विन", "कात्तिक कार्तिक", "मङ्सिर मंसिर मार्ग", "पुस पौष", "माघ", "फागुन फाल्गुन",
    "चैत चैत्र",
)  # fmt: skip

LATIN_MONTHS: Final[dict[str, str]] = {
    written: spoken
    for table, months in ((_AD_LATIN, AD_MONTHS), (_BS_LATIN, BS_MONTHS))
    for names, spoken in zip(table, months, strict=True)
    for written in names.split()
}
"""Lower-case Latin spelling to the spoken name."""

WRITTEN_MONTHS: Final = frozenset(" ".join((*_BS_WRITTEN, *AD_MONTHS)).split()) | {
    "जून", "अगस्त", "अक्टुबर", "नोभम्बर", "फेब्रुवरी",
}  # fmt: skip
"""Devanagari spellings; they are spoken as they stand."""

AMBIGUOUS: Final = frozenset({"may", "march", "mar", "magh", "pus"})
"""Words too, when not capitalised."""
