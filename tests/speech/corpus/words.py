"""Number words and other common parts of the corpus, typed in and checked; none of the product's code."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from digits_to_word_nepali import digit_to_nepali_words

RANDOM = random.Random(2082)

BELOW_100 = [
    "शून्य",
    "एक",
    "दुई",
    "तीन",
    "चार",
    "पाँच",
    "छ",
    "सात",
    "आठ",
    "नौ",
    "दस",
    "एघार",
    "बाह्र",
    "तेह्र",
    "चौध",
    "पन्ध्र",
    "सोह्र",
    "सत्र",
    "अठार",
    "उन्नाइस",
    "बीस",
    "एक्काइस",
    "बाइस",
    "तेइस",
    "चौबिस",
    "पच्चिस",
    "छब्बिस",
    "सत्ताइस",
    "अठ्ठाइस",
    "उनन्तिस",
    "तीस",
    "एकत्तिस",
    "बत्तिस",
    "तेत्तिस",
    "चौँतिस",
    "पैँतिस",
    "छत्तिस",
    "सैँतिस",
    "अठतिस",
    "उनन्चालीस",
    "चालीस",
    "एकचालीस",
    "बयालीस",
    "त्रिचालीस",
    "चवालीस",
    "पैँतालीस",
    "छयालीस",
    "सतचालीस",
    "अठचालीस",
    "उनन्चास",
    "पचास",
    "एकाउन्न",
    "बाउन्न",
    "त्रिपन्न",
    "चवन्न",
    "पचपन्न",
    "छपन्न",
    "सन्ताउन्न",
    "अन्ठाउन्न",
    "उनन्साठी",
    "साठी",
    "एकसट्ठी",
    "बयसट्ठी",
    "त्रिसट्ठी",
    "चौँसट्ठी",
    "पैँसट्ठी",
    "छयसट्ठी",
    "सतसट्ठी",
    "अठसट्ठी",
    "उनन्सत्तरी",
    "सत्तरी",
    "एकहत्तर",
    "बहत्तर",
    "त्रिहत्तर",
    "चौहत्तर",
    "पचहत्तर",
    "छयहत्तर",
    "सतहत्तर",
    "अठहत्तर",
    "उनासी",
    "असी",
    "एकासी",
    "बयासी",
    "त्रियासी",
    "चौरासी",
    "पचासी",
    "छयासी",
    "सतासी",
    "अठासी",
    "उनान्नब्बे",
    "नब्बे",
    "एकानब्बे",
    "बयानब्बे",
    "त्रियानब्बे",
    "चौरानब्बे",
    "पञ्चानब्बे",
    "छयानब्बे",
    "सन्तानब्बे",
    "अन्ठानब्बे",
    "उनान्सय",
]
DIGITS = BELOW_100[:10]
BS = ["वैशाख", "जेठ", "असार", "साउन", "भदौ", "असोज", "कात्तिक", "मङ्सिर", "पुस", "माघ", "फागुन", "चैत"]
AD = ["जनवरी", "फेब्रुअरी", "मार्च", "अप्रिल", "मे", "जुन", "जुलाई", "अगस्ट", "सेप्टेम्बर", "अक्टोबर", "नोभेम्बर", "डिसेम्बर"]
ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

Pair = tuple[str, str]


def words(number: int) -> str:
    """In the scales of South Asia: two digits each above the thousand."""
    said: list[str] = []
    for size, name in (
        (10**11, "खरब"),
        (10**9, "अरब"),
        (10**7, "करोड"),
        (10**5, "लाख"),
        (10**3, "हजार"),
        (100, "सय"),
    ):
        if number >= size:
            said += (BELOW_100[number // size], name)
            number %= size
    if number or not said:
        said.append(BELOW_100[number])
    return " ".join(said)


def digit_by_digit(digits: str, *sizes: int) -> str:
    """With a pause behind each group of `sizes` digits."""
    parts, start = [], 0
    for size in sizes or (len(digits),):
        parts.append(" ".join(DIGITS[int(digit)] for digit in digits[start : start + size]))
        start += size
    return ", ".join(parts)


def nepali(text: str) -> str:
    """ASCII digits as Devanagari ones."""
    return text.translate(str.maketrans("0123456789", "०१२३४५६७८९"))


def grouped(number: int, western: bool = False) -> str:
    """With commas: 12,34,567 or 1,234,567."""
    if western:
        return f"{number:,}"
    head, tail = divmod(number, 1000)
    if not head:
        return str(tail)
    parts = [f"{tail:03}"]
    while head >= 100:
        head, two = divmod(head, 100)
        parts.insert(0, f"{two:02}")
    return ",".join((str(head), *parts))


def either(text: str) -> str:
    """In one of the two kinds of digits."""
    return nepali(text) if RANDOM.random() < 0.5 else text


def framed(frames: list[str], cases: Iterator[Pair]) -> Iterator[Pair]:
    """Each case in the next of the sentences, whose ``@`` is the case; the rest of a sentence stays as it is."""
    for index, (written, said) in enumerate(cases):
        frame = frames[index % len(frames)]
        yield frame.replace("@", written), frame.replace("@", said)


def sound(text: str) -> str:
    """Without what Nepali does not pronounce, or writes in more than one way."""
    for written, said in (
        ("ी", "ि"),
        ("ू", "ु"),
        ("श", "स"),
        ("ष", "स"),
        ("ँ", ""),
        ("ं", ""),
        ("ट्ठ", "ठ"),
        ("ठ्ठ", "ठ"),
        ("साठ", "सठ"),
    ):
        text = text.replace(written, said)
    return re.sub("नान्?न?ब्बे", "नब्बे", text)


def check(reference: Path | None) -> None:
    """Number words against both sources; says where they differ in sound."""
    for number in (
        *range(100),
        100,
        101,
        999,
        1000,
        1250,
        12_345,
        99_999,
        10**5,
        125_000,
        10**7,
        12_345_678,
        10**9,
    ):
        other = str(digit_to_nepali_words(number))
        if sound(other) != sound(words(number)):
            print(f"{number}: {words(number)}, but digits-to-word-nepali has {other}")
    if reference is None:
        return
    for line in (reference / "verbalize-cardinal.tsv").read_text("utf-8").splitlines():
        parts = line.split("\t")
        value = re.search(r"integer:(\d+)\|", line)
        if (
            value
            and len(parts) == 3
            and int(value[1]) < 10**12
            and sound(parts[2]) != sound(words(int(value[1])))
        ):
            print(f"{value[1]}: {words(int(value[1]))}, but the reference has {parts[2]}")
