"""Telephones, hotlines, one-time passwords and accounts."""

from collections.abc import Iterator

from tests.speech.corpus.words import RANDOM, Pair, digit_by_digit, either


def phones() -> Iterator[Pair]:
    for index in range(44):
        number = f"9{RANDOM.choice('678')}{RANDOM.randrange(10**8):08}"
        said = digit_by_digit(number, 4, 3, 3)
        match index % 4:
            case 0:
                yield either(number), said
            case 1:
                yield f"+977{number}", f"प्लस नौ सात सात, {said}"
            case 2:
                yield (
                    either(f"{number[:3]}-{number[3:]}"),
                    f"{digit_by_digit(number[:3])}, {digit_by_digit(number[3:], 3, 4)}",
                )
            case _:
                yield f"+977-{number}", f"प्लस नौ सात सात, {said}"
    for index in range(24):
        area = RANDOM.choice(("01", "061", "021", "071", "025"))
        number = (
            str(RANDOM.randint(10**6, 10**7 - 1)) if area == "01" else str(RANDOM.randint(10**5, 10**6 - 1))
        )
        said = f"{digit_by_digit(area)}, {digit_by_digit(number, 3, len(number) - 3)}"
        yield (
            either(
                (
                    f"{area}-{number}",
                    f"({area}) {number}",
                    f"{area}{number}" if area == "0" else f"{area} {number}",
                )[index % 3]
            ),
            said,
        )


PHONE_FRAMES = [
    "थप जानकारीका लागि @ मा सम्पर्क गर्नुहोस्।",
    "सम्पर्क नम्बर @ हो।",
    "आपत् परेमा @ मा फोन गर्नुहोला।",
    "एम्बुलेन्स, @।",
]


def hotlines() -> Iterator[Pair]:
    for number in (
        "100",
        "101",
        "102",
        "103",
        "104",
        "1098",
        "1111",
        "1130",
        "1141",
        "1145",
        "1150",
        "1155",
        "1166",
        "1177",
        "1180",
    ):
        said = digit_by_digit(number)
        yield f"{either(number)} मा फोन गर्नुहोस्।", f"{said} मा फोन गर्नुहोस्।"
        yield f"हटलाइन नम्बर {either(number)}", f"हटलाइन नम्बर {said}"
        yield f"टोल फ्री नं. {either(number)} मा जानकारी दिनुहोस्।", f"टोल फ्री नम्बर {said} मा जानकारी दिनुहोस्।"


def codes() -> Iterator[Pair]:
    groups = {4: (4,), 5: (5,), 6: (3, 3), 8: (4, 4)}
    names = (
        ("तपाईंको OTP @ हो।", "तपाईंको ओटीपी @ हो।"),
        ("OTP: @", "ओटीपी, @"),
        ("प्रमाणीकरण कोड @ कसैलाई नदिनुहोस्।",) * 2,
        ("तपाईंको पासवर्ड @ हो।",) * 2,
        ("टोकन @ लिएर आउनुहोस्।",) * 2,
        ("Your OTP is @.", "Your ओटीपी is @."),
        ("PIN @", "पिन @"),
        ("कोड नं. @", "कोड नम्बर @"),
    )
    for index in range(56):
        size = (4, 6, 5, 8)[index % 4]
        number = f"{RANDOM.randrange(10**size):0{size}}"
        written, said = names[index % len(names)]
        yield written.replace("@", either(number)), said.replace("@", digit_by_digit(number, *groups[size]))
    long = {9: (3, 3, 3), 10: (4, 3, 3), 12: (4, 4, 4), 14: (4, 4, 4, 2), 16: (4, 4, 4, 4)}
    owners = (
        ("खाता नं. @ मा रकम जम्मा भयो।", "खाता नम्बर @ मा रकम जम्मा भयो।"),
        ("मिटर नं. @", "मिटर नम्बर @"),
        ("ग्राहक नम्बर @ को बिल तयार छ।",) * 2,
        ("A/C @", "खाता @"),
        ("PAN नं. @", "प्यान नम्बर @"),
        ("रोल नं. @ को नतिजा आयो।", "रोल नम्बर @ को नतिजा आयो।"),
        ("दर्ता नं. @", "दर्ता नम्बर @"),
    )
    for index in range(42):
        size = (9, 10, 12, 14, 16)[index % 5]
        number = str(RANDOM.randint(10 ** (size - 1), 10**size - 1))
        if number.startswith(("96", "97", "98")):
            number = f"1{number[1:]}"
        written, said = owners[index % len(owners)]
        yield written.replace("@", either(number)), said.replace("@", digit_by_digit(number, *long[size]))
