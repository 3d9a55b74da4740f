"""Amounts with marks, compounds and minus signs, as statements, budgets and ledgers write them.

Shapes: alerts of Nepali banks quoted in public trackers of message parsers, budgets in newspapers. Scales by their
spellings in both; ``Cr`` and ``Dr`` by the rule of accounts, that a mark stands beside an exact amount.
"""

from collections.abc import Iterator

from tests.speech.corpus.words import RANDOM, Pair, either, grouped, words

_SCALES = {
    "हजार": ("हजार", "thousand"),
    "लाख": ("लाख", "lakh", "lakhs", "lac", "lacs"),
    "करोड": ("करोड", "crore", "crores"),
    "अरब": ("अर्ब", "अरब", "अर्व", "arab"),
    "खरब": ("खर्ब", "खरब", "खर्व", "kharab"),
}
_MARKS = (("Cr", "क्रेडिट"), ("CR", "क्रेडिट"), ("Dr", "डेबिट"), ("DR", "डेबिट"))


def _rupees(number: int, paisa: int) -> str:
    return f"{words(number)} रुपैयाँ" + (f" {words(paisa)} पैसा" if paisa else "")


def marked() -> Iterator[Pair]:
    for index in range(48):
        mark, said = _MARKS[index % len(_MARKS)]
        number, paisa = RANDOM.randint(1_000, 999_999), RANDOM.choice((0, RANDOM.randint(1, 99)))
        currency = ("रु ", "Rs. ", "NPR ", "Rs.")[index // 4 % 4]
        written = f"{currency}{either(f'{grouped(number)}.{paisa:02}')}"
        shape = (f"{written} {mark}", f"{written}{mark}", f"{written} ({mark})")
        yield shape[index % 3], f"{_rupees(number, paisa)} {said}"
        if index % 2:
            before = (f"{mark}. {written}", f"{mark} {written}", f"{mark}: {written}")
            yield before[index % 3], f"{said} {_rupees(number, paisa)}"


MARKED_FRAMES = ["मौज्दात @ छ।", "तपाईंको खातामा @ भयो।", "भदौ मसान्तमा @ रहेको छ।"]


def compound() -> Iterator[Pair]:
    names = tuple(_SCALES)
    for index in range(60):
        first = index % 4 + 1
        parts = [(RANDOM.randint(1, 99), names[first])]
        parts += [(RANDOM.randint(1, 99), name) for name in reversed(names[:first]) if RANDOM.random() < 0.6]
        if len(parts) == 1:
            parts.append((RANDOM.randint(1, 99), names[first - 1]))
        latin = index % 3 == 2
        spellings = {name: [word for word in _SCALES[name] if word.isascii() == latin] for name in names}
        written = " ".join(
            f"{number if latin else either(str(number))} {RANDOM.choice(spellings[name])}"
            for number, name in parts
        )
        said = " ".join(f"{words(number)} {name}" for number, name in parts) + " रुपैयाँ"
        shape = (f"रु {written}", f"रु. {written}", f"Rs {written}", f"{written} रुपैयाँ", f"NPR {written}")
        yield shape[index % 5 if not latin else (2, 4)[index % 2]], said
    for whole, part, scale in ((67, "5", "अर्ब"), (1, "25", "अरब"), (3, "75", "खर्ब"), (12, "8", "अर्व")):
        digits = " ".join(words(int(digit)) for digit in part)
        word = "खरब" if scale.startswith("ख") else "अरब"
        yield f"रु {either(f'{whole}.{part}')} {scale}", f"{words(whole)} दशमलव {digits} {word} रुपैयाँ"


COMPOUND_FRAMES = ["यस वर्ष @ छुट्याइयो।", "सडक निर्माणमा @ लाग्ने भयो।", "ठेक्का @ मा लाग्यो।", "कृपया @ बुझाउनुहोस्।"]


def negative() -> Iterator[Pair]:
    for index in range(36):
        number, paisa = RANDOM.randint(100, 99_999), RANDOM.choice((0, RANDOM.randint(1, 99)))
        digits = either(f"{grouped(number)}.{paisa:02}")
        written = (
            f"रु ({digits})",
            f"Rs.({digits})",
            f"NPR ({digits})",
            f"रु {digits}-",
            f"रु -{digits}",
            f"-रु {digits}",
        )[index % 6]
        yield written, f"माइनस {_rupees(number, paisa)}"


NEGATIVE_FRAMES = ["मौज्दात @ छ।", "खुद नाफा @ देखियो।", "हिसाबमा @ बाँकी छ।"]
