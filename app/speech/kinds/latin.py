"""Latin letters: abbreviations by their letters, Nepali words in Devanagari, English words as they are.

English words stay Latin because the engine says them in English. All that is decided word by word, so that the
result is left as it is when it is read again; only a name that is an English word too looks at its neighbours.
"""

import re
from typing import Final

from app.speech.kinds.patterns import LATIN
from app.speech.latin.capitals import AS_WORDS, SPELT
from app.speech.latin.romanised import is_syllabic, to_devanagari
from app.speech.latin.words import is_english, nepali

LETTERS: Final = {
    "a": "ए", "b": "बी", "c": "सी", "d": "डी", "e": "ई", "f": "एफ", "g": "जी", "h": "एच", "i": "आई", "j": "जे",
    "k": "के", "l": "एल", "m": "एम", "n": "एन", "o": "ओ", "p": "पी", "q": "क्यु", "r": "आर", "s": "एस", "t": "टी",
    "u": "यु", "v": "भी", "w": "डब्लु", "x": "एक्स", "y": "वाई", "z": "जेड",
}  # fmt: skip
"""Names of the letters, as Nepali speakers say them."""

_WORD: Final = re.compile(rf"[{LATIN}]+(?:'[{LATIN}]+)*")
_ANY: Final = re.compile(rf"[{LATIN}]")
_DOTTED: Final = re.compile(
    rf"(?<![{LATIN}])(?:[A-Za-z]\.){{2,6}}(?:[A-Za-z](?![{LATIN}]))?|(?<![{LATIN}])[A-Z](?:\.[A-Z]){{1,5}}(?![{LATIN}])"
)
_SAID_AS_WORDS: Final = frozenset(
    {"OK", "NO", "YES", "THE", "AND", "OR", "FOR", "NEW", "BUS", "TAX", "FEE", "SIR"}
)
_LONGEST_SPELT: Final = 5
_LONGEST_CAPITALS: Final = 7
_ALWAYS_SPELT: Final = 3
_NO_VOWEL: Final = re.compile("[^aeiou]+")
_PLURAL: Final = re.compile("[A-Z]{2,5}s")
_MIXED: Final = re.compile("[A-Z][a-z][A-Z]{1,4}|[A-Z]{1,4}[a-z][A-Z]{1,3}")  # MoHA, DoTM


def read(text: str) -> str:
    """``KYC`` is केवाईसी, ``Ram Bahadur`` राम बहादुर, ``please pay`` stays."""
    if not _ANY.search(text):
        return text
    if "." in text:
        text = _DOTTED.sub(lambda match: match[0].replace(".", "") + " ", text)
    return _WORD.sub(_said, text)


def guessed(text: str) -> list[str]:
    """The Latin words of `text` that are read by the rules of romanised Nepali, once each: nobody knows how well."""
    words = (match[0] for match in _WORD.finditer(text))
    return list(dict.fromkeys(word for word in words if _known(word) is None and to_devanagari(word.lower())))


def spelt(word: str) -> str:
    """The names of `word`'s letters, as one word; those without a name in Nepali are left out."""
    return "".join(LETTERS.get(letter, "") for letter in word.lower())


def _said(match: re.Match[str]) -> str:
    word = match[0]
    known = spelt(word) if _stands_alone(match) else _known(word)
    if known is not None:
        said = _as_name(match) or known if known.isascii() else known
    else:
        said = to_devanagari(word.lower()) or word
    return _placed(match, said) if said != word else word


def _known(word: str) -> str | None:
    """How `word` is said if that needs no guess; English words as they are, in lower case when all were capitals."""
    low = word.lower()
    if word in AS_WORDS:
        return AS_WORDS[word]
    if word in SPELT:
        return spelt(word)
    if len(word) == 1:
        return LETTERS.get(low, word)
    if _PLURAL.fullmatch(word):
        return spelt(word[:-1])
    if _MIXED.fullmatch(word) and not is_english(low) and nepali(low) is None:
        return spelt(word)
    written = nepali(low)
    if is_english(low) and not (word.isupper() and len(word) <= _ALWAYS_SPELT and _NO_VOWEL.fullmatch(low)):
        return low if word.isupper() else word
    if written is not None:
        return written
    if word.isupper() and _is_spelt(low):
        return spelt(word)
    if not word.isascii() or _NO_VOWEL.fullmatch(low):
        return spelt(word) if word.isascii() and len(word) <= _LONGEST_SPELT else word
    return None if to_devanagari(low) else word


def _is_spelt(low: str) -> bool:
    """Capitals that are no word: up to three letters, or so few that cannot be said together."""
    if len(low) <= _ALWAYS_SPELT:
        return True
    return (len(low) <= _LONGEST_CAPITALS and not is_syllabic(low)) or (
        len(low) <= _LONGEST_SPELT and to_devanagari(low) is None
    )


def _stands_alone(match: re.Match[str]) -> bool:
    """SEE is एसईई unless it is shouted among other words in capitals."""
    word = match[0]
    if not (word.isupper() and word.isascii() and 2 <= len(word) <= _ALWAYS_SPELT) or word in _SAID_AS_WORDS:
        return False
    beside = (
        match.string[max(0, match.start() - 12) : match.start()]
        + match.string[match.end() : match.end() + 12]
    )
    return is_english(word.lower()) and not re.search("[A-Z]{2}", beside)


def _as_name(match: re.Match[str]) -> str | None:
    """Man is मान before Bahadur: an English word that is a name too, capital, beside a name that is nothing else."""
    written = nepali(match[0].lower())
    if written is None or not match[0][0].isupper():
        return None
    before = re.findall(rf"([{LATIN}]+) $", match.string[max(0, match.start() - 40) : match.start()])
    after = re.match(rf" ([{LATIN}]+)", match.string[match.end() : match.end() + 40])
    beside = [*before, *([after[1]] if after else [])]
    names = (word.lower() for word in beside if word[0].isupper())
    return written if any(nepali(name) and not is_english(name) for name in names) else None


def _placed(match: re.Match[str], words: str) -> str:
    """`words` in place of `match`, parted from letters that touch it: H एक N."""
    text = match.string
    left = " " if text[match.start() - 1 : match.start()].isalpha() else ""
    right = " " if text[match.end() : match.end() + 1].isalpha() else ""
    return f"{left}{words}{right}"
