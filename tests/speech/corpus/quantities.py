"""Money, numbers, shares, ordinals and units."""

from collections.abc import Iterator

from tests.speech.corpus.words import DIGITS, RANDOM, Pair, digit_by_digit, either, grouped, nepali, words


def amounts() -> Iterator[int]:
    for low, high, count in (
        (1, 99, 12),
        (100, 999, 20),
        (1000, 99_999, 40),
        (10**5, 10**7, 24),
        (10**7, 10**10, 14),
    ):
        for _ in range(count):
            yield RANDOM.randint(low, high)


def money() -> Iterator[Pair]:
    marks = (
        "रु @",
        "रु. @",
        "रु.@",
        "Rs. @",
        "Rs @",
        "Rs.@/-",
        "रु @/-",
        "NPR @",
        "रू @",
        "₹@",
        "@ रुपैयाँ",
        "रु. @ मात्र",
    )
    for index, amount in enumerate(amounts()):
        mark = marks[index % len(marks)]
        shape = (str, grouped, lambda number: grouped(number, western=True))[index % 3]
        said = f"{words(amount)} रुपैयाँ"
        yield mark.replace("@", either(shape(amount))), said + (" मात्र" if "मात्र" in mark else "")
    yield from paisa_and_scales()
    for low, high in ((500, 1000), (1000, 1500), (25_000, 30_000), (100, 200)):
        yield f"रु {either(f'{low}-{high}')}", f"{words(low)} देखि {words(high)} रुपैयाँ"
    for dollars, cents in ((5, 0), (25, 50), (100, 99), (1, 20), (320, 70)):
        said = f"{words(dollars)} डलर" + (f" {words(cents)} सेन्ट" if cents else "")
        yield f"${dollars}.{cents:02}" if cents else f"${dollars}", said


def paisa_and_scales() -> Iterator[Pair]:
    for _ in range(40):
        rupees, paisa = RANDOM.randint(1, 50_000), RANDOM.randint(1, 99)
        written = f"{RANDOM.choice(('रु ', 'Rs. ', 'NPR ', 'रु. '))}{either(f'{grouped(rupees)}.{paisa:02}')}"
        yield written, f"{words(rupees)} रुपैयाँ {words(paisa)} पैसा"
    for _ in range(16):
        number, (scale, said) = (
            RANDOM.randint(1, 99),
            RANDOM.choice((("लाख", "लाख"), ("करोड", "करोड"), ("lakh", "लाख"))),
        )
        yield f"रु {either(str(number))} {scale}", f"{words(number)} {said} रुपैयाँ"
    for whole, part, value in (
        (1, 25, 125_000),
        (2, 5, 250_000),
        (7, 75, 775_000),
        (12, 5, 1_250_000),
        (3, 1, 310_000),
    ):
        yield f"Rs {whole}.{part} lakh", f"{words(value)} रुपैयाँ"
        yield f"रु {nepali(f'{whole}.{part}')} लाख", f"{words(value)} रुपैयाँ"


MONEY_FRAMES = [
    "तपाईंको बिजुलीको बिल @ भएको छ।",
    "तपाईंको खातामा @ जम्मा भयो।",
    "विद्यालय शुल्क @ बुझाउन बाँकी छ।",
    "राहत बापत @ वितरण हुनेछ।",
    "ऋणको किस्ता @ भोलिसम्म तिर्नुहोस्।",
    "खानेपानी महसुल @ रहेको जानकारी गराउँछौँ।",
    "जरिवाना @ लाग्नेछ।",
    "नमस्ते, @ प्राप्त भयो। धन्यवाद।",
]


def numbers() -> Iterator[Pair]:
    for index, number in enumerate(range(100)):
        yield either(str(number)), words(number)
        if index % 4 == 0:
            yield either(f"{number}.{index % 10}"), f"{words(number)} दशमलव {DIGITS[index % 10]}"
    for number in amounts():
        if number > 100 and len(str(number)) < 9:
            yield either(grouped(number)), words(number)
    for low, high in ((10, 15), (2, 3), (18, 60), (100, 200), (5, 7), (25, 30)):
        yield either(f"{low}-{high}"), f"{words(low)} देखि {words(high)}"


NUMBER_FRAMES = [
    "यस वडामा @ जना मतदाता छन्।",
    "शिविरमा @ परिवार बसेका छन्।",
    "कक्षामा @ विद्यार्थी उपस्थित थिए।",
    "जम्मा @ वटा घर बगायो।",
    "अस्पतालमा @ जना भर्ना भए।",
]


def shares() -> Iterator[Pair]:
    for number in range(1, 101, 3):
        yield either(str(number)) + RANDOM.choice(("%", " %", " प्रतिशत")), f"{words(number)} प्रतिशत"
    for whole, part in ((12, "5"), (0, "5"), (99, "9"), (7, "25"), (3, "05")):
        yield either(f"{whole}.{part}") + "%", f"{words(whole)} दशमलव {digit_by_digit(part)} प्रतिशत"
    yield either("10-15") + "%", "दस देखि पन्ध्र प्रतिशत"
    yield "1/2", "आधा"
    yield "¼", "एक चौथाइ"
    yield "3/4", "तीन चौथाइ"
    yield nepali("2/3"), "दुई बटा तीन"


SHARE_FRAMES = ["ब्याजदर @ कायम भयो।", "मतदान @ सम्पन्न भयो।", "काम @ सकियो।", "जलाशय @ भरियो।"]


def ordinals() -> Iterator[Pair]:
    special = {1: "पहिलो", 2: "दोस्रो", 3: "तेस्रो", 4: "चौथो", 6: "छैटौँ", 9: "नवौँ"}
    for number in (*range(1, 41), 50, 75, 100):
        stem = words(number)
        said = special.get(number) or (f"{stem}औँ" if stem[-1] in "ाीिुूेैोौ" else f"{stem}ौँ")
        if number == 26:
            said = "छब्बिसौँ"
        suffix = RANDOM.choice(("औँ", " औं", "औं", " औँ"))
        yield either(str(number)) + suffix, said
        if number < 11:
            english = {1: "st", 2: "nd", 3: "rd"}.get(number, "th")
            yield f"{number}{english}", said


ORDINAL_FRAMES = ["आज @ दिन हो।", "विद्यालयको @ वार्षिकोत्सव छ।", "यो @ पटक हो।"]


def units() -> Iterator[Pair]:
    table = {
        "kg": "किलोग्राम",
        "km": "किलोमिटर",
        "कि.मि.": "किलोमिटर",
        "cm": "सेन्टिमिटर",
        "मि.मि.": "मिलिमिटर",
        "kWh": "किलोवाट घण्टा",
        "लि.": "लिटर",
        "ml": "मिलिलिटर",
        "°C": "डिग्री सेल्सियस",
        "MW": "मेगावाट",
        "km/h": "किलोमिटर प्रति घण्टा",
        "ft": "फिट",
        "m": "मिटर",
        "के.जी.": "किलोग्राम",
        "km²": "वर्ग किलोमिटर",
        "V": "भोल्ट",
        "GB": "जीबी",
        "g": "ग्राम",
        "mg": "मिलिग्राम",
        "ltr": "लिटर",
        "किमी": "किलोमिटर",
        "से.मि.": "सेन्टिमिटर",
    }
    for unit, said in table.items():
        for _ in range(3):
            number = RANDOM.randint(1, 400)
            yield f"{either(str(number))} {unit}", f"{words(number)} {said}"
        yield f"{either('2.5')} {unit}", f"दुई दशमलव पाँच {said}"


UNIT_FRAMES = ["जम्मा @ नापियो।", "अहिले @ छ।", "करिब @ रहेको छ।"]
