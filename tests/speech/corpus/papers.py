"""Masked accounts, tax numbers, plates, files, fiscal years and stamps.

Shapes: alerts of Nepali banks quoted in public trackers of message parsers; schedule 6 of the Vehicle and Transport
Management Rules 2054; letters of municipalities. All are read digit by digit; stamps are converted by `zoneinfo`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.speech.corpus.moments import clock, part_of_day
from tests.speech.corpus.words import AD, RANDOM, Pair, digit_by_digit, either, nepali, words


def _digits(size: int) -> str:
    return f"{RANDOM.randrange(10**size):0{size}}"


def accounts() -> Iterator[Pair]:
    for index in range(36):
        first, last = _digits(3), _digits(4)
        both = f"{digit_by_digit(first)}, {digit_by_digit(last)}"
        written, said = (
            (f"****{last}", digit_by_digit(last)),
            (f"###{last}", digit_by_digit(last)),
            (f"XXXX{last}", digit_by_digit(last)),
            (f"{first}##{last}", both),
            (f"{first}XXXXX{last}", both),
            (f"{first}****{last}", both),
            (f"XXXX-XXXX-{last}", digit_by_digit(last)),
            (f"###XXXX{last}", digit_by_digit(last)),
            (f"**** **** **** {last}", digit_by_digit(last)),
        )[index % 9]
        yield f"खाता {nepali(written) if index % 2 else written} मा", f"खाता {said} मा"
    for index in range(12):
        last = _digits(4)
        label = ("अन्तिम चार अङ्क", "अन्तिम चार अङ्क:", "पछिल्ला चार अङ्क", "कार्डको अन्तिम चार अंक")[index % 4]
        yield f"{label} {either(last)} हो", f"{label.replace(':', ',')} {digit_by_digit(last)} हो"
    for index in range(12):
        number = str(RANDOM.randint(3 * 10**8, 6 * 10**8))
        label, said = (("PAN", "प्यान"), ("प्यान नं.", "प्यान नम्बर"), ("PAN No.", "प्यान नम्बर"))[index % 3]
        yield f"{label} {either(number)}", f"{said} {digit_by_digit(number, 3, 3, 3)}"


ACCOUNT_FRAMES = ["@"]


def plates() -> Iterator[Pair]:
    lots = ["प", "च", "ख", "ज", "झ"]
    for index in range(24):
        number, lot = _digits(4), lots[index % len(lots)]
        if index % 2:
            zone, row = ("बा", "लु", "को", "ना")[index // 2 % 4], RANDOM.randint(1, 99)
            yield (
                either(f"{zone} {row} {lot} {number}"),
                f"{zone} {words(row)} {lot} {digit_by_digit(number)}",
            )
        else:
            province, office, row = (
                str(RANDOM.randint(1, 7)),
                f"{RANDOM.randint(1, 9):02}",
                f"{RANDOM.randint(1, 60):03}",
            )
            said = ", ".join(map(digit_by_digit, (province, office, row)))
            sep = "- "[index // 2 % 2]
            yield (
                either(f"प्रदेश {province}{sep}{office}{sep}{row} {lot} {number}"),
                f"प्रदेश {said}, {lot} {digit_by_digit(number)}",
            )


PLATE_FRAMES = ["गाडी @ को जाँच भयो।", "सवारी @ को कर बाँकी छ।"]


def files() -> Iterator[Pair]:
    labels = (
        ("च.नं.", "चलानी नम्बर"), ("दर्ता नं.",) * 2, ("फाइल नं.",) * 2, ("प.सं.", "पत्र सङ्ख्या"), ("मुद्दा नं.",) * 2,
    )  # fmt: skip
    for index in range(30):
        label, *rest = labels[index % 5]
        said = (rest[0] if rest else label).replace("नं.", "नम्बर")
        parts = [
            (_digits(1), f"0{_digits(1)}", "081"),
            (_digits(3), "081", "82"),
            ("081", "82"),
            (_digits(2), f"0{_digits(2)}"),
        ][index % 4]
        sep = "-/"[index % 2] if len(parts) > 2 else "/"
        yield (
            f"{label} {either(sep.join(parts))} हेर्नुहोस्।",
            f"{said} {', '.join(map(digit_by_digit, parts))} हेर्नुहोस्।",
        )


FILE_FRAMES = ["@"]


def fiscal() -> Iterator[Pair]:
    for index in range(24):
        year = RANDOM.randint(2070, 2090)
        first, second = str(year), str(year + 1)
        label = ("आ.व.", "आ.व", "आर्थिक वर्ष", "FY")[index % 4]
        written = (
            f"{first[1:]}/{second[2:]}", f"{first}/{second[1:]}", f"{first[1:]}/{second[1:]}", f"{first}।{second[2:]}",
            f"{first}-{second[2:]}", f"{first[2:]}/{second[2:]}",
        )[index % 6]  # fmt: skip
        yield f"{label} {either(written)}", f"आर्थिक वर्ष {words(year)} {words((year + 1) % 100)}"


FISCAL_FRAMES = ["@ को कर बुझाउनुहोस्।", "@ को बजेट पारित भयो।", "@ मा सम्पन्न भयो।"]


def stamps() -> Iterator[Pair]:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    for index in range(36):
        instant = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * RANDOM.randrange(200_000))
        if index % 6 == 0:
            instant = instant.replace(hour=18, minute=15)
        local = instant.astimezone(kathmandu)
        written = (
            f"{instant:%Y-%m-%dT%H:%M:%S}.000Z", f"{instant:%Y-%m-%dT%H:%M:%S}Z", f"{instant:%Y-%m-%d %H:%M:%S}+00",
            f"{local:%Y-%m-%dT%H:%M:%S}+05:45", f"{instant:%Y-%m-%dT%H:%M}Z", f"{instant:%Y-%m-%d %H:%M:%S} UTC",
        )[index % 6]  # fmt: skip
        said = f"{words(local.year)} {AD[local.month - 1]} {words(local.day)}"
        if (local.hour, local.minute) != (0, 0):
            said += f", {part_of_day(local.hour)} {clock(local.hour % 12 or 12, local.minute)}"
        yield f"म्याद {written} सम्म", f"म्याद {said} सम्म"


STAMP_FRAMES = ["@"]


def touching() -> Iterator[Pair]:
    for index in range(30):
        hour, minute = RANDOM.randint(1, 12), RANDOM.choice((0, 15, 30, 45, RANDOM.randint(1, 59)))
        label, said = (
            ("समय:", "समय, "), ("समय–", "समय "), ("समय-", "समय "), ("समय:-", "समय, "),
            ("बिहान ", "बिहान "), ("समय : ", "समय, "),
        )[index % 6]  # fmt: skip
        colon = "ः" if index % 3 == 1 else ":"
        yield f"{label}{either(f'{hour}{colon}{minute:02}')} बजे सुरु", f"{said}{clock(hour, minute)} सुरु"


TOUCHING_FRAMES = ["@"]
