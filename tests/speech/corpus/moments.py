"""Dates of both calendars and times of day."""

from collections.abc import Iterator

from tests.speech.corpus.words import AD, BS, ENGLISH, RANDOM, Pair, either, words


def bikram() -> Iterator[Pair]:
    for index in range(84):
        year, month, day = RANDOM.randint(2055, 2090), RANDOM.randint(1, 12), RANDOM.randint(1, 29)
        said = f"{words(year)} {BS[month - 1]} {words(day)} गते"
        short = f"{BS[month - 1]} {words(day)} गते"
        name = BS[month - 1]
        written = (
            f"{year}/{month:02}/{day:02}",
            f"{year}-{month:02}-{day:02}",
            f"{year}.{month:02}.{day:02}",
            f"{year}/{month}/{day} गते",
            f"{year} {name} {day} गते",
            f"{name} {day} गते",
            f"{year:04}/{month:02}/{day:02} गते",
        )[index % 7]
        yield either(written), short if index % 7 == 5 else said
    for year in (2079, 2080, 2081, 2082):
        yield either(f"{year}/{(year + 1) % 100:02}"), f"{words(year)} {words((year + 1) % 100)}"
        yield f"वि.सं. {either(str(year))}", f"विक्रम संवत् {words(year)}"


BIKRAM_FRAMES = [
    "बिल बुझाउने अन्तिम मिति @ हो।",
    "परीक्षा @ देखि सुरु हुनेछ।",
    "निर्वाचन @ मा हुनेछ।",
    "खोप @ लगाइनेछ।",
    "@ सम्म म्याद थपिएको छ।",
]


def gregorian() -> Iterator[Pair]:
    for index in range(72):
        year, month, day = RANDOM.randint(1990, 2035), RANDOM.randint(1, 12), RANDOM.randint(1, 28)
        full = f"{words(year)} {AD[month - 1]} {words(day)}"
        name = ENGLISH[month - 1]
        day_first = f"{words(day)} {AD[month - 1]} {words(year)}"
        month_first = f"{AD[month - 1]} {words(day)} {words(year)}"
        ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day // 10 != 1 else 0, "th")
        yield (
            (f"{year}-{month:02}-{day:02}", full),
            (f"{day} {name} {year}", day_first),
            (f"{name} {day}, {year}", month_first),
            (f"{day}{ending} {name[:3]} {year}", day_first),
            (f"{year}/{month:02}/{day:02}", full),
            (f"{either(str(day))} {AD[month - 1]}", f"{words(day)} {AD[month - 1]}"),
        )[index % 6]
    for year in (1990, 2015, 2024, 2025):
        yield f"सन् {either(str(year))}", f"सन् {words(year)}"


GREGORIAN_FRAMES = ["कार्यक्रम @ मा छ।", "भिसाको म्याद @ सम्म छ।", "उडान मिति @ हो।"]


def times() -> Iterator[Pair]:
    for index in range(72):
        hour, minute = RANDOM.randint(1, 12), RANDOM.choice((0, 15, 30, 45, *RANDOM.sample(range(1, 60), 2)))
        said = clock(hour, minute)
        if index % 3 == 0:
            yield f"{either(f'{hour}:{minute:02}')} बजे", said
        elif index % 3 == 1:
            half = RANDOM.choice("ap")
            yield (
                f"{hour}:{minute:02} {half.upper()}M",
                f"{part_of_day(hour % 12 + (12 if half == 'p' else 0))} {said}",
            )
        else:
            late = RANDOM.randint(13, 23)
            yield either(f"{late}:{minute:02}"), f"{part_of_day(late)} {clock(late - 12, minute)}"
    for part, hour in (("बिहान", 6), ("साँझ", 5), ("राति", 9), ("दिउँसो", 2)):
        yield f"{part} {either(f'{hour}:30')} बजे", f"{part} {clock(hour, 30)}"
        yield f"{part} {either(str(hour))} बजे", f"{part} {clock(hour, 0)}"


def clock(hour: int, minute: int) -> str:
    """As people read a clock: quarters and halves by name, other minutes after the hour."""
    match minute:
        case 0:
            return f"{words(hour)} बजे"
        case 15:
            return f"सवा {words(hour)} बजे"
        case 30:
            return f"{ {1: 'डेढ', 2: 'अढाई'}.get(hour, f'साढे {words(hour)}') } बजे".strip()
        case 45:
            return f"पौने {words(hour % 12 + 1)} बजे"
    return f"{words(hour)} बजेर {words(minute)} मिनेट"


def part_of_day(hour: int) -> str:
    """Of an hour from 0 to 23."""
    return "बिहान" if 4 <= hour < 12 else "दिउँसो" if 12 <= hour < 16 else "साँझ" if 16 <= hour < 20 else "राति"


TIME_FRAMES = ["बैठक @ सुरु हुन्छ।", "बत्ती @ देखि काटिनेछ।", "बस @ छुट्छ।"]
