"""Writes the corpus: sentences of real kinds with what a Nepali speaker says, worked out without the product's code.

``python -m tests.speech.corpus.write [REFERENCE]`` writes ``*.tsv`` beside itself. The number words are typed in here;
each is compared with `digits-to-word-nepali` and, when the folder REFERENCE with the reading tests of
google/language-resources (``ne``, Apache-2.0) is given, with those. Spellings that differ only in a length that Nepali
does not pronounce count as the same. What a date, a phone number or a time becomes is written down here as a rule of
its own; where the product and this file disagree, a person looks.
"""

import sys
from pathlib import Path

from tests.speech.corpus import accounts, codes, health, moments, papers, quantities, spelling
from tests.speech.corpus.words import Pair, check, framed

HERE = Path(__file__).parent


def corpus() -> dict[str, list[Pair]]:
    """Every kind that is made from rules; the sentences of whole messages are written by hand in messages.tsv."""
    return {
        "money": list(framed(quantities.MONEY_FRAMES, quantities.money())),
        "numbers": list(framed(quantities.NUMBER_FRAMES, quantities.numbers())),
        "shares": list(framed(quantities.SHARE_FRAMES, quantities.shares())),
        "ordinals": list(framed(quantities.ORDINAL_FRAMES, quantities.ordinals())),
        "phones": list(framed(codes.PHONE_FRAMES, codes.phones())),
        "hotlines": list(codes.hotlines()),
        "codes": list(codes.codes()),
        "bikram": list(framed(moments.BIKRAM_FRAMES, moments.bikram())),
        "gregorian": list(framed(moments.GREGORIAN_FRAMES, moments.gregorian())),
        "times": list(framed(moments.TIME_FRAMES, moments.times())),
        "units": list(framed(quantities.UNIT_FRAMES, quantities.units())),
        "marked": list(framed(accounts.MARKED_FRAMES, accounts.marked())),
        "compound": list(framed(accounts.COMPOUND_FRAMES, accounts.compound())),
        "negative": list(framed(accounts.NEGATIVE_FRAMES, accounts.negative())),
        "doses": list(framed(health.DOSE_FRAMES, health.doses())),
        "blood": list(framed(health.BLOOD_FRAMES, health.blood())),
        "accounts": list(framed(papers.ACCOUNT_FRAMES, papers.accounts())),
        "plates": list(framed(papers.PLATE_FRAMES, papers.plates())),
        "files": list(framed(papers.FILE_FRAMES, papers.files())),
        "fiscal": list(framed(papers.FISCAL_FRAMES, papers.fiscal())),
        "stamps": list(framed(papers.STAMP_FRAMES, papers.stamps())),
        "touching": list(framed(papers.TOUCHING_FRAMES, papers.touching())),
        "signs": list(framed(spelling.SIGN_FRAMES, spelling.signs())),
        "visarga": list(framed(spelling.VISARGA_FRAMES, spelling.visarga())),
        "labels": list(framed(spelling.LABEL_FRAMES, spelling.labels())),
        "capitals": list(framed(spelling.CAPITAL_FRAMES, spelling.capitals())),
        "names": list(framed(spelling.NAME_FRAMES, spelling.names())),
        "romanised": list(framed(spelling.ROMANISED_FRAMES, spelling.romanised())),
    }


def main() -> None:
    check(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    for kind, pairs in corpus().items():
        lines = dict.fromkeys(f"{written}\t{said}" for written, said in pairs)
        (HERE / f"{kind}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{kind}: {len(lines)}")


if __name__ == "__main__":
    main()
