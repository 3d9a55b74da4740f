"""Counts what a reader of texts must never hear: ``python -m bench.read_aloud FILE``, a sentence a line.

Digits and symbols that are left for the engine; names of signs and letters among the phonemes that eSpeak makes of it,
which it says for a sign without a letter, a character that it does not know, or a word that it cannot say; and Latin
words that are neither English nor read as Nepali, which an English voice says as they stand.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.speech.espeak import Espeak
from app.speech.latin.words import is_english
from app.speech.normalise import spoken
from app.speech.pronunciation.respelling import respelt
from app.speech.voices import voice_named

_LEFT: Final = re.compile(
    "[^\u0901-\u0903\u0905-\u0939\u093e-\u0944\u0947\u0948\u094b-\u094d\u0950\u0960"
    "A-Za-z\u00c0-\u024f\u200c\u200d' ,.?!।]"
)
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]+(?:'[A-Za-z]+)*")
_SIGNS: Final = "ँंः़ऽािीुूृॄॅेैोौ्॒॑॓॔"
_UNKNOWN: Final = "l e t @ |"  # "letter", with which eSpeak begins the number of a character without a name
_SHORTEST_NAME: Final = 3  # phonemes; the name of ॉ is one vowel
_VOICE: Final = voice_named("np_rija")


def heard(engine: Espeak, words: str) -> Iterator[str]:
    """What of `words`, the result of `spoken`, is heard as the name of a sign or letter."""
    phonemes = _phonemes(engine, respelt(words))
    for sign, name in _names(engine):
        if name in phonemes:
            yield f"name of {sign}"
    if _UNKNOWN in phonemes:
        yield "number of a character"
    for word in set(_LATIN.findall(words)):
        if len(word) > 1 and _bare(engine, word) == " ".join(_bare(engine, letter) for letter in word):
            yield f"letters of {word}"


def left(words: str) -> list[str]:
    """Characters of `words` that no engine for Nepali is to be given."""
    return _LEFT.findall(words)


def unread(words: str) -> list[str]:
    """Latin words of `words` that are not known to be English."""
    return [word for word in _LATIN.findall(words) if not is_english(word.lower())]


@lru_cache(maxsize=1)
def _names(engine: Espeak) -> tuple[tuple[str, str], ...]:
    """What the engine says for each sign that stands alone behind a letter, by its own mouth."""
    found = ((sign, _phonemes(engine, f"क {sign}").split(" ", 2)[2]) for sign in _SIGNS)
    return tuple((sign, name) for sign, name in found if len(name.split()) >= _SHORTEST_NAME)


def _phonemes(engine: Espeak, text: str) -> str:
    """Without stress, which differs with what stands around."""
    return re.sub("[',]", "", " ".join(engine.phonemes(text, _VOICE)))


def _bare(engine: Espeak, text: str) -> str:
    return _phonemes(engine, text).replace("(en) ", "").replace(" (ne)", "")


def main() -> None:
    engine = Espeak()
    lines = [line for line in Path(sys.argv[1]).read_text("utf-8").splitlines() if line.strip()]
    found: dict[str, Counter[str]] = {"left": Counter(), "heard": Counter(), "unread": Counter()}
    for line in lines:
        words = spoken(line)
        found["left"].update(left(words))
        found["heard"].update(heard(engine, words))
        found["unread"].update(unread(words))
    print(f"{len(lines)} sentences")
    for kind, counts in found.items():
        print(f"{kind}: {counts.total()} {dict(counts.most_common(40))}")


if __name__ == "__main__":
    main()
