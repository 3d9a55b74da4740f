"""Doses, rain and blood groups. Long forms of the units as the Nepal Bureau of Standards and Metrology writes them."""

from collections.abc import Iterator

from tests.speech.corpus.words import RANDOM, Pair, either, words

_UNITS = {
    "मिलिलिटर": ("मि.ली.", "मि.लि.", "मि. लि.", "मिली", "मि.ली", "एम.एल.", "ml", "ML"),
    "मिलिग्राम": ("मि.ग्रा.", "मि. ग्रा.", "मिग्रा", "मि.ग्रा", "एम.जी.", "mg", "MG"),
    "मिलिमिटर": ("मि.मी.", "मि.मि.", "मिमी", "मि. मि.", "मिमि", "mm"),
    "सेन्टिमिटर": ("से.मी.", "से.मि.", "सेमी", "से. मी.", "cm"),
    "किलोग्राम": ("कि.ग्रा.", "किग्रा", "के.जी.", "kg"),
    "किलोमिटर": ("कि.मी.", "कि. मि.", "किमी", "km"),
}
_GROUPS = {"A": "ए", "B": "बी", "AB": "एबी", "O": "ओ", "ए": "ए", "बी": "बी", "एबी": "एबी", "ओ": "ओ"}
_SIGNS = {"+": "पोजिटिभ", "-": "नेगेटिभ"}


def doses() -> Iterator[Pair]:
    for said, spellings in _UNITS.items():
        for index, unit in enumerate(spellings):
            number = RANDOM.randint(2, 500)
            space = "" if index % 3 == 2 else " "
            yield f"{either(str(number))}{space}{unit}", f"{words(number)} {said}"
            if index % 2:
                low = RANDOM.randint(1, 40)
                yield f"{either(f'{low}-{low + 10}')} {unit}", f"{words(low)} देखि {words(low + 10)} {said}"
            else:
                yield f"{either('2.5')} {unit}", f"दुई दशमलव पाँच {said}"


DOSE_FRAMES = ["@ लिनुहोस्।", "आज @ मापन भयो।", "जम्मा @ चाहिन्छ।"]


def blood() -> Iterator[Pair]:
    shapes = ("@?ve", "@ ?ve", "@(?ve)", "@ (?)", "@?", "@(?)")
    index = 0
    for sign, word in _SIGNS.items():
        for group, said in _GROUPS.items():
            for shape in (shapes[index % 6], shapes[(index + 2) % 6]):
                yield shape.replace("@", group).replace("?", sign), f"{said} {word}"
            index += 1


BLOOD_FRAMES = ["तुरुन्त @ रगत चाहियो।", "रक्त समूह @ भएका दाता सम्पर्क गर्नुहोस्।"]
